public import Ethereum

/// What what is sold costs, in the token that is bought: `numerator` for every `denominator`, rounded up.
public struct SwapCost: Hashable, Sendable {
    /// What is paid.
    public let numerator: UInt256
    /// For so much of what is sold.
    public let denominator: UInt256

    /// Makes a cost.
    ///
    /// - Throws: `.divisionByZero` where nothing is sold.
    public init(_ numerator: UInt256, per denominator: UInt256) throws(MathError) {
        guard !denominator.isZero else { throw .divisionByZero }
        self.numerator = numerator
        self.denominator = denominator
    }

    /// What `amount` costs, up.
    public func of(_ amount: UInt256) throws(MathError) -> UInt256 {
        try UInt256.mulDiv(amount, numerator, denominator, .up)
    }
}

/// How much a route takes without a loss.
public struct SwapDepth: Hashable, Sendable {
    /// The largest amount that brings at least what it costs.
    public let amount: UInt256
    /// Whether there may be more, beyond what was read of a pool.
    public let isAtLeast: Bool
}
