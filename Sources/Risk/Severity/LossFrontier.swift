import Foundation

/// The falls of all collateral that take a position from safe to liquidatable to a loss of its lenders.
public struct LossFrontier: Hashable, Sendable {
    /// The fall that makes it liquidatable: 1 − 1/HF.
    public var eligible: Double
    /// The fall from which a liquidation that pays the whole bonus no longer covers the debt: 1 − (1 + b)·LT/HF.
    public var bonusExhausted: Double
    /// The fall at which collateral is worth less than debt: 1 − LT/HF.
    public var insolvent: Double

    /// From the health, the mean liquidation threshold and the bonus; negative where the frontier has been passed.
    public init(health: Double, threshold: Double, bonus: Double) {
        eligible = 1 - 1 / health
        bonusExhausted = 1 - (1 + bonus) * threshold / health
        insolvent = 1 - threshold / health
    }

    /// Whether a liquidation makes the position worse: loan to value beyond 1 / (1 + b).
    ///
    /// Source: Warmuz, Chaudhary and Pinna, "Toxic liquidation spirals", arXiv 2212.07306.
    public static func isToxic(loanToValue: Double, bonus: Double) -> Bool { loanToValue * (1 + bonus) >= 1 }

    /// The loan to value from which a liquidation makes the position worse, where selling the collateral in a constant
    /// product pool moves the price that the oracle posts.
    ///
    /// - Parameters:
    ///   - depth: the collateral over what the pool holds of it, in value.
    ///   - passThrough: the share of the move that reaches the oracle.
    public static func toxicFrontier(bonus: Double, depth: Double = 0, passThrough: Double = 0) -> Double {
        1 / ((1 + bonus) * (1 + 2 * passThrough * depth))
    }

    /// Debt that stays after everything was sold at a price ratio; with `marking` the bonus is not counted as lost.
    public static func badDebt(
        debt: Double, collateral: Double, ratio: Double, bonus: Double, marking: Bool = false
    ) -> Double {
        max(0, debt - collateral * ratio / (marking ? 1 : 1 + bonus))
    }
}

/// An option to exchange one asset for another: the normal limit of the expected overshoot.
///
/// Source: Margrabe, "The value of an option to exchange one asset for another", 1978.
public enum Margrabe {
    /// The value of the right to give `other` for `one` after `years`.
    public static func value(_ one: Double, _ other: Double, volatility: Double, years: Double) -> Double {
        let spread = volatility * years.squareRoot()
        guard spread > 0, one > 0, other > 0 else { return max(0, one - other) }
        let d = (log(one / other) + spread * spread / 2) / spread
        return one * NormalLaw.below(d) - other * NormalLaw.below(d - spread)
    }

    /// The volatility of the ratio of two assets.
    public static func ratioVolatility(_ one: Double, _ other: Double, correlation: Double) -> Double {
        max(0, one * one + other * other - 2 * correlation * one * other).squareRoot()
    }
}
