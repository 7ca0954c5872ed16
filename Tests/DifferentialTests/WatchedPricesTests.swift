import Ethereum
import Foundation
import JSON
import Oracles
import TestSupport
import Testing

/// A watch whose prices are judged: what is said of positions follows the sources, beside the blocks.
@Suite(.serialized) struct WatchedPricesTests {
    /// A watch over a world with sources, with what stands in its stream.
    private final class Watch {
        let program: BuiltProgram.Conversation
        /// The last message about each position that is open or near.
        private(set) var open: [String: JSONValue] = [:]
        /// Every message of a position.
        private(set) var said: [JSONValue] = []
        private(set) var heads = 0
        /// How many of them said a block again.
        private(set) var updates = 0
        /// The blocks that are done; one is said again where its prices change what is to be thought of it.
        private(set) var blocks: Set<String> = []

        init(_ world: OracleWorld, _ sources: [JSONValue], _ arguments: [String] = []) throws {
            program = try BuiltProgram.Conversation(
                [
                    "watch", "--network", try world.file(sources), "--ws",
                    world.node.url.replacing("http://", with: "ws://"), "--no-state", "--format", "ndjson",
                ] + arguments)
        }

        /// Reads until a head after which the condition holds; whether it ever did.
        func read(until condition: (Watch) -> Bool) throws -> Bool {
            while let line = program.line() {
                let message = try JSONValue(parsing: line)
                if let id = message["id"]?.string {
                    open[id] = message["type"]?.string == "close" ? nil : message
                    said.append(message)
                }
                guard message["type"]?.string == "head" else { continue }
                heads += 1
                if message["update"]?.string == "prices" {
                    updates += 1
                    #expect(blocks.contains(message["block"]?["hash"]?.string ?? "") && message["accounts"] != nil)
                }
                blocks.insert(message["block"]?["hash"]?.string ?? "")
                if condition(self) { return true }
                if heads > 40 { return false }
            }
            return false
        }

        func verdicts(_ type: String) -> Set<String> {
            Set(open.values.filter { $0["type"]?.string == type }.map { $0["oracle"]?["verdict"]?.string ?? "none" })
        }
    }

    private static func accounts(_ messages: some Sequence<JSONValue>) -> Set<String> {
        Set(messages.compactMap { $0["account"]?.string })
    }

    /// Whoever falls at a signed price that nobody brought is an opportunity with the call that brings it, and with
    /// plans at that price; once it has arrived, the contract says the same of each of them.
    @Test(.timeLimit(.minutes(5))) func whoFallsAtASignedPrice() async throws {
        let stage = try await OracleScenePullTests.Stage(quarters: 3, borrowers: 100)
        try await stage.pull(quarters: 3)
        try await stage.arrive()
        let server = try TickerServer([stage.path: stage.body(stage.bytes)])
        let watch = try Watch(stage.world, [stage.source(server)], ["--cex"])
        #expect(try watch.read { $0.heads > 0 })
        let before = watch.open.filter { $0.value["liquidatable"]?.bool == true }
        let expected = { (watch: Watch) in
            watch.open.filter { $0.value["liquidatableAtPending"]?.bool == true && before[$0.key] == nil }
        }
        // Far from the line as well: the blocks after the first answer find them by the prices that are expected.
        for _ in 0..<3 {
            try await stage.world.node.call("dev_mine", ["blocks": 1, "seconds": 1])
            try await Task.sleep(for: .seconds(1.5))
        }
        #expect(try watch.read { $0.blocks.count > 3 })
        let falls = expected(watch)
        #expect(!falls.isEmpty, "\(watch.program.errors)")
        for (id, message) in falls {
            #expect(message["type"]?.string == "opportunity" && message["cause"]?.string == "pending_price", "\(id)")
            #expect(message["liquidatable"]?.bool == false)
            let update = message["oracle"]?["needsUpdate"]?.array?.first
            #expect(update?["to"]?.string == Address(hex: stage.pyth)?.checksummed)
            let pending = message["pending"]?.array?.first
            #expect(pending?["channel"]?.string == "signed" && pending?["priceRaw"]?.string == stage.fair.description)
            #expect(pending?["observationsTimestamp"]?.uint64 == stage.price.publishTime)
            let hasPlans = message["plans"]?.array?.isEmpty == false
            #expect(hasPlans || message["unknown"]?.array?.contains { $0["field"]?.string == "plans" } == true, "\(id)")
        }
        #expect(falls.values.contains { $0["plans"]?.array?.isEmpty == false })
        // It is brought.
        _ = try await stage.world.canned(OracleWorld.feed(stage.fair, at: stage.price.publishTime), source: "WETH")
        try await stage.world.node.call("dev_mine", ["blocks": 1, "seconds": 1])
        #expect(
            try watch.read { watch in
                falls.keys.allSatisfy { watch.open[$0]?["liquidatable"]?.bool == true }
            }, "\(watch.program.errors)")
        let after = watch.open.filter { $0.value["liquidatable"]?.bool == true && before[$0.key] == nil }
        #expect(Self.accounts(after.values) == Self.accounts(falls.values))
        for (id, message) in falls {
            let now = try #require(watch.open[id])
            #expect(now["match"]?.string == "equal" && now["cause"]?.string != "pending_price")
            for plan in message["plans"]?.array ?? [] where plan["size"]?.string == "max" {
                let same = now["plans"]?.array?.first { $0["pair"] == plan["pair"] && $0["size"] == plan["size"] }
                let (said, is_) = (
                    plan["repay"]?.string.flatMap { Double($0) }, same?["repay"]?.string.flatMap { Double($0) }
                )
                guard let said, let is_ else { continue }
                #expect(abs(said - is_) <= is_ * 1e-4, "\(id): \(said) was planned, \(is_) it is")
            }
        }
        #expect(watch.program.stop() == 0)
    }

    /// A price that only the market has: positions that it brings down are said at once, and as soon as the sources were
    /// asked, that they are not to be acted on.
    @Test(.timeLimit(.minutes(5))) func whoFallsAtAPriceThatIsWrong() async throws {
        var stage = try await OracleSceneTests.Stage(borrowers: 60)
        for index in stage.world.reserves.indices { try await stage.witness(index) }
        let watch = try Watch(stage.world, stage.sources)
        #expect(try watch.read { $0.heads > 0 })
        let before = Set(watch.open.filter { $0.value["type"]?.string == "opportunity" }.keys)
        let price = try stage.world.price(stage.weth)
        try await stage.world.node.call(
            "dev_setPrice", ["asset": "WETH", "price": .string((price >> 1).description)])
        let fallen = { (watch: Watch) in
            watch.open.filter { $0.value["type"]?.string == "opportunity" && !before.contains($0.key) }
        }
        try await stage.mine()
        #expect(try watch.read { !fallen($0).isEmpty })
        // It is said again, of the same block or the next.
        try await stage.mine()
        #expect(
            try watch.read { watch in
                fallen(watch).values.contains { $0["oracle"]?["verdict"]?.string == "reject" }
            }, "\(watch.verdicts("opportunity")) \(watch.program.errors)")
        let rejected = fallen(watch).values.filter { $0["oracle"]?["verdict"]?.string == "reject" }
        for message in rejected {
            #expect(message["oracle"]?["sourcesBlock"]?["number"]?.uint64 != nil)
            let under = message["oracle"]?["healthUnder"]
            #expect(under?["protocol"]?.bool == true && under?["reference"]?.bool == false)
            let plan = message["plans"]?.array?.first
            #expect(plan.map { $0["confidence"]?["bps"]?.int == 0 } ?? true)
        }
        #expect(watch.updates > 0)
        // Before its sources were asked nothing confirmed it.
        let ids = Set(rejected.compactMap { $0["id"]?.string })
        let first = watch.said.first { ids.contains($0["id"]?.string ?? "") && $0["type"]?.string == "opportunity" }
        #expect(first?["oracle"]?["verdict"]?.string != "ok")
        #expect(watch.program.stop() == 0)
    }
}
