import Foundation

/// The standard normal law, accurate far into its tails.
public enum NormalLaw {
    /// The density.
    public static func density(_ z: Double) -> Double { exp(-z * z / 2) / (2 * Double.pi).squareRoot() }

    /// The probability of at most `z`.
    public static func below(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The logarithm of `below`: by the complementary error function above −8, by the asymptotic series below.
    ///
    /// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.12.
    public static func logBelow(_ z: Double) -> Double {
        guard z <= -8 else { return log(below(z)) }
        let square = 1 / (z * z)
        return -z * z / 2 - log(-z * (2 * Double.pi).squareRoot())
            + log(1 - square + 3 * square * square - 15 * square * square * square)
    }

    /// The `z` that is not exceeded with probability `p`, by bisection of `below`; infinite at 0 and 1.
    public static func quantile(_ p: Double) -> Double {
        guard p > 0 else { return -.infinity }
        guard p < 1 else { return .infinity }
        var low = -40.0
        var high = 40.0
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if below(middle) < p { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The mean of what exceeds the quantile at `level` (the expected shortfall of a standard normal loss).
    public static func shortfall(_ level: Double) -> Double { density(quantile(level)) / (1 - level) }
}
