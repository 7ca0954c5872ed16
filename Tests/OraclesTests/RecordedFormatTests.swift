import Foundation
import JSON
import Testing

@testable import Oracles

/// Recordings as people write them who know no more than time, source, price, liquidity and extras.
struct RecordedFormatTests {
    private func replay(
        _ lines: [String], waiting: Int = Backtest.mostWaiting
    ) throws -> (alarms: [Backtest.Alarm], report: BacktestReport) {
        var backtest = Backtest(waiting: waiting)
        var alarms: [Backtest.Alarm] = []
        for line in lines { alarms += try backtest.append(Array(line.utf8)) }
        let end = try backtest.finish()
        return (alarms + end.alarms, end.report)
    }

    private func line(_ time: Int, _ source: String, _ price: String, _ rest: String = "") -> String {
        #"{"time":\#(time),"source":"\#(source)","price":\#(price)\#(rest)}"#
    }

    /// Blocks of honest prices, and then a price of the first source that is not.
    private func push(_ sources: [String], from good: Double, to bad: Double, blocks: Int = 40) -> [String] {
        (0..<blocks).flatMap { block in
            sources.enumerated().map { place, source in
                let value = place == 0 && block >= 30 ? bad : good * (1 + 0.0001 * Double((block + place) % 3))
                return line(1_700_000_000 + block * 12, source, "\(value)")
            }
        }
    }

    @Test func bareLinesAreEnough() throws {
        let found = try replay(push(["chainlink", "uniswap-v3", "binance", "coinbase"], from: 2_000, to: 2_600))
        #expect(found.report.transitions.contains { $0.time == 1_700_000_360 && $0.to >= .suspect })
        #expect(found.report.transitions.contains { $0.to == .reject })
        #expect(found.report.notes.contains { $0.contains("\"chainlink\"") && $0.contains("taken for the protocol's") })
    }

    /// Whichever line is first: the feed is what a protocol uses, and a venue is not.
    @Test func theLikeliestSourceIsTheProtocols() throws {
        for (sources, own) in [
            (["binance", "coinbase", "chainlink"], "chainlink"), (["binance", "protocol", "chainlink"], "protocol"),
            (["kraken", "uniswap-v3-twap", "uniswap-v3-spot"], "uniswap-v3-twap"), (["kraken", "okx"], "kraken"),
            (["defillama", "aave-oracle", "pyth"], "aave-oracle"), (["chainlink", "hardcoded"], "hardcoded"),
            (["oracle", "chainlink", "dex"], "oracle"), (["dex", "gecko", "x"], "dex"),
        ] {
            let lines = sources.map { line(1_700_000_000, $0, "1.5") }
            for lines in [lines, lines.reversed()] where sources != ["kraken", "okx"] || lines[0].contains("kraken") {
                let notes = try replay(lines).report.notes
                #expect(notes.contains { $0.hasPrefix("source \"\(own)\"") }, "\(sources): \(notes)")
            }
        }
    }

    @Test func kindsAndClassesByTheirNames() {
        let kinds: [(String, SourceKind?)] = [
            ("Chainlink ETH/USD", .chainlink), ("uniswap-v3", .uniswapV3Spot), ("uniswap_v3_twap_30m", .uniswapV3Twap),
            ("UniswapV2", .uniswapV2Spot), ("sushiswap-twap", .uniswapV2Twap), ("twap", .uniswapV3Twap),
            ("curve", .curveEMA), ("curve-spot", .curveSpot), ("binance", .cex), ("Coinbase Pro", .cex),
            ("binance-spot", .cex), ("pyth", .pyth), ("redstone", .redstone), ("coingecko", .aggregator),
            ("protocol", .protocol), ("oracle", .protocol), ("hardcoded", .fixed), ("convertToAssets", .vaultShare),
            ("exchange-rate", .lstRate), ("somebody", nil),
        ]
        for (name, kind) in kinds { #expect(RecordedGuess.kind(name, isAverage: false) == kind, "\(name)") }
        let assets: [(String, AssetProfile.Class?)] = [
            ("ETH", .major), ("WBTC/USD", .major), ("ETHUSDT", .major), ("USDC", .stable), ("DAI/USD", .stable),
            ("USDe/USDT", .stable), ("DAI/ETH", nil), ("wstETH", .lst), ("cbETH/USD", .lst), ("ezETH", .lrt),
            ("sUSDe", .share), ("sDAI", .share), ("sUSD", .stable), ("MNGO/USD", nil), ("", nil), ("deUSD", nil),
            ("WETH-DAI UNI-V2 LP", .lp), ("UNI", nil),
        ]
        for (name, kind) in assets { #expect(RecordedGuess.asset(name) == kind, "\(name)") }
    }

    /// A symbol that sounds like a stable and is priced in something else is none.
    @Test func aStableByNameAloneIsLookedAt() throws {
        let lines = (0..<20).map { #"{"time":\#($0 * 60 + 1),"asset":"USDC","source":"chainlink","price":0.0004}"# }
        #expect(try replay(lines).report.transitions.map(\.to) == [.unknown])
    }

    @Test func numbersTimesAndExtrasInAnyShape() throws {
        let same = [
            #"{"time":1700000000,"source":"chainlink","price":2000.5,"liquidity":1234567.89,"extras":{}}"#,
            #"{"time":"1700000000","source":"binance","price":"2000.5","liquidity":"1e6","extras":null}"#,
            #"{"time":1700000000.25,"source":"coinbase","price":2.0005e3,"liquidity":null,"extras":[]}"#,
            #"{"time":"2023-11-14T22:13:20Z","source":"kraken","price":"20005E-1","liquidity":-1,"extras":"none"}"#,
            #"{"time":"2023-11-14T22:13:20.000+00:00","source":"okx","price":"+2000.50","extras":{"x":{"y":[1]}}}"#,
            #"{"time":1700000000000,"source":"gemini","price":2000.5,"liquidity":"deep"}"#,
            #"{"time":1700000000000000,"source":"bybit","price":"n/a"}"#,
            #"{"time":1.7e9,"source":"pyth","price":null,"extras":{"confidence":0.5}}"#,
            #"{"timestamp":1700000000,"source":"twap","price":2000,"extras":{"window":1800,"spot":2000.1}}"#,
            #"{"time":1700000000,"source":"redstone","price":"","liquidity":0,"extras":{"minAnswer":0}}"#, "  ",
            "// end",
        ]
        let found = try replay(["\u{FEFF}" + same[0]] + same.dropFirst())
        #expect(found.report.ticks == 1 && found.report.transitions.map(\.to) == [.ok])
        #expect(found.report.notes.contains { $0.contains("extras is no object") })
        #expect(found.report.notes.contains { $0.contains("\"x\" is not known") })
    }

    @Test func oneReferenceOrNoneIsNeverOkForNothing() throws {
        let alone = try replay((0..<50).map { line(1_700_000_000 + $0 * 12, "chainlink", "2000") })
        #expect(alone.report.transitions.map(\.to) == [.unknown] && alone.report.falseSuspects == 0)
        let one = try replay(push(["chainlink", "binance"], from: 2_000, to: 2_600))
        // One witness makes a price suspect and never rejects it by itself.
        #expect(one.report.transitions.map(\.to).contains(.suspect) && one.report.falseRejects == 0)
        #expect(try replay([]).report.ticks == 0)
    }

    /// A feed that the protocol copies does not confirm it; one that it left does speak against it.
    @Test func aCopiedFeedIsNoWitness() throws {
        func lines(_ feed: (Int) -> Double, _ own: (Int) -> Double) -> [String] {
            (0..<60).flatMap { block in
                [("protocol", own(block)), ("chainlink", feed(block)), ("binance", 2_000 + Double(block % 3))].map {
                    line(1_700_000_000 + block * 12, $0.0, "\($0.1)")
                }
            }
        }
        let wrong: (Int) -> Double = { block in block < 40 ? 2_000 + Double(block % 5) : 2_600 + Double(block % 5) }
        let right: (Int) -> Double = { 2_000 + Double($0 % 5) }
        let copied = try replay(lines(wrong, wrong)).report
        #expect(copied.transitions.contains { $0.time >= 1_700_000_480 && $0.to >= .suspect })
        let left = try replay(lines(right, wrong)).report
        #expect(left.transitions.contains { $0.time >= 1_700_000_480 && $0.to == .reject })
    }

    @Test func gapsDuplicatesAndTimeThatGoesBack() throws {
        let calm = push(["chainlink", "binance", "coinbase"], from: 2_000, to: 2_000.1)
        let day = calm.map { $0.replacingOccurrences(of: "\"time\":1700000", with: "\"time\":1700090") }
        let found = try replay(calm + calm.reversed() + day)
        #expect(found.report.falseSuspects == 0 && found.report.falseRejects == 0 && found.report.late == 0)
        let sorted = try replay(calm + calm + day)
        #expect(found.report.ticks == sorted.report.ticks && found.report.transitions == sorted.report.transitions)
    }

    @Test func labelsInExtrasAreIncidents() throws {
        let lines = push(["chainlink", "binance", "coinbase"], from: 2_000, to: 2_600).enumerated().map { place, line in
            place / 3 >= 30
                ? line.dropLast() + #","extras":{"label":"push"}}"# : line.dropLast() + #","extras":{"label":"calm"}}"#
        }
        let report = try replay(lines.map { String($0) }).report
        let incident = try #require(report.incidents.first)
        #expect(report.incidents.count == 1 && incident.id == "push" && incident.start == 1_700_000_360)
        #expect(incident.suspectDelay == 0 && (incident.rejectDelay ?? 999) <= 24)
        #expect(report.falseSuspects == 0 && report.falseRejects == 0)
    }

    /// One asset after the other, far beyond what may wait.
    @Test func assetsMayFollowOneAnother() throws {
        var lines: [String] = []
        for asset in ["A", "B"] {
            for number in 0..<3_000 {
                lines.append(#"{"time":\#(1_700_000_000 + number * 12),"asset":"\#(asset)","source":"s","price":1}"#)
            }
        }
        let report = try replay(lines, waiting: 1_000).report
        #expect(report.late == 0 && report.ticks == lines.count)
    }

    @Test func whatIsNoJSONIsNamed() throws {
        for (bad, number) in [("{\"time\":1,", 2), ("time,source,price", 2), ("[{}]", 2), ("{\"time\":1}{}", 2)] {
            do {
                _ = try replay([line(1, "chainlink", "1"), bad])
                Issue.record("\(bad) was taken")
            } catch let error as BacktestError {
                #expect(error.line == number && !error.reason.isEmpty)
            }
        }
    }

    /// A million lines when asked for (`PLIMSOLL_RECORDED_LINES`); memory does not grow with them.
    @Test func manyLines() throws {
        let asked = ProcessInfo.processInfo.environment["PLIMSOLL_RECORDED_LINES"].flatMap { Int($0) } ?? 20_000
        var backtest = Backtest()
        let names = ["chainlink", "binance", "coinbase", "uniswap-v3"]
        let begin = ContinuousClock.now
        for number in 0..<asked {
            let value = 2_000 + Double((number * 7_919) % 97) / 100
            _ = try backtest.append(Array(line(1_700_000_000 + number / 4 * 12, names[number % 4], "\(value)").utf8))
        }
        let report = try backtest.finish().report
        print("\(asked) lines in \(ContinuousClock.now - begin)")
        #expect(report.lines == asked && report.falseRejects == 0 && report.late == 0 && report.dropped == 0)
    }
}
