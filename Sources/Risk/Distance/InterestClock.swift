import Chain
import Ethereum
import Foundation
public import Lending

/// Finds the first second at which interest alone brings a position to its line.
public struct InterestClock: Sendable {
    let market: any LendingMarket

    /// Looks at positions of `market`.
    public init(_ market: any LendingMarket) { self.market = market }

    /// Seconds after the pinned block at which is looked first: a day, a week, a month, then years, to a hundred.
    static let probes: [UInt64] = [
        86_400, 604_800, 2_592_000, 31_536_000, 63_072_000, 157_680_000, 315_360_000, 946_080_000, 3_153_600_000,
    ]

    /// The first second at which the comparison turns, prices and amounts as they are and nobody acting.
    ///
    /// Health need not fall all the time: it is looked at after each of ``probes``, and the second is exact between the
    /// first one that has turned and the one before it.
    public func crossing(of position: Position) -> Result<InterestCrossing, DistanceFinder.Reason> {
        guard let liquidatable = position.liquidatable else {
            return .failure(DistanceFinder.Reason("whether it can be liquidated is not known"))
        }
        if liquidatable { return .success(.none("it can be liquidated already")) }
        if position.debt.isEmpty { return .success(.none("there is no debt")) }
        let now = position.block.timestamp
        guard let start = market.verdict(of: position, at: now, prices: [:]) else {
            return .failure(DistanceFinder.Reason("how the protocol accrues for this position is not known"))
        }
        guard !start.liquidatable else {
            return .failure(DistanceFinder.Reason("with interest accrued to the block it can be liquidated"))
        }
        var healthy = now
        for probe in Self.probes {
            guard let verdict = market.verdict(of: position, at: now + probe, prices: [:]) else {
                return .failure(
                    DistanceFinder.Reason("healthy until \(healthy) at least; later the contract cannot accrue"))
            }
            guard verdict.liquidatable else {
                healthy = now + probe
                continue
            }
            var turned = now + probe
            while turned - healthy > 1 {
                let middle = healthy + (turned - healthy) / 2
                guard let verdict = market.verdict(of: position, at: middle, prices: [:]) else {
                    return .failure(DistanceFinder.Reason("the contract cannot accrue to \(middle)"))
                }
                if verdict.liquidatable { turned = middle } else { healthy = middle }
            }
            return .success(.at(turned))
        }
        return .success(.none("interest alone does not reach the line within 100 years"))
    }

    /// How the logarithm of health drifts in a year by interest alone: what the contract's own accrual makes of a week,
    /// for statistics. `nil` where how the protocol accrues is not known.
    public func drift(of position: Position) -> Double? {
        let week: UInt64 = 604_800
        let now = position.block.timestamp
        guard !position.debt.isEmpty, let start = market.verdict(of: position, at: now, prices: [:]),
            let end = market.verdict(of: position, at: now + week, prices: [:])
        else { return nil }
        let parts = [start.hfNum, start.hfDen, end.hfNum, end.hfDen].map(\.double)
        guard parts.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        return (log(parts[2] / parts[3]) - log(parts[0] / parts[1])) / Horizon.week.years
    }
}
