import Chain
import Ethereum
import JSON
import Pools

extension LiquidationPlan {
    /// For which blocks the plan is, what ends that sooner, and how to ask in one call.
    func valid(at position: Position) -> JSONValue {
        var triggers: [JSONValue] = ["account event", "parameter event", "price change"]
        triggers += (exit?.route.pools ?? []).map { .string("swap in \($0.address.checksummed)") }
        return [
            "fromBlock": .integer(position.block.number + 1), "throughBlock": .integer(position.block.number + 1),
            "untilMs": untilMilliseconds.map { .integer($0) } ?? .null,
            "invalidatedBy": .array(triggers),
            "requires": recheck.map { check in
                [
                    "to": .string(check.call.target.checksummed), "data": .string(Hex.encode(check.call.data)),
                    "fn": .string(check.function), "condition": .string(check.condition),
                ]
            } ?? .null,
        ]
    }

    /// Why members are `null`.
    func uncomputed(_ position: Position) -> [Unknown] {
        var unknown: [Unknown] = []
        func say(_ field: String, _ isMissing: Bool, _ why: String) {
            if isMissing, !self.unknown.contains(where: { $0.field == field }) { unknown.append(Unknown(field, why)) }
        }
        switch funding {
        case .inventory?: say("flash", true, "the sender is taken to hold the debt asset")
        case .flash?: break
        case nil: say("flash", true, "nobody was found who lends as much of the debt asset, or nobody was asked")
        }
        say("valid.untilMs", untilMilliseconds == nil, "the plan is bound to blocks, not to a clock")
        say("valid.requires", recheck == nil, "no single call of this protocol was written that says it")
        say("dust.minRepayToClear", minRepayToClear == nil, "no single call of this pair leaves nothing on a side")
        say("toxic.badDebtIfFull", badDebtIfFull == nil, "what is left was not computed")
        say("toxic.hfImproves", healthImproves == nil, "the health after the plan was not computed")
        say(
            "steps.data", calls.contains { $0.made(by: sender) == nil },
            "the call names who receives: say it with --sender")
        say("exit", exit == nil, "no pool for it is known: net is at the protocol's own prices")
        say("sim", simulation == nil, "not simulated")
        say("gasUsed", cost == nil, "no gas was measured")
        say("l1Fee", cost?.l1Fee == nil, "not asked: no gas was measured")
        for field in ["net", "breakEvenGasPriceWei", "maxBidWei"] {
            say(field, cost?.netWei == nil, "gas, its price, or that of the native token is not known")
        }
        say("gasLimit", cost == nil, "no gas was measured")
        say("dust.rule", steps.first?.dustRule == nil, "the contract has no rule against small rests")
        say("net.usd1e8", cost?.netBase != nil && usd(position) == nil, "the market's values are not in US dollars")
        if exit?.group != nil, exit?.group?.order == nil {
            say("exit.order", true, "another way to do it, or one that earns nothing after the others: sized alone")
        }
        for component in confidence(in: position) where component.bps == nil {
            say("confidence.\(component.name)", true, component.why)
        }
        return unknown
    }

    /// What is left in hundred-millionths of a dollar, towards minus infinity; `nil` where values are not in dollars.
    func usd(_ position: Position) -> Int256? {
        guard position.valueUnit.symbol.uppercased() == "USD", let net = cost?.netBase else { return nil }
        do throws(MathError) {
            let value = try UInt256.mulDiv(
                net.magnitude, .powerOfTen(8), .powerOfTen(position.valueUnit.decimals), net.isNegative ? .up : .down)
            return Int256(isNegative: net.isNegative, magnitude: value)
        } catch {
            return nil
        }
    }

    /// How far the plan can be trusted, by component, in bps; `nil` where a component was not evaluated, with the reason.
    func confidence(in position: Position) -> [(name: String, bps: Int?, why: String)] {
        let oracle: Int? =
            switch position.oracle?.verdict {
            case .ok: 10_000
            case .suspect: 3_000
            case .reject: 0
            case .unknown, nil: nil
            }
        let math: Int? =
            switch position.match {
            case .equal: 10_000
            case .differs: 0
            case .notCompared: nil
            }
        // What is proven needs no second voice; two voices are what the house asks for.
        let read: Int? =
            position.verified.contains("state")
            ? 10_000 : position.confirmations.map { $0 >= 2 ? 10_000 : 5_000 }
        return [
            ("read", read, "no second endpoint was asked"),
            ("math", math, "there was nothing on the chain to compare with"),
            ("oracle", oracle, "no independent source of prices was read"),
            // Pools are read at the pinned block or not at all.
            ("liquidity", exit == nil ? nil : 10_000, "no pool was read"),
            ("sim", simulation.map { $0.ok ? 10_000 : 0 }, "not simulated"),
        ]
    }

    /// The least of the components; one that was not evaluated caps it at 5,000.
    static func total(_ components: [Int?]) -> Int {
        let known = components.compactMap { $0 }.min() ?? 0
        return components.contains { $0 == nil } ? min(known, 5_000) : known
    }
}
