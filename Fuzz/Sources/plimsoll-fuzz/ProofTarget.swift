import Ethereum

/// Nodes of a trie: whatever is made of a proof, it is refused or says the truth; under a root of its own it ends.
struct ProofTarget: FuzzTarget {
    static let name = "proof"

    private struct Case {
        let root: Hash32
        let key: [UInt8]
        let value: [UInt8]
        let nodes: [[UInt8]]
    }

    private let cases: [Case]
    private let words: [[UInt8]] = [
        [0x80], [0xc0], [0x00], [0x20], [0x3f], [0x40], [0xc1, 0x80], [0xc2, 0x20, 0x01], [0xe2, 0x82, 0x00],
        [0xd1] + [UInt8](repeating: 0x80, count: 17), [0xa0] + [UInt8](repeating: 0, count: 32), [0xf8, 0x38],
    ]

    init(seed: UInt64) {
        var random = FuzzRandom(seed: seed, input: .max)
        cases = (0..<64).map { _ in ProofTarget.path(&random) }
    }

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let chosen = random.pick(cases)
        var nodes = chosen.nodes
        let at = random.below(nodes.count)
        switch random.below(6) {
        case 0: nodes.removeSubrange(at...)
        case 1: nodes.insert(nodes[at], at: at)
        case 2: nodes.swapAt(at, random.below(nodes.count))
        default:
            nodes[at] = Mutator.mutate(nodes[at], with: random.pick(random.pick(cases).nodes), words: words, &random)
        }
        // Under the true root: the truth, or nothing.
        if let outcome = attempt(chosen.root, chosen.key, nodes), outcome != .present(chosen.value) {
            throw Violation("a proof says something else", nodes.flatMap { $0 })
        }
        // Under a root that names the changed node, as an attacker's would: an end, whatever it is.
        guard let first = nodes.first else { return false }
        return attempt(Keccak256.hash(first), chosen.key, nodes) != nil
    }

    private func attempt(_ root: Hash32, _ key: [UInt8], _ nodes: [[UInt8]]) -> MerkleProof.Outcome? {
        do {
            return try MerkleProof.verify(root: root, key: key, nodes: nodes)
        } catch {
            _ = error.description
            return nil
        }
    }

    /// A path of branches and extensions down to a leaf, built from the leaf up; its siblings are random.
    private static func path(_ random: inout FuzzRandom) -> Case {
        let key = random.bytes(random.pick([2, 4, 32]))
        let value = random.bytes(random.pick([1, 4, 33]))
        var rest = key.flatMap { [$0 >> 4, $0 & 15] }
        let suffix = random.below(min(rest.count, 40))
        var item = RLP.list([.bytes(hexPrefix(rest.suffix(suffix), 0x20)), .bytes(value)])
        rest.removeLast(suffix)
        var nodes: [[UInt8]] = []
        while !rest.isEmpty {
            let encoded = item.encoded()
            let child: RLP = encoded.count < 32 ? item : .hash(Keccak256.hash(encoded))
            if encoded.count >= 32 { nodes.insert(encoded, at: 0) }
            let count = 1 + random.below(rest.count)
            if random.below(2) == 0 || nodes.count > 40 {
                item = .list([.bytes(hexPrefix(rest.suffix(count), 0)), child])
                rest.removeLast(count)
            } else {
                var items = (0..<16).map { _ in
                    random.below(3) == 0 ? RLP.hash(Keccak256.hash(random.bytes(4))) : .bytes([])
                }
                items[Int(rest.removeLast())] = child
                item = .list(items + [.bytes([])])
            }
        }
        nodes.insert(item.encoded(), at: 0)
        return Case(root: Keccak256.hash(nodes[0]), key: key, value: value, nodes: nodes)
    }

    private static func hexPrefix(_ nibbles: ArraySlice<UInt8>, _ flag: UInt8) -> [UInt8] {
        let isOdd = nibbles.count % 2 == 1
        var bytes = [isOdd ? flag | 0x10 | nibbles[nibbles.startIndex] : flag]
        var place = nibbles.startIndex + (isOdd ? 1 : 0)
        while place < nibbles.endIndex {
            bytes.append(nibbles[place] << 4 | nibbles[place + 1])
            place += 2
        }
        return bytes
    }
}
