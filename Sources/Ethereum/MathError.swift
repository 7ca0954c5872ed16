/// Why an exact computation has no result: where the EVM would revert, the caller gets this instead.
public enum MathError: Error, Equatable, Sendable {
    /// The result does not fit the type: below zero or above its maximum.
    case overflow
    /// The divisor is zero.
    case divisionByZero
}

/// The direction in which a quotient that is not whole is rounded.
public enum Rounding: Sendable, CaseIterable {
    /// Towards zero.
    case down
    /// Away from zero.
    case up
    /// To the nearest whole number, halves away from zero.
    case halfUp
}
