import Foundation

/// When a Brownian motion with drift first falls to a barrier: the textbook baseline, which a record shows and no order
/// uses.
///
/// Thin tails understate small probabilities several hundredfold (docs/risk.md).
/// Source: the reflection principle; Borodin and Salminen, "Handbook of Brownian Motion", 2.2.0.2.
public struct GaussianPassage: Sendable {
    /// The distance to the barrier in logarithms of price, above zero.
    public var distance: Double
    /// The volatility of the distance in a year.
    public var volatility: Double
    /// The drift of the distance in a year.
    public var drift: Double

    /// Makes a walk.
    public init(distance: Double, volatility: Double, drift: Double = 0) {
        self.distance = distance
        self.volatility = volatility
        self.drift = drift
    }

    /// The probability that the barrier is reached within `years`.
    public func probability(within years: Double) -> Double {
        guard distance > 0 else { return 1 }
        guard years > 0 else { return 0 }
        guard volatility > 0 else { return distance + drift * years <= 0 ? 1 : 0 }
        let spread = volatility * years.squareRoot()
        let direct = exp(NormalLaw.logBelow((-distance - drift * years) / spread))
        let exponent = -2 * drift * distance / (volatility * volatility)
        let reflected = exp(exponent + NormalLaw.logBelow((-distance + drift * years) / spread))
        return min(1, max(0, direct + reflected))
    }

    /// The density of the time of the first passage, per year.
    public func density(at years: Double) -> Double {
        guard years > 0, distance > 0, volatility > 0 else { return 0 }
        let variance = volatility * volatility
        let miss = distance + drift * years
        return distance / (volatility * (2 * Double.pi * years * years * years).squareRoot())
            * exp(-miss * miss / (2 * variance * years))
    }

    /// The mean time of the first passage in years; infinite unless the drift leads to the barrier.
    public var meanTime: Double { drift < 0 ? distance / -drift : .infinity }

    /// The probability that a Brownian bridge between two distances above the barrier reached it within `years`.
    public static func bridge(from: Double, to: Double, volatility: Double, years: Double) -> Double {
        guard from > 0, to > 0 else { return 1 }
        guard volatility > 0, years > 0 else { return 0 }
        return exp(-2 * from * to / (volatility * volatility * years))
    }
}

/// A barrier that is looked at now and then is farther away than one that is always watched.
///
/// Source: Broadie, Glasserman and Kou, "A continuity correction for discrete barrier options", 1997.
public enum DiscreteShift {
    /// −ζ(1/2) / √(2π).
    public static let beta = 0.582_597_157_939_010_6

    /// The distance as it is for an observer who looks every `years`; unchanged where the barrier is within two
    /// deviations of a single look, for which the correction does not hold.
    public static func shifted(_ distance: Double, volatility: Double, every years: Double) -> Double {
        let step = volatility * years.squareRoot()
        return distance < 2 * step ? distance : distance + beta * step
    }
}
