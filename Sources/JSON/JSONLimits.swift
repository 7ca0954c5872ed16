/// How much of a JSON text is read before it is refused.
public struct JSONLimits: Hashable, Sendable {
    /// Bytes of the whole text; at most 2^31 − 1 whatever is asked.
    public var bytes: Int
    /// Containers inside one another; at most 512 whatever is asked.
    public var depth: Int
    /// Values in the whole text, member names included.
    public var elements: Int

    /// Makes limits; each is an inclusive maximum.
    public init(bytes: Int, depth: Int, elements: Int) {
        self.bytes = min(bytes, Int(Int32.max))
        self.depth = min(depth, 512)
        self.elements = elements
    }

    /// What one RPC answer may hold: 64 MiB, 32 levels, 16 million values.
    public static let `default` = JSONLimits(bytes: 64 << 20, depth: 32, elements: 16 << 20)
    /// What a file written by a person may hold: 4 MiB, 16 levels, 100,000 values.
    public static let file = JSONLimits(bytes: 4 << 20, depth: 16, elements: 100_000)
}
