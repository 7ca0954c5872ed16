import Chain
import Ethereum
import Foundation
import Lending
import TestSupport
import Testing

@testable import Protocols
@testable import Risk

/// The price at which a comparison turns, and the one beside it; `PLIMSOLL_DISTANCE_POSITIONS` is how many random
/// positions of each family are tried.
@Suite struct DistanceTests {
    static let wanted = ProcessInfo.processInfo.environment["PLIMSOLL_DISTANCE_POSITIONS"].flatMap { Int($0) } ?? 300

    /// At the price the comparison says so; one unit nearer to today's it does not.
    @Test(arguments: Family.allCases) func theTurnHasAHealthyNeighbour(family: Family) throws {
        let seed = Seed(11)
        var random = seed.generator
        var positions = 0
        var flips = 0
        while positions < Self.wanted {
            let (market, position) = try family.drawn(&random, small: false)
            positions += 1
            let finder = DistanceFinder(market, roots: Self.roots(of: position))
            guard case .success(let distance) = finder.distance(of: position) else {
                Issue.record("\(family) \(seed), position \(positions): no distance")
                return
            }
            let assets = position.collateral + position.debt
            for line in distance.assets + distance.roots + [distance.joint] {
                let move = Self.move(line, finder, assets)
                for flip in line.flips {
                    flips += 1
                    let nearer = flip.direction == .down ? flip.price &+ .one : flip.price &- .one
                    let at = move.prices(at: flip.price).flatMap { market.revalue(position, at: $0) }
                    let beside = move.prices(at: nearer).flatMap { market.revalue(position, at: $0) }
                    guard at?.liquidatable == true, beside?.liquidatable == false else {
                        Issue.record("\(family) \(seed), position \(positions): \(line)")
                        return
                    }
                }
            }
        }
        #expect(flips > Self.wanted, "\(family)")
    }

    /// Where every price can be tried, the first one that turns is the one that was found, and none is where none does.
    ///
    /// Compound V2 counts prices in 1e-36: its comparison turns nowhere among a few thousand.
    @Test(arguments: Family.allCases.filter { $0 != .compoundV2 }) func noNearerPriceTurns(family: Family) throws {
        let seed = Seed(12)
        var random = seed.generator
        var positions = 0
        var later = 0
        while positions < max(60, Self.wanted / 10) {
            let (market, position) = try family.drawn(&random, small: true)
            positions += 1
            guard case .success(let distance) = DistanceFinder(market).distance(of: position) else {
                Issue.record("\(family) \(seed), position \(positions): no distance")
                return
            }
            for line in distance.assets {
                let asset = try #require(line.assets.first)
                // Both sides at once turn back and forth by single units of rounding; the neighbour is what holds there.
                let isShared =
                    position.collateral.contains { $0.asset == asset } && position.debt.contains { $0.asset == asset }
                guard !isShared, position.collateral.contains(where: { $0.asset == asset }) else { continue }
                var first: UInt256?
                var price = line.from &- .one
                while !price.isZero, first == nil {
                    if market.revalue(position, at: [asset: price])?.liquidatable == true { first = price }
                    price = price &- .one
                }
                if first != line.flips.first?.price {
                    later += 1
                    Issue.record(
                        "\(family) \(seed), position \(positions): first \(String(describing: first)), \(line)")
                    return
                }
            }
        }
        #expect(later == 0)
    }

    /// At the second the comparison says so; a second earlier it does not. At the block's own time it is the position's.
    @Test(arguments: Family.allCases.filter { $0 != .compoundV2 }) func theSecondHasAHealthyNeighbour(family: Family)
        throws
    {
        let seed = Seed(13)
        var random = seed.generator
        var positions = 0
        var crossings = 0
        while positions < Self.wanted {
            let (market, drawn) = try family.drawn(&random, small: false)
            positions += 1
            let position = Self.atTheLine(drawn, in: market)
            let now = RandomPosition.timestamp
            let isSame = market.verdict(of: position, at: now, prices: [:]) == market.revalue(position, at: [:])
            #expect(isSame, "\(family) \(seed), position \(positions)")
            guard case .success(.at(let second)) = InterestClock(market).crossing(of: position) else { continue }
            crossings += 1
            let at = market.verdict(of: position, at: second, prices: [:])
            let before = market.verdict(of: position, at: second - 1, prices: [:])
            guard at?.liquidatable == true, before?.liquidatable == false else {
                Issue.record("\(family) \(seed), position \(positions): \(second)")
                return
            }
        }
        #expect(crossings > Self.wanted / 10, "\(family)")
    }

    /// risk.md §2.2: 10 ETH at 2000 and 0.2 BTC at 60000 against 15000 USDC and 1 ETH.
    @Test func theBookOfTheMethod() throws {
        let rules = Aave.Rules.table[10]
        var draw = RandomPosition(Seed(1).generator, small: false)
        var position = draw.position("base1e8*1e4")
        func leg(_ number: Int, _ amount: UInt256, _ price: UInt256, _ factor: Int?) -> Leg {
            Leg(
                asset: RandomPosition.asset(number), symbol: nil, decimals: 8, raw: amount, amount: amount, index: .ray,
                priceRaw: price, priceScale: 100_000_000, value: .zero, factor: factor, source: PriceSource(.feed))
        }
        _ = draw.flip(2)
        position.collateral = [
            leg(0, 1_000_000_000, 200_000_000_000, 8_300), leg(1, 20_000_000, 6_000_000_000_000, 7_800),
        ]
        position.debt = [leg(2, 1_500_000_000_000, 100_000_000, nil), leg(0, 100_000_000, 200_000_000_000, nil)]
        let market = Aave.Market(
            id: position.market,
            addresses: Aave.Contracts(
                provider: .zero, pool: .zero, oracle: .zero, sentinel: .zero, fallbackOracle: .zero,
                baseCurrency: .zero, baseUnit: 100_000_000, valueUnit: ValueUnit(symbol: "USD", decimals: 8)),
            rules: rules, deployBlock: 0, fork: nil,
            state: Aave.MarketState(rules: rules, timestamp: 0, reserves: [], categories: [:]))
        guard case .success(let distance) = DistanceFinder(market).distance(of: position) else {
            Issue.record("no distance")
            return
        }
        // P*_ETH = 772.602740, P*_BTC = 2564.102564, m*_ALL = 0.626043406; the half-up rounding of the health factor
        // leaves the last unit healthy.
        #expect(distance.assets[0].flips.first?.price.description.hasPrefix("7726027") == true)
        #expect(distance.assets[1].flips.first?.price.description.hasPrefix("25641025") == true)
        #expect(distance.joint.flips.first?.price.description.hasPrefix("62604340") == true)
        #expect(distance.joint.flips.first?.bps == 3_739)
        #expect(distance.assets[2].flips.first?.direction == .up)
    }

    /// The position at the last healthy price of one of its assets.
    static func atTheLine(_ position: Position, in market: any LendingMarket) -> Position {
        var position = position
        guard case .success(let distance) = DistanceFinder(market).distance(of: position),
            let line = distance.assets.first(where: { !$0.flips.isEmpty }), let flip = line.flips.first
        else { return position }
        let price = flip.direction == .down ? flip.price &+ .one : flip.price &- .one
        for place in position.collateral.indices where line.assets.contains(position.collateral[place].asset) {
            position.collateral[place].priceRaw = price
        }
        for place in position.debt.indices where line.assets.contains(position.debt[place].asset) {
            position.debt[place].priceRaw = price
        }
        return position
    }

    /// Some assets share a root, one hangs on its inverse.
    static func roots(of position: Position) -> PriceRoots {
        var roots = PriceRoots()
        let shared = PriceRoot("feed:shared")
        for (place, leg) in (position.collateral + position.debt).enumerated() where place < 3 {
            roots.powers[leg.asset] = [PriceRoots.Power(shared, exponent: place == 2 ? -1 : 1)]
        }
        return roots
    }

    /// The move that a line tells of.
    static func move(_ line: PriceDistance.Line, _ finder: DistanceFinder, _ legs: [Leg]) -> PriceMove {
        func part(_ asset: Address, _ exponent: Int = 1) -> PriceMove.Part {
            let price = legs.first { $0.asset == asset }?.priceRaw ?? .zero
            return PriceMove.Part(asset: asset, price: price, exponent: exponent)
        }
        return PriceMove(
            from: line.from,
            parts: line.assets.map { asset in
                guard let root = line.root else { return part(asset) }
                let exponent = finder.roots[asset].filter { $0.root == root }.reduce(0) { $0 + $1.exponent }
                return part(asset, exponent)
            })
    }
}
