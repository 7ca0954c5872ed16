import Dispatch
import Ethereum
import Foundation
import JSON
import Keeper
import Lending
import Risk
import Synchronization

/// A scan's positions under prices that somebody asks about; nothing is asked of a node for it.
struct WhatIf {
    /// Who falls in one market, in its currency.
    struct Fall {
        var deployment: String
        var market: String?
        var unit: ValueUnit
        var fallen = 0
        var debt = UInt256.zero
        var collateral = UInt256.zero
        /// Debt that the collateral of who falls no longer covers.
        var badDebt = UInt256.zero
        /// The best plan of each.
        fileprivate var plans: [LiquidationPlan] = []
        /// Whether pools bear what liquidators would sell, by pair of tokens; empty where nobody falls.
        var exitDepth: [ExitDepth] = []
    }

    /// The pools to sell through, or why there are none.
    enum Exits {
        case book(ExitBook)
        case none(String)
    }

    let shock: Shock
    /// Why exits were not looked at; `nil` where they were.
    private let noExits: String?
    private(set) var falls: [Fall] = []
    /// Positions of which the comparison cannot be made there.
    private(set) var unknown = 0

    /// Puts every position of the outcome under the shock, with plans for whoever falls.
    ///
    /// - Parameter exits: the pools at the scan's block.
    /// - Throws: 64 for a name that no market knows.
    init(_ shock: Shock, on outcome: inout ScanOutcome, exits: Exits) throws {
        self.shock = shock
        if case .none(let why) = exits { noExits = why } else { noExits = nil }
        var used: Set<Int> = []
        var known: [String] = []
        for index in outcome.markets.indices {
            let market = outcome.markets[index].market
            var prices: [String?: [Address: UInt256]] = [:]
            for (isolated, same) in outcome.markets[index].priceGroups {
                let roots = outcome.markets[index].roots(of: same, in: outcome)
                let assets = isolated == nil ? market.pricedAssets(of: same) : PricedAsset.of(same)
                known += Shock.names(of: assets, roots: roots)
                let moved = try shock.prices(of: assets, roots: roots)
                used.formUnion(moved.used)
                prices[isolated] = moved.prices
            }
            let planner = LiquidationPlanner(market, policy: .profit)
            outcome.markets[index].reading.positions.changeOnAllCores { [shock, prices] position in
                position = Self.moved(
                    position, by: shock, to: prices[position.market.market] ?? [:], in: market, planner)
            }
            for position in outcome.markets[index].reading.positions {
                guard let liquidatable = position.liquidatable else {
                    unknown += 1
                    continue
                }
                if liquidatable, position.whatIf?.liquidatable == false { count(position) }
            }
        }
        if let term = shock.terms.indices.first(where: { !used.contains($0) }) {
            let failure = Shock.Failure.unknownName(shock.terms[term].name, known: Set(known).sorted())
            throw CommandStop(.usage, "\(failure)")
        }
        if case .book(let exits) = exits {
            for index in falls.indices {
                falls[index].exitDepth = ExitDepth.measured(falls[index].plans, through: exits)
            }
        }
        outcome.notices += notices
    }

    /// A position at the moved prices, with plans where it can be liquidated there.
    private static func moved(
        _ position: Position, by shock: Shock, to prices: [Address: UInt256], in market: any LendingMarket,
        _ planner: LiquidationPlanner
    ) -> Position {
        let verdict = market.revalue(position, at: prices)
        var after = position.repriced(at: prices, verdict)
        after.whatIf = Position.WhatIf(
            shock: shock.text, hfProtocol: position.execution?.verdict?.hfProtocol ?? position.hfProtocol,
            liquidatable: position.liquidatable)
        after.hfOnchain = nil
        if after.match == .equal { after.match = .notCompared }
        after.oracle = nil
        // What was planned was planned at the chain's prices.
        after.plans = []
        after.unknown.removeAll { $0.field == "hfOnchain" }
        after.unknown.append(Unknown("hfOnchain", "no contract was asked at the prices of the shock"))
        guard let verdict else {
            after.unknown.append(Unknown("liquidatable", "the comparison cannot be made at the prices of the shock"))
            return after
        }
        guard verdict.liquidatable else { return after }
        let (plans, unknown) = planner.plans(forMoved: after)
        after.plans = plans
        after.unknown += unknown
        return after
    }

    private mutating func count(_ position: Position) {
        let place =
            falls.firstIndex {
                $0.deployment == position.market.deployment && $0.market == position.market.market
            } ?? falls.count
        if place == falls.count {
            falls.append(
                Fall(
                    deployment: position.market.deployment, market: position.market.market, unit: position.valueUnit))
        }
        let debt = position.debtValue ?? .zero
        let collateral = position.collateralValue ?? .zero
        falls[place].fallen += 1
        if let plan = position.plans?.first { falls[place].plans.append(plan) }
        falls[place].debt = falls[place].debt.addingOrMax(debt)
        falls[place].collateral = falls[place].collateral.addingOrMax(collateral)
        falls[place].badDebt = falls[place].badDebt.addingOrMax(debt.subtractingOrZero(collateral))
    }

    private var notices: [String] {
        let fallen = falls.reduce(0) { $0 + $1.fallen }
        var lines = ["under \(shock.text): \(fallen) positions fall that stand today"]
        for fall in falls {
            func text(_ value: UInt256) -> String { "\(FixedPointText.exact(value, decimals: fall.unit.decimals))" }
            lines.append(
                "\(fall.deployment)\(fall.market.map { " \($0)" } ?? ""): \(fall.fallen) fall, debt \(text(fall.debt)), "
                    + "collateral \(text(fall.collateral)), not covered \(text(fall.badDebt)) \(fall.unit.symbol)")
        }
        if unknown > 0 { lines.append("\(unknown) positions are unknown under the shock") }
        return lines
    }

    /// The record of the whole.
    var json: JSONValue {
        [
            "type": "whatIf", "shock": .string(shock.text), "positionsUnknown": .integer(unknown),
            "markets": .array(
                falls.map { fall in
                    [
                        "deployment": .string(fall.deployment), "market": fall.market.map { .string($0) } ?? .null,
                        "fallen": .integer(fall.fallen), "debtValue": .string(fall.debt.description),
                        "collateralValue": .string(fall.collateral.description),
                        "badDebtValue": .string(fall.badDebt.description),
                        "exitDepth": noExits == nil ? .array(fall.exitDepth.map(\.json)) : .null,
                        "valueUnit": [
                            "symbol": .string(fall.unit.symbol), "decimals": .integer(fall.unit.decimals),
                        ],
                    ]
                }),
            "unknown": .array(
                (noExits.map { [Unknown("markets.exitDepth", $0)] } ?? []).map {
                    ["field": .string($0.field), "reason": .string($0.reason)]
                }),
        ]
    }
}

extension ScanOutcome.Market {
    /// Its positions by what is priced alike: isolated markets price the same token each in its own loan token.
    fileprivate var priceGroups: [String?: [Position]] {
        let positions = reading.positions
        guard positions.contains(where: { $0.market.market != nil }) else { return [nil: positions] }
        return Dictionary(grouping: positions) { $0.market.market }
    }
}

extension Array where Element: Sendable {
    /// Changes each element by itself, on all cores.
    fileprivate mutating func changeOnAllCores(_ change: @Sendable (inout Element) -> Void) {
        let count = count
        let lanes = Swift.min(ProcessInfo.processInfo.activeProcessorCount, 8)
        // Small stretches keep every core busy to the end: those that are liquidated cost many times the others.
        let stretch = 64
        let next = Atomic(0)
        unsafe withUnsafeMutableBufferPointer { elements in
            // SAFETY: each place is changed by the one lane that took its stretch.
            nonisolated(unsafe) let elements = unsafe elements
            DispatchQueue.concurrentPerform(iterations: lanes) { _ in
                while true {
                    let start = next.add(stretch, ordering: .relaxed).oldValue
                    guard start < count else { return }
                    for place in start..<Swift.min(start + stretch, count) { unsafe change(&elements[place]) }
                }
            }
        }
    }
}
