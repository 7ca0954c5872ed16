import Ethereum
import JSON
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
    }

    let shock: Shock
    private(set) var falls: [Fall] = []
    /// Positions of which the comparison cannot be made there.
    private(set) var unknown = 0

    /// Puts every position of the outcome under the shock.
    ///
    /// - Throws: 64 for a name that no market knows.
    init(_ shock: Shock, on outcome: inout ScanOutcome) throws {
        self.shock = shock
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
        outcome.notices += notices
    }

    private mutating func fallen(
        _ position: Position, under prices: [Address: UInt256], in market: any LendingMarket
    ) -> Position {
        let verdict = market.revalue(position, at: prices)
        var after = position
        after.whatIf = Position.WhatIf(
            shock: shock.text, hfProtocol: position.execution?.verdict?.hfProtocol ?? position.hfProtocol,
            liquidatable: position.liquidatable)
        after.reprice(prices)
        after.hfNum = verdict?.hfNum
        after.hfDen = verdict?.hfDen
        after.hfProtocol = verdict?.hfProtocol
        after.hfOnchain = nil
        if after.match == .equal { after.match = .notCompared }
        after.oracle = nil
        // What was planned was planned at the chain's prices.
        after.plans = nil
        after.execution?.verdict = verdict
        after.liquidatable = verdict?.liquidatable
        after.unknown.removeAll { $0.field == "hfOnchain" }
        after.unknown.append(Unknown("hfOnchain", "no contract was asked at the prices of the shock"))
        guard let verdict else {
            unknown += 1
            after.unknown.append(Unknown("liquidatable", "the comparison cannot be made at the prices of the shock"))
            return after
        }
        if verdict.liquidatable, position.liquidatable == false { count(after) }
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
                        "valueUnit": [
                            "symbol": .string(fall.unit.symbol), "decimals": .integer(fall.unit.decimals),
                        ],
                    ]
                }),
            "exitDepth": .null,
            "unknown": [["field": "exitDepth", "reason": "the depth of exit pools is not compared in this version"]],
        ]
    }
}

extension Position {
    /// Puts other prices into the legs, and values that follow from them to a unit of rounding a leg.
    fileprivate mutating func reprice(_ prices: [Address: UInt256]) {
        func moved(_ legs: [Leg]) -> [Leg] {
            legs.map { leg in
                guard leg.source.kind != .base, let price = prices[leg.asset], !leg.priceRaw.isZero else { return leg }
                var leg = leg
                do throws(MathError) {
                    leg.value = try .mulDiv(leg.value, price, leg.priceRaw, .down)
                } catch {
                    leg.value = .max
                }
                leg.priceRaw = price
                return leg
            }
        }
        collateral = moved(collateral)
        debt = moved(debt)
        collateralValue = collateralValue.map { _ in
            collateral.filter(\.enabled).reduce(UInt256.zero) { $0.addingOrMax($1.value) }
        }
        debtValue = debtValue.map { _ in debt.reduce(UInt256.zero) { $0.addingOrMax($1.value) } }
    }
}
