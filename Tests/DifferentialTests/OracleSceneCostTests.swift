import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// What a push of a pool costs, and what it would bring, in the records of a scan whose market is priced by that pool.
@Suite struct OracleSceneCostTests {
    private func weth(_ scan: Scan) throws -> JSONValue {
        #expect(scan.status == 0 || scan.status == 75, "\(scan.errors)")
        let assets = scan.positions.values.flatMap { $0["oracle"]?["assets"]?.array ?? [] }
        return try #require(assets.first { $0["symbol"]?.string == "WETH" })
    }

    @Test func aPushCostsWhatTheRecordSays() async throws {
        var stage = try await OracleSceneTests.Stage(borrowers: 40, seed: 23)
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        stage.watchPool()
        let byFeeds = try stage.world.scan(stage.sources)
        #expect(try weth(byFeeds)["cost"] == .null, "a price of feeds has no pool to push")
        try await stage.priceByPool(window: 0)
        try await stage.swap("400000000000000000000", sellsWETH: true)
        try await stage.mine()
        let scan = try stage.world.scan(stage.sources)
        let record = try weth(scan)
        let cost = try #require(record["cost"], "\(record)")
        #expect(cost["blocks"]?.int == 0 && cost["unit"]?.string == "USD", "\(cost)")
        let requests = try #require(scan.head?["httpRequests"]?.int)
        // Sources, trees and pools together: three more than without any of them.
        let bare = try stage.world.scan([])
        #expect(requests <= (bare.head?["httpRequests"]?.int ?? 0) + 3)
        #expect(cost["extractable"]?.string.flatMap { UInt256(decimal: $0) } != nil, "\(cost)")

        // The same push as a swap on the pool itself.
        let move = try #require(cost["moveBps"]?.int)
        let pool = try await stage.world.node.call("dev_pool", ["pool": .string(stage.pool)])
        let root = try #require(UInt256(decimal: pool["state"]?["sqrtPriceX96"]?.string ?? "")).double
        let part = (1 + Double(move) / 10_000).squareRoot()
        let limit = stage.wethIsFirst ? root * part : root / part
        // A falling WETH is WETH sold.
        let swap = try await stage.world.node.call(
            "dev_swap",
            [
                "pool": .string(stage.pool), "amount": .string("1" + String(repeating: "0", count: 30)),
                "direction": .string((move < 0) == stage.wethIsFirst ? "0to1" : "1to0"),
                "limit": .string(String(format: "%.0f", limit)),
            ])
        let sold = move < 0 ? stage.weth : stage.usdc
        let isFirst = (move < 0) == stage.wethIsFirst
        let amount = try #require(UInt256(decimal: swap["amounts"]?.array?[isFirst ? 0 : 1].string ?? ""), "\(swap)")
        let worth = amount.double / (move < 0 ? 1e18 : 1e6) * (try stage.world.price(sold).double) / 1e8
        let said = try #require(UInt256(decimal: cost["capital"]?.string ?? "")).double
        #expect(abs(said - worth) <= worth * 1e-6 + 1, "\(said) is said, \(worth) it took")
    }

    @Test func aPushThatPaysIsFound() async throws {
        var stage = try await OracleSceneTests.Stage(borrowers: 40, seed: 23)
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        stage.watchPool()
        // An average of half an hour takes all the capital, held for as long.
        try await stage.priceByPool(window: 1_800)
        try await stage.mine()
        #expect(try weth(try stage.world.scan(stage.sources))["cost"] == .null, "nothing tells average from price")
        try await stage.swap("400000000000000000000", sellsWETH: true)
        try await stage.mine()
        let average = try weth(try stage.world.scan(stage.sources))
        #expect((average["cost"]?["blocks"]?.int ?? 0) > 100, "\(average["cost"] ?? .null)")
        #expect(
            average["findings"]?.array?.contains { $0["detector"]?.string == "D6" } == false,
            "\(average["cost"] ?? .null) \(average["findings"] ?? .null)")
        // The price of a moment costs the fees of going there and back.
        try await stage.priceByPool(window: 0)
        try await stage.mine()
        let spot = try weth(try stage.world.scan(stage.sources))
        let found = spot["findings"]?.array?.first { $0["detector"]?.string == "D6" }
        #expect(found?["rule"]?.string == "profit", "\(spot["cost"] ?? .null) \(spot["findings"] ?? .null)")
        #expect(spot["verdict"]?.string != "ok")
    }
}
