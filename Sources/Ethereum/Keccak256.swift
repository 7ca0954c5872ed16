/// Keccak-256 as Ethereum uses it: the hash submitted to NIST, with the padding byte 0x01, not SHA3-256.
///
/// Feed it in pieces with `update`, then read `finalize`; `hash` does both for a whole message.
public struct Keccak256: Sendable {
    /// Bytes absorbed by one permutation.
    static let rate = 136

    private var state = KeccakState()
    private var filled = 0

    /// Makes the hash of nothing yet.
    public init() {}

    /// Absorbs bytes.
    public mutating func update(_ bytes: borrowing Span<UInt8>) {
        // SAFETY: `UInt8` has no padding; the view is read inside the bounds below.
        let raw = unsafe bytes.bytes
        var offset = 0
        while offset < raw.byteCount {
            let left = raw.byteCount &- offset
            if filled & 7 == 0, left >= 8 {
                // Whole lanes: no lane is split between two messages.
                let count = Swift.min(left, Keccak256.rate &- filled) / 8
                for lane in 0..<count {
                    // SAFETY: `count` lanes are at most the bytes left in the span.
                    let word = unsafe raw.unsafeLoadUnaligned(
                        fromByteOffset: offset &+ 8 &* lane, as: UInt64.self)
                    state.lanes[filled / 8 &+ lane] ^= UInt64(littleEndian: word)
                }
                offset &+= 8 &* count
                filled &+= 8 &* count
            } else {
                absorb(bytes[offset])
                offset &+= 1
            }
            if filled == Keccak256.rate {
                state.permute()
                filled = 0
            }
        }
    }

    /// Absorbs bytes.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        // SAFETY: the buffer becomes a span at once, which cannot leave the closure.
        let absorbed: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            unsafe update(buffer.span)
        }
        if absorbed == nil {
            for byte in bytes {
                absorb(byte)
                if filled == Keccak256.rate {
                    state.permute()
                    filled = 0
                }
            }
        }
    }

    /// The hash of everything absorbed; the state is unchanged, so more may follow.
    public func finalize() -> Hash32 {
        var last = state
        last.lanes[filled / 8] ^= 1 &<< UInt64(8 &* (filled & 7))
        last.lanes[16] ^= 1 &<< 63
        last.permute()
        return Hash32(
            word: UInt256(
                words: last.lanes[3].byteSwapped, last.lanes[2].byteSwapped, last.lanes[1].byteSwapped,
                last.lanes[0].byteSwapped))
    }

    /// The hash of a message.
    public static func hash(_ bytes: some Sequence<UInt8>) -> Hash32 {
        var hasher = Keccak256()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of a message.
    public static func hash(_ bytes: borrowing Span<UInt8>) -> Hash32 {
        var hasher = Keccak256()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of two words: the storage slot of a mapping's entry, `keccak256(key ‖ slot)`.
    public static func hash(_ first: UInt256, _ second: UInt256) -> Hash32 {
        var hasher = Keccak256()
        hasher.state.lanes[0] = first.word3.byteSwapped
        hasher.state.lanes[1] = first.word2.byteSwapped
        hasher.state.lanes[2] = first.word1.byteSwapped
        hasher.state.lanes[3] = first.word0.byteSwapped
        hasher.state.lanes[4] = second.word3.byteSwapped
        hasher.state.lanes[5] = second.word2.byteSwapped
        hasher.state.lanes[6] = second.word1.byteSwapped
        hasher.state.lanes[7] = second.word0.byteSwapped
        hasher.filled = 64
        return hasher.finalize()
    }

    private mutating func absorb(_ byte: UInt8) {
        state.lanes[filled / 8] ^= UInt64(byte) &<< UInt64(8 &* (filled & 7))
        filled &+= 1
    }
}
