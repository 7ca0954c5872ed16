/// The 2048-bit filter over the addresses and topics of a block's logs, or of a receipt's.
///
/// What is not in it is in none of those logs; what is in it may be.
/// Source: Ethereum yellow paper, section 4.3.1.
public struct LogsBloom: Sendable {
    /// Bits 64·i to 64·i + 63, the lowest first; bit 0 is the lowest of the last byte.
    private var words = InlineArray<32, UInt64>(repeating: 0)

    /// Makes the filter of no logs.
    public init() {}

    /// Reads exactly 256 bytes, otherwise `nil`.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 256 else { return nil }
        for index in 0..<256 {
            words[31 - index / 8] |= UInt64(bytes[index]) << UInt64(56 - 8 * (index & 7))
        }
    }

    /// The 256 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        for index in (0..<32).reversed() { words[index].append(to: &bytes) }
        return bytes
    }

    /// The three bits that stand for an address or a topic; kept by who looks for it in many blocks.
    public struct Bits: Hashable, Sendable {
        let first: UInt16
        let second: UInt16
        let third: UInt16

        /// The bits of an address.
        public init(_ address: Address) {
            self.init(hash: Keccak256.hash(address.bytes))
        }

        /// The bits of a topic.
        public init(_ topic: Hash32) {
            self.init(hash: Keccak256.hash(topic.bytes))
        }

        private init(hash: Hash32) {
            let word = hash.word.word3
            first = UInt16(truncatingIfNeeded: word >> 48) & 2047
            second = UInt16(truncatingIfNeeded: word >> 32) & 2047
            third = UInt16(truncatingIfNeeded: word >> 16) & 2047
        }
    }

    /// Adds what `bits` stand for.
    public mutating func add(_ bits: Bits) {
        set(bits.first)
        set(bits.second)
        set(bits.third)
    }

    /// Adds one log: its address and its topics.
    public mutating func add(address: Address, topics: [Hash32]) {
        add(Bits(address))
        for topic in topics { add(Bits(topic)) }
    }

    /// Adds everything that `other` holds.
    public mutating func formUnion(_ other: LogsBloom) {
        for index in 0..<32 { words[index] |= other.words[index] }
    }

    /// Whether what `bits` stand for may be in a log; false is certain.
    public func mayContain(_ bits: Bits) -> Bool {
        isSet(bits.first) && isSet(bits.second) && isSet(bits.third)
    }

    /// Whether a log of this contract may be there; false is certain.
    public func mayContain(_ address: Address) -> Bool { mayContain(Bits(address)) }

    /// Whether a log with this topic may be there; false is certain.
    public func mayContain(_ topic: Hash32) -> Bool { mayContain(Bits(topic)) }

    private mutating func set(_ bit: UInt16) {
        words[Int(bit >> 6)] |= 1 << UInt64(bit & 63)
    }

    private func isSet(_ bit: UInt16) -> Bool {
        words[Int(bit >> 6)] & 1 << UInt64(bit & 63) != 0
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogsBloom: Hashable {
    public static func == (a: LogsBloom, b: LogsBloom) -> Bool {
        (0..<32).allSatisfy { a.words[$0] == b.words[$0] }
    }

    public func hash(into hasher: inout Hasher) {
        for index in 0..<32 { hasher.combine(words[index]) }
    }
}
