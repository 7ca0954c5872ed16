import Ethereum
import JSON

extension RecordedLine {
    /// What stands beside a price.
    static func extras(_ value: RecordedValue, _ decimals: Int?) throws(BacktestError) -> ObservationExtras {
        var extras = ObservationExtras()
        if let round = value.size("roundId", "round") {
            extras.round = ObservationExtras.Round(
                id: round, answeredIn: value.size("answeredInRound"), startedAt: try value.moment("startedAt"))
        }
        let lowest = try value.exact("minAnswer", decimals: decimals)
        let highest = try value.exact("maxAnswer", decimals: decimals)
        if lowest != nil || highest != nil {
            extras.bounds = ObservationExtras.Bounds(lowest: lowest, highest: highest)
        }
        if let assets = value.size("totalAssets"), let shares = value.size("totalSupply") {
            extras.vault = ObservationExtras.Vault(
                assets: assets, shares: shares, shareDecimals: try value.int("shareDecimals", in: 0...77) ?? 18,
                age: value.size("vaultAge").flatMap { $0.asUInt64() })
        }
        extras.rate = try value.exact("rate")
        if let uncapped = try value.exact("uncapped"), let cap = try value.exact("cap") {
            extras.cap = ObservationExtras.Cap(uncapped: uncapped, limit: cap)
        }
        extras.spot = try value.exact("spot", decimals: decimals)
        if let low = try value.exact("low", decimals: decimals), let high = try value.exact("high", decimals: decimals)
        {
            extras.withinBlock = ObservationExtras.WithinBlock(
                lowest: low, highest: high, didLiquidate: try value.bool("liquidated") ?? false)
        }
        if let stored = try value.natural("storedScale"), let expected = try value.natural("expectedScale") {
            extras.scale = ObservationExtras.Scale(stored: stored, recomputed: expected)
        }
        if let what = try value.text("changed") {
            let at = try value.moment("changedAt", "time", "timestamp", "ts") ?? 0
            extras.changes = [ObservationExtras.Change(what, at: at)]
        }
        if let (name, list) = value.find(["observations"]) {
            guard let elements = list.array, elements.count <= 255 else {
                throw value.refuse(name, "a list of at most 255 answers", list)
            }
            var answers: [UInt256] = []
            for element in elements {
                guard let text = element.number ?? element.string, let answer = RecordedDecimal(text)?.whole else {
                    throw value.refuse(name, "raw answers, whole numbers from 0", element)
                }
                answers.append(answer)
            }
            extras.nodes = ObservationExtras.Nodes(answers: answers, faulty: try value.int("f", in: 0...255) ?? 0)
        }
        if try value.bool("fallbackActive") == true { extras.state.insert(.fallbackActive) }
        if try value.bool("paused") == true { extras.state.insert(.paused) }
        if try value.bool("pullUpdateNeeded") == true { extras.state.insert(.pullUpdateNeeded) }
        if try value.bool("pendingUpdate") == true { extras.state.insert(.pendingUpdate) }
        return extras
    }

    /// A sequencer, a market or a cost.
    static func circumstance(_ type: String, _ value: RecordedValue) throws(BacktestError) -> Content {
        switch type {
        case "sequencer":
            let isUp = try value.bool("up")
            return .sequencer(SequencerState(isDown: isUp.map { !$0 }, startedAt: try value.moment("startedAt") ?? 0))
        case "cost":
            guard let lost = try value.natural("lost"), let move = try value.int("moveBps", in: -1_000_000...1_000_000)
            else { throw BacktestError(line: value.line, reason: "expected members \"moveBps\" and \"lost\"") }
            return .cost(
                AttackCost(
                    moveBps: move, capital: try value.natural("capital") ?? lost, lost: lost,
                    extractable: try value.natural("extractable"),
                    blocks: try value.int("blocks", in: 0...1_000_000) ?? 0,
                    unit: try value.text("unit") ?? "USD"))
        default:
            let collateral = try value.natural("collateral")
            let depth = try value.natural("depth10", "depthAtTenPercent")
            let account = try value.natural("largestAccount")
            return .market(
                exposure: collateral.map {
                    Exposure(collateral: $0, largestAccount: account, depthAtTenPercent: depth)
                }, moveBps: try value.int("moveBps", in: -1_000_000...1_000_000),
                headAge: try value.natural("headAge").flatMap { $0.asUInt64() })
        }
    }
}
