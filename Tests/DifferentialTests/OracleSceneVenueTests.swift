import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Venues that lie, stall, stop in the middle or answer nonsense: each is doubted by itself, and the price is not.
@Suite struct OracleSceneVenueTests {
    private static func dollars(_ price: UInt256) -> String {
        "\(price.description.dropLast(8)).\(price.description.suffix(8))"
    }

    @Test func liarsAndWrecks() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let index = try world.index("WETH")
        let fair = try world.price(index)
        let now = try await world.now()
        let low = Self.dollars(try UInt256.mulDiv(fair, 8, 10, .down))
        let high = Self.dollars(try UInt256.mulDiv(fair, 12, 10, .down))
        let price = Self.dollars(fair)
        func quote(_ bid: String, _ ask: String? = nil, time: String? = nil) -> String {
            #"{"bid":"\#(bid)","ask":"\#(ask ?? bid)"\#(time.map { #","time":"\#($0)""# } ?? "")}"#
        }
        let wrecks: [(String, String)] = [
            ("ZERO", quote("0")), ("MINUS", quote("-\(price)")), ("HUGE", quote("1e60")), ("TINY", quote("1e-60")),
            ("WIDE", quote(low, high)), ("CROSSED", quote(high, low)), ("NAN", quote("NaN")), ("EMPTY", "{}"),
            ("CUT", String(quote(price).dropLast(9))), ("SHORT", "!" + quote(price)), ("STALL", "-"),
            ("LATER", quote(price, time: "2099-01-01T00:00:00Z")), ("OLD", quote(price, time: "2001-01-01T00:00:00Z")),
            ("PAGE", "<html>"), ("LIST", "[1,2,3]"), ("DEEP", String(repeating: "[", count: 5_000)),
        ]
        var bodies = Dictionary(uniqueKeysWithValues: wrecks.map { ("/products/\($0.0)/ticker", $0.1) })
        bodies["/products/LOW/ticker"] = quote(low)
        bodies["/0/public/Ticker?pair=LOW"] = #"{"error":[],"result":{"X":{"a":["\#(low)"],"b":["\#(low)"]}}}"#
        bodies["/api/v2/ticker/high/"] = quote(high)
        let server = try TickerServer(bodies)
        func venue(_ kind: String, _ id: String) -> JSONValue {
            OracleWorld.source(world.asset(index), kind: kind, ["id": .string(id), "url": .string(server.url)])
        }
        var honest: [JSONValue] = []
        for _ in 0..<2 {
            let feed = try await world.canned(OracleWorld.feed(fair, at: now))
            honest.append(
                OracleWorld.source(world.asset(index), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
        }
        // The clock is the block's: what the venues say is of now.
        let clock = ["WETH", "--cex", "--at", "\(try await world.now())"]
        func look(_ sources: [JSONValue]) throws -> JSONValue {
            let seen = try world.oracle(sources, clock)
            #expect(seen.status == 0, "\(seen.errors)")
            return try #require(seen.records["WETH"])
        }
        let calm = try look(honest)
        #expect(calm["verdict"]?.string == "ok" && calm["findings"]?.array?.isEmpty == true, calm.why)

        // A liar of a fifth, downwards: with two honest sources he is rejected by name.
        let one = try look(honest + [venue("coinbase", "LOW")])
        #expect(one["verdict"]?.string == "ok" && one["referenceRaw"]?.string == fair.description, one.why)
        #expect(one["references"]?.array?.last?["price"]?.string?.isEmpty == false)

        #expect(one["references"]?.array?.last?["standing"]?.string == "rejected", one.why)

        // Two who lie in both directions, and every wreck at once.
        let all = try look(
            honest + [venue("kraken", "LOW"), venue("bitstamp", "high")] + wrecks.map { venue("coinbase", $0.0) })
        #expect(all["verdict"]?.string == "ok" && all["referenceRaw"]?.string == fair.description, all.why)
        let references = try #require(all["references"]?.array)
        #expect(references.count == 4 + wrecks.count)
        for (wreck, reference) in zip(wrecks, references.dropFirst(4)) {
            #expect(reference["price"]?.isNull == true, "\(wreck.0)")
            #expect(reference["unknown"]?.string?.isEmpty == false, "\(wreck.0)")
        }

        // A liar alone with one honest source: nobody can say who is right, and nothing is rejected for it.
        let two = try look([honest[0], venue("coinbase", "LOW")])
        #expect(two["verdict"]?.string != "reject" && two.hasFlag("thin_reference"), two.why)
    }
}
