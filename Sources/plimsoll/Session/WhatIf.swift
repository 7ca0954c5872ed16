import Ethereum
import JSON
import Keeper
import Lending
import Risk

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
            let market = outcome.markets[index]
            var isolated: [String: [Address: UInt256]] = [:]
            for place in market.reading.positions.indices {
                let position = market.reading.positions[place]
                // Isolated markets price the same token each in its own loan token.
                let key = position.market.market ?? ""
                if isolated[key] == nil {
                    let same = market.reading.positions.filter { $0.market.market == position.market.market }
                    let roots = market.roots(of: same, in: outcome)
                    let assets = key.isEmpty ? market.market.pricedAssets(of: same) : PricedAsset.of(same)
                    known += Shock.names(of: assets, roots: roots)
                    let moved = try shock.prices(of: assets, roots: roots)
                    used.formUnion(moved.used)
                    isolated[key] = moved.prices
                }
                outcome.markets[index].reading.positions[place] = fallen(
                    position, under: isolated[key] ?? [:], in: market.market)
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

    private mutating func fallen(
        _ position: Position, under prices: [Address: UInt256], in market: any LendingMarket
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
            unknown += 1
            after.unknown.append(Unknown("liquidatable", "the comparison cannot be made at the prices of the shock"))
            return after
        }
        guard verdict.liquidatable else { return after }
        let (plans, unknown) = LiquidationPlanner(market, policy: .profit).plans(for: position, at: prices, verdict)
        after.plans = plans
        after.unknown += unknown
        if position.liquidatable == false { count(after) }
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
