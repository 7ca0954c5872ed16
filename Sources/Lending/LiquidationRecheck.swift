public import Chain

/// One call by which a keeper makes sure, before sending, that a position can still be liquidated.
public struct LiquidationRecheck: Hashable, Sendable {
    /// The call; anybody may make it.
    public var call: Call
    /// Its function, as its signature.
    public var function: String
    /// Which word of the answer, from zero, and what has to hold of it: `word 5 < 1000000000000000000`.
    public var condition: String

    /// Makes a check.
    public init(_ call: Call, function: String, condition: String) {
        self.call = call
        self.function = function
        self.condition = condition
    }
}
