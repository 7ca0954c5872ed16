import Ethereum
import Foundation
import Index
import Lending
import Testing

/// What an index remembers of forecasts and prices.
@Suite struct ForecastIndexTests {
    private func index(_ folder: String) throws -> Index { try Index(in: StateDirectory(folder), chainId: 1) }

    private func folder() -> String { NSTemporaryDirectory() + "plimsoll-forecasts-\(UUID().uuidString)" }

    private func entry(_ id: UInt64, at time: UInt64, week: Double = 0.5) -> ForecastEntry {
        ForecastEntry(
            id: Hash32(word: UInt256(id)), time: time, block: time / 12, stream: "1/aave-v3/core", stake: 700,
            liquidatable: id == 3, health: 1.25, probabilities: [0.125, 0.25, week])
    }

    @Test func forecastsAreThereInTheNextRunOnceABlock() throws {
        let folder = folder()
        let kept = [entry(1, at: 1_000), entry(2, at: 1_000), entry(3, at: 1_000)]
        do {
            let index = try index(folder)
            try index.keep(forecasts: kept)
            try index.keep(forecasts: kept)
            try index.keep(forecasts: [entry(1, at: 2_000)])
        }
        let found = try index(folder).forecasts()
        #expect(found.count == 4)
        #expect(found.filter { $0.time == 1_000 } == kept)
        #expect(found.map(\.time) == [1_000, 2_000, 1_000, 1_000])
        #expect(found.map(\.liquidatable) == [false, false, false, true])
    }

    @Test func whoIsUnlikelyIsFollowedOnlyOnceBegun() throws {
        let index = try index(folder())
        try index.keep(forecasts: [entry(1, at: 1_000), entry(2, at: 1_000, week: 1e-6)])
        try index.keep(forecasts: [entry(1, at: 2_000, week: 1e-6), entry(2, at: 2_000, week: 1e-6)])
        #expect(try index.forecasts().map(\.time) == [1_000, 2_000])
        #expect(Set(try index.forecasts().map(\.id)).count == 1)
        // After ninety days the first are gone.
        try index.keep(forecasts: [entry(1, at: 1_500 + 90 * 86_400)])
        #expect(try index.forecasts().map(\.time) == [2_000, 1_500 + 90 * 86_400])
    }

    @Test func pricesAreKeptByNameAndTheLastOfASecondCounts() throws {
        let folder = folder()
        do {
            let index = try index(folder)
            try index.keep(prices: [(100, 2_000), (200, 2_100)], of: "ETH", source: "candles")
            try index.keep(
                prices: [(200, 2_150), (300, .infinity), (400, 0), (500, -1)], of: "ETH", source: "scans")
            try index.keep(prices: [(100, 1)], of: "BTC", source: "candles")
        }
        let prices = try index(folder).prices()
        #expect(prices.keys.sorted() == ["BTC", "ETH"])
        let ether = try #require(prices["ETH"])
        #expect(ether.map { $0.time } == [100, 200])
        #expect(ether.map { $0.price } == [2_000, 2_150])
        #expect(ether.map { $0.source } == ["candles", "scans"])
    }

    @Test func namesAndHoursAreBounded() throws {
        let index = try index(folder())
        for number in 0..<520 { try index.keep(prices: [(1, 1)], of: "N\(number)", source: "scans") }
        #expect(try index.prices().count == 512)
        // One that is known is kept all the same, its newest two years.
        let hours = (0..<20_000).map { (time: UInt64($0) * 3_600, price: 1.0) }
        try index.keep(prices: hours, of: "N0", source: "candles")
        let kept = try #require(try index.prices()["N0"])
        #expect(kept.count == 17_544)
        #expect(kept.last?.time == 19_999 * 3_600)
    }
}
