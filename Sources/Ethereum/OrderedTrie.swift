/// The trie that maps `rlp(index)` to the index's value: its root is how a header names its transactions and receipts.
///
/// Source: Ethereum yellow paper, sections 4.3.2 and 4.4.3, appendix D.
public enum OrderedTrie {
    /// The root over `values`, in their order.
    public static func root(of values: [[UInt8]]) -> Hash32 {
        root(count: values.count) { index, output in output.append(contentsOf: values[index]) }
    }

    /// The root over `count` values, each asked for once and appended to an empty buffer.
    ///
    /// Values are not asked for in order: 0 comes after 127, as its key does. Memory is that of one path.
    public static func root(count: Int, value: (Int, inout [UInt8]) -> Void) -> Hash32 {
        guard count > 0 else { return MerkleProof.emptyRoot }
        var builder = Builder(count: count)
        return builder.node(0..<count, 0, value).hash
    }
}

extension OrderedTrie {
    /// `rlp(index)` as at most 18 half bytes, the first of them highest. No key begins another.
    struct Key {
        private let bits: UInt64
        let count: Int

        init(_ index: Int) {
            let number = UInt64(index)
            if (1..<0x80).contains(number) {
                bits = number << 56
                count = 2
            } else {
                let length = UInt64(64 - number.leadingZeroBitCount + 7) / 8
                precondition(length < 8, "an index has fewer than 57 bits")
                bits = (0x80 + length) << 56 | number << (56 - 8 * length)
                count = Int(2 + 2 * length)
            }
        }

        subscript(nibble: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits >> UInt64(60 - 4 * nibble)) & 15 }
    }

    /// A node: its RLP in two parts, so that a long value is hashed where it lies.
    private struct Node {
        var head: [UInt8]
        var tail: [UInt8] = []

        var hash: Hash32 {
            var hasher = Keccak256()
            hasher.update(head.span)
            hasher.update(tail.span)
            return hasher.finalize()
        }

        /// Appends how its parent names it: itself where it is shorter than a hash.
        func appendReference(to bytes: inout [UInt8]) {
            if head.count + tail.count < 32 {
                bytes += head
                bytes += tail
            } else {
                bytes.append(0xA0)
                hash.word.append(to: &bytes)
            }
        }
    }

    private struct Builder {
        let count: Int

        /// The index whose key is at a place in the order of keys: 1 to 127, then 0, then the rest.
        private func index(_ position: Int) -> Int {
            let zero = min(count, 128) - 1
            return position < zero ? position + 1 : position == zero ? 0 : position
        }

        private func key(_ position: Int) -> Key { Key(index(position)) }

        /// The node over the keys at `range`, which agree on their first `depth` half bytes. Calls itself at most as
        /// deep as a key is long.
        mutating func node(_ range: Range<Int>, _ depth: Int, _ value: (Int, inout [UInt8]) -> Void) -> Node {
            let first = key(range.lowerBound)
            if range.count == 1 {
                var bytes: [UInt8] = []
                value(index(range.lowerBound), &bytes)
                var payload: [UInt8] = []
                append(path: first, depth..<first.count, isLeaf: true, to: &payload)
                RLPWriter.appendPrefix(of: bytes, to: &payload)
                return list(payload, tail: bytes)
            }
            let last = key(range.upperBound - 1)
            var end = depth
            while first[end] == last[end] { end += 1 }
            if end > depth {
                var payload: [UInt8] = []
                append(path: first, depth..<end, isLeaf: false, to: &payload)
                node(range, end, value).appendReference(to: &payload)
                return list(payload)
            }
            return branch(range, depth, value)
        }

        private mutating func branch(
            _ range: Range<Int>, _ depth: Int, _ value: (Int, inout [UInt8]) -> Void
        ) -> Node {
            var payload: [UInt8] = []
            var start = range.lowerBound
            for nibble in 0..<UInt8(16) {
                var stop = start
                while stop < range.upperBound, key(stop)[depth] == nibble { stop += 1 }
                if stop == start {
                    payload.append(0x80)
                } else {
                    node(start..<stop, depth + 1, value).appendReference(to: &payload)
                }
                start = stop
            }
            // No key ends where another goes on, so that a branch has no value of its own.
            payload.append(0x80)
            return list(payload)
        }

        private func list(_ payload: [UInt8], tail: [UInt8] = []) -> Node {
            var head: [UInt8] = []
            RLPWriter.appendPrefix(payload: payload.count + tail.count, short: 0xC0, to: &head)
            return Node(head: head + payload, tail: tail)
        }

        /// Appends a part of a key, hex-prefix encoded, as an RLP string.
        private func append(path key: Key, _ range: Range<Int>, isLeaf: Bool, to bytes: inout [UInt8]) {
            var encoded: [UInt8] = [isLeaf ? 0x20 : 0]
            var place = range.lowerBound
            if !range.count.isMultiple(of: 2) {
                encoded[0] |= 0x10 | key[place]
                place += 1
            }
            while place < range.upperBound {
                encoded.append(key[place] << 4 | key[place + 1])
                place += 2
            }
            RLPWriter.appendPrefix(of: encoded, to: &bytes)
            bytes += encoded
        }
    }
}
