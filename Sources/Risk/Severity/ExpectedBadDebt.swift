import Foundation

/// What lenders lose of each unit of debt when a price jumps over the line before a keeper acts.
///
/// On a continuous path with a keeper at work there is no bad debt while LT·(1 + b) < 1: the loss is the overshoot beyond
/// y = −ln(LT·(1 + b)). E[(1 − e^{y−U})⁺] = ∫ e^{y−u} P(U > u) du from y on.
public struct Overshoot: Sendable {
    /// The law of the fall in one latency, in its deviations.
    public enum Law: Sendable {
        /// The table, closes over one hour.
        case table
        /// Its generalised Pareto tail alone.
        case tail
        /// A normal law with half the variance as its mean, for which the loss is that of Margrabe.
        case normal
    }

    /// The volatility of the distance in a year.
    public var volatility: Double
    /// The latency in years: from 5 minutes to a day.
    public var latency: Double
    /// The law.
    public var law: Law

    /// How long a keeper takes at least and at most, in years.
    public static let shortest = 5.0 / 60 / Horizon.hoursPerYear
    /// The longest wait.
    public static let longest = 24 / Horizon.hoursPerYear
    /// How many deviations beyond `y` count: what is rarer is rarer than anything in the table.
    public static let reach = 60.0

    /// Makes a law; the latency is brought within its bounds.
    public init(volatility: Double, latency: Double, law: Law = .table) {
        self.volatility = volatility
        self.latency = min(Overshoot.longest, max(Overshoot.shortest, latency))
        self.law = law
    }

    /// The loss for each unit of debt, given that the line was reached.
    public func loss(threshold: Double, bonus: Double) -> Double {
        loss(beyond: -log(threshold * (1 + bonus)))
    }

    /// The same for `y` itself; what has been passed already is lost for certain.
    func loss(beyond y: Double) -> Double {
        let spread = volatility * latency.squareRoot()
        guard spread > 0 else { return y < 0 ? 1 - exp(y) : 0 }
        let from = max(0, y)
        let certain = y < 0 ? 1 - exp(y) : 0
        // Panels that grow with the distance: the law is steep at its beginning and flat at its end.
        let edges = [0.0, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, Overshoot.reach]
        var sum = 0.0
        for (a, b) in zip(edges, edges.dropFirst()) {
            sum += GaussLegendre.integral(from: a * spread, to: b * spread) { v in
                exp(-v + (y - from)) * exceeding(from + v, spread)
            }
        }
        return min(1, certain + sum)
    }

    private func exceeding(_ u: Double, _ spread: Double) -> Double {
        switch law {
        case .table: MinimumTable(.close, .hour).probability(u / spread)
        case .tail: MinimumTable(.close, .hour).tail.exceeding(u / spread)
        case .normal: NormalLaw.below(-(u - spread * spread / 2) / spread)
        }
    }
}

/// The expected bad debt of a position, from its four causes.
public struct ExpectedBadDebt: Hashable, Sendable {
    /// Prices that jump over the line while keepers wait.
    public var gap: Double
    /// Positions that nobody closes because it does not pay.
    public var stuck: Double
    /// Pegs that are lost at once.
    public var depeg: Double
    /// Positions that liquidation makes worse.
    public var toxic: Double

    /// The sum.
    public var total: Double { gap + stuck + depeg + toxic }

    /// Puts the causes together.
    ///
    /// - Parameters:
    ///   - debt: in any unit; the result is in the same.
    ///   - probability: of liquidation within the horizon.
    ///   - overshoot: the loss for each unit of debt during the latency.
    ///   - isProfitable: whether somebody will close it.
    ///   - drift: the loss for each unit of debt where nobody does until the horizon ends.
    ///   - depegging: the probability of a jump, and its loss for each unit of debt.
    ///   - isToxic: whether liquidation makes it worse; what collateral does not cover is then lost.
    ///   - shortfall: debt that collateral at market prices less the bonus does not cover now.
    public init(
        debt: Double, probability: Double, overshoot: Double, isProfitable: Bool, drift: Double,
        depegging: (probability: Double, loss: Double) = (0, 0), isToxic: Bool = false, shortfall: Double = 0
    ) {
        toxic = isToxic ? min(debt, shortfall) : 0
        // What is lost already cannot be lost again.
        let rest = debt - toxic
        gap = isToxic ? 0 : rest * probability * overshoot
        stuck = isProfitable || isToxic ? 0 : rest * probability * drift
        depeg = rest * depegging.probability * depegging.loss
    }
}

/// Integrals by twenty points on each panel.
enum GaussLegendre {
    static let points: [(x: Double, weight: Double)] = nodes(20)

    static func integral(from a: Double, to b: Double, _ f: (Double) -> Double) -> Double {
        let half = (b - a) / 2
        let middle = (a + b) / 2
        return half * points.reduce(0.0) { $0 + $1.weight * f(middle + half * $1.x) }
    }

    /// The roots of a Legendre polynomial by Newton's method, and their weights.
    private static func nodes(_ count: Int) -> [(x: Double, weight: Double)] {
        (1...count).map { k in
            var x = cos(Double.pi * (Double(k) - 0.25) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<100 {
                var (p, before) = (1.0, 0.0)
                for n in 1...count {
                    (p, before) = ((Double(2 * n - 1) * x * p - Double(n - 1) * before) / Double(n), p)
                }
                slope = Double(count) * (x * p - before) / (x * x - 1)
                let step = p / slope
                x -= step
                if abs(step) < 1e-16 { break }
            }
            return (x, 2 / ((1 - x * x) * slope * slope))
        }
    }
}
