import Foundation

/// How the distance of a position moves with prices: the weights of dX in d ln P.
public struct Exposure: Hashable, Sendable {
    /// The logarithm of weighted collateral over debt: zero at the line.
    public var distance: Double
    /// The weight of each price; all of them add up to zero over assets, so the currency of prices does not matter.
    public var weights: [Double]

    /// Makes an exposure.
    public init(distance: Double, weights: [Double]) {
        self.distance = distance
        self.weights = weights
    }

    /// From what counts for and against the position in each asset, in one currency; `nil` without either.
    public init?(collateral: [Double], debt: [Double]) {
        let n = collateral.reduce(0, +)
        let m = debt.reduce(0, +)
        guard n > 0, m > 0, n.isFinite, m.isFinite, collateral.count == debt.count else { return nil }
        distance = log(n / m)
        weights = zip(collateral, debt).map { $0 / n - $1 / m }
    }

    /// The volatility of the distance, annualised.
    public func volatility(_ volatilities: [Double], _ correlations: Correlations) -> Double {
        var variance = 0.0
        for i in weights.indices {
            for j in weights.indices {
                variance +=
                    weights[i] * weights[j] * correlations.values[i][j] * volatilities[i] * volatilities[j]
            }
        }
        return max(0, variance).squareRoot()
    }

    /// The distance in deviations of a horizon, an adverse drift taken off first; infinite where nothing moves.
    public func sigmas(volatility: Double, drift: Double = 0, within years: Double) -> Double {
        let left = distance + min(0, drift * years)
        guard left > 0 else { return 0 }
        let spread = volatility * years.squareRoot()
        return spread > 0 ? left / spread : .infinity
    }
}

/// The volatility of a ratio of two sums of lognormal prices, by matching their moments: where several legs make the
/// first order inexact.
///
/// Source: Fenton, "The sum of log-normal probability distributions in scatter transmission systems", 1960.
public enum MomentMatching {
    /// The deviation of the logarithm of the ratio over a horizon.
    ///
    /// - Parameters:
    ///   - collateral, debt: what counts in each asset.
    ///   - covariance: annualised, of logarithms of prices.
    public static func deviation(
        collateral: [Double], debt: [Double], covariance: [[Double]], within years: Double
    ) -> Double {
        func matched(_ a: [Double], _ b: [Double]) -> Double {
            let scale = a.reduce(0, +) * b.reduce(0, +)
            guard scale > 0 else { return 0 }
            var sum = 0.0
            for i in a.indices {
                for j in b.indices { sum += a[i] * b[j] * expm1(covariance[i][j] * years) }
            }
            return log1p(sum / scale)
        }
        let variance = matched(collateral, collateral) + matched(debt, debt) - 2 * matched(collateral, debt)
        return max(0, variance).squareRoot()
    }
}
