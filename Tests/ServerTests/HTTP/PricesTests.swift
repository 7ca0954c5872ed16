import JSON
import Testing

@testable import Server

/// What the server says of prices.
@Suite(.timeLimit(.minutes(1))) struct PricesTests {
    private static func page(_ verdict: String, block: UInt64) -> PriceBoard.Page {
        PriceBoard.Page(
            stream: ServeWorld.stream, block: block, timestamp: 1_700_000_000,
            prices: [
                ["type": "oracle", "asset": "0xAA", "symbol": "WETH", "verdict": .string(verdict)],
                ["type": "oracle", "asset": "0xBB", "symbol": "USDC", "verdict": "ok"],
            ])
    }

    @Test func whatSourcesSay() async throws {
        let board = PriceBoard(isAsked: true)
        let world = try await ServeWorld(prices: board)
        #expect(try await world.get("/v1/oracles").status == 503)
        board.take([Self.page("ok", block: 7)])
        let first = try await world.get("/v1/oracles")
        let tag = try #require(first.headers["etag"])
        #expect(try first.json["count"]?.int == 2 && first.json["streams"]?.array?.first?["block"]?["number"]?.int == 7)
        #expect(try await world.get("/v1/oracles", headers: ["If-None-Match: \(tag)"]).status == 304)
        board.take([Self.page("reject", block: 8)])
        let second = try await world.get("/v1/oracles?verdict=reject", headers: ["If-None-Match: \(tag)"])
        #expect(second.status == 200)
        #expect(try second.json["records"]?.array?.compactMap { $0["symbol"]?.string } == ["WETH"])
        for (query, count) in [("asset=0xbb", 1), ("asset=usdc", 1), ("asset=DAI", 0)] {
            #expect(try await world.get("/v1/oracles?\(query)").json["count"]?.int == count)
        }
        #expect(try await world.get("/v1/oracles?verdict=good").status == 400)
        #expect(try await world.get("/v1/oracles?stream=1/other/one").status == 404)
        let metrics = String(decoding: try await world.get("/metrics").body, as: UTF8.self)
        #expect(
            metrics.contains(
                "plimsoll_oracle_verdict{stream=\"\(ServeWorld.stream)\",verdict=\"reject\"} 1\n"))
        #expect(metrics.contains("plimsoll_oracle_block{stream=\"\(ServeWorld.stream)\"} 8\n"))
        await world.end()
    }
}
