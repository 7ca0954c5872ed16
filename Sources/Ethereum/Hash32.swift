/// 32 bytes that name something: a block, a topic, a storage slot.
@frozen
public struct Hash32: Hashable, Sendable {
    /// The bytes as a big-endian number.
    public let word: UInt256

    /// Makes a hash from its big-endian number.
    @inlinable
    public init(word: UInt256) {
        self.word = word
    }
}
