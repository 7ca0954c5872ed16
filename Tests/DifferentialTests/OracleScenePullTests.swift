import ABI
import Ethereum
import Foundation
import JSON
import Oracles
import TestSupport
import Testing

/// Signed prices that nobody brought to the chain yet: a real update, as a server of them sends it.
@Suite struct OracleScenePullTests {
    /// A chain whose contracts believe the guardians who signed a real update, some seconds after it was signed.
    struct Stage {
        let world: OracleWorld
        let bytes: [UInt8]
        let update: PythUpdate
        let price: PythPrice
        let pyth: String
        let period: UInt64

        /// - Parameters:
        ///   - guardians: how many of the real ones the chain knows.
        ///   - period: how long the contract takes a price for recent.
        ///   - believed: whether it believes who sent the update.
        ///   - behind: by how many seconds the contract's own price is older.
        ///   - quarters: the contract's own price, in quarters of what is signed.
        init(
            guardians: Int? = nil, period: UInt64 = 1_000_000, believed: Bool = true, behind: UInt64 = 60,
            quarters: Int64 = 2, borrowers: Int = 60
        ) async throws {
            let file = DevChain.root.appending(path: "Tests/Vectors/oracles/pyth.json")
            let vector = try #require(
                try JSONValue(parsing: Array(try Data(contentsOf: file)))["vectors"]?.array?.last)
            bytes = try Hex.decode(try #require(vector["data"]?.string))
            update = try PythUpdate(parsing: bytes)
            // ETH / USD among several.
            price = try #require(update.prices.first { $0.id.hex.hasPrefix("0xff61491a") })
            world = try await OracleWorld(
                borrowers: borrowers, options: ["--genesis-time", "\(price.publishTime - 3_000_000)"])
            self.period = period
            let word = OracleWorld.word
            let keys = try #require(vector["guardians"]?.array).compactMap { $0.string.flatMap { Address(hex: $0) } }
                .prefix(guardians ?? 255)
            let set =
                [32, 64, 0, UInt256(UInt64(keys.count))].map(word).joined() + keys.map { word($0.word) }.joined()
            let index = UInt256(UInt64(update.message.guardianSetIndex))
            let wormhole = try await world.canned(["getGuardianSet(uint32) 0x\(word(index))": set])
            let id = "0x" + word(price.id.word)
            let stored = [
                word(Int256(price.price * quarters / 4).bits), word(1), word(Int256(Int64(price.exponent)).bits),
                word(UInt256(price.publishTime - behind)),
            ].joined()
            pyth = try await world.canned([
                "wormhole()": try OracleWorld.contractWord(wormhole), "getValidTimePeriod()": word(UInt256(period)),
                "getUpdateFee(bytes[])": word(17), "isValidDataSource(uint16,bytes32)": word(believed ? 1 : 0),
                "getPriceUnsafe(bytes32) \(id)": stored,
            ])
        }

        var id: String { price.id.hex }
        /// The signed price with eight places, rounded down.
        var fair: UInt256 {
            let shift = Int(price.exponent) + 8
            let power = (0..<abs(shift)).reduce(UInt256.one) { value, _ in value &* 10 }
            let number = UInt256(UInt64(price.price))
            guard shift < 0 else { return number &* power }
            do { return try number.quotientAndRemainder(dividingBy: power).quotient } catch { return .zero }
        }

        /// The market's price is Pyth's, at so many quarters of what is signed.
        func pull(behind: UInt64 = 60, quarters: UInt64 = 2) async throws {
            var answers = OracleWorld.feed((fair &* UInt256(quarters)) >> 2, at: price.publishTime - behind)
            answers["pyth()"] = try OracleWorld.contractWord(pyth)
            answers["priceId()"] = OracleWorld.word(price.id.word)
            _ = try await world.canned(answers, source: "WETH")
        }

        /// Twenty seconds after the price was signed.
        func arrive() async throws {
            let time = try await world.now()
            guard time < price.publishTime + 20 else { return }
            try await world.node.call("dev_mine", ["blocks": 1, "seconds": .integer(price.publishTime + 20 - time)])
        }

        func source(_ server: TickerServer) -> JSONValue {
            OracleWorld.source(
                world.asset(0), kind: "hermes",
                ["contracts": ["pyth": .string(pyth)], "id": .string(id), "url": .string(server.url)])
        }

        var path: String { "/v2/updates/price/latest?ids%5B%5D=\(id)&encoding=hex&parsed=false" }

        /// What a server of updates sends.
        func body(_ bytes: [UInt8]) -> String {
            "{\"binary\":{\"encoding\":\"hex\",\"data\":[\"\(Hex.encode(bytes).dropFirst(2))\"]}}"
        }

        func look(_ body: String, _ more: [JSONValue] = []) async throws -> JSONValue {
            try await arrive()
            let now = try await world.now()
            let server = try TickerServer([path: body])
            let seen = try world.oracle([source(server)] + more, ["WETH", "--cex", "--at", "\(now)"])
            #expect(seen.status == 0, "\(seen.errors)")
            return try #require(seen.records["WETH"])
        }
    }

    /// What is signed is verified, priced, and stands in the record as the call that brings it.
    @Test func aSignedUpdateIsTheCallThatBringsIt() async throws {
        let stage = try await Stage()
        try await stage.pull()
        let record = try await stage.look(stage.body(stage.bytes))
        let update = try #require(record["needsUpdate"]?.array?.first, "\(record)")
        #expect(update["to"]?.string == Address(hex: stage.pyth)?.checksummed)
        #expect(update["value"]?.string == "17")
        #expect(update["validUntil"]?.uint64 == stage.price.publishTime + stage.period)
        let data = try Hex.decode(try #require(update["data"]?.string))
        #expect(Array(data.prefix(4)) == Selector(signature: "updatePriceFeeds(bytes[])").bytes)
        let arguments = try ABICoder.decode(Array(data.dropFirst(4)), as: [.array(.bytes)])
        #expect(arguments == [.array([.bytes(stage.bytes)])])
        #expect(record["pendingRaw"]?.string == stage.fair.description, record.why)
        #expect(record.hasFlag("pull_update_needed") && record.hasFlag("pending_update"), record.why)
    }

    /// Whatever is wrong with it, it is not at hand, the record says why, and nothing else changes.
    @Test func whatIsNotVerifiedIsNotAtHand() async throws {
        let stage = try await Stage()
        try await stage.pull()
        let bytes = stage.bytes
        var flipped = bytes
        flipped[bytes.count / 2] ^= 4
        let bodies = [
            stage.body(flipped), stage.body(Array(bytes.dropLast(1))), stage.body([]), "[]", "{}", "-",
            "!" + stage.body(bytes),
            "{\"binary\":{\"encoding\":\"base64\",\"data\":[\"\"]}}",
            "{\"binary\":{\"encoding\":\"hex\",\"data\":[\"" + String(repeating: "00", count: 40_000) + "\"]}}",
        ]
        for body in bodies {
            let record = try await stage.look(body)
            #expect(record["needsUpdate"] == .null && record["pendingRaw"] == .null, "\(body.prefix(80))")
            #expect(record["references"]?.array?.first?["unknown"]?.string?.isEmpty == false, "\(body.prefix(80))")
            #expect(record["priceRaw"]?.string == (stage.fair >> 1).description)
        }
    }

    /// Guardians that the chain does not know, senders that it does not believe, prices that are too old for it.
    @Test func whoTheChainDoesNotBelieveIsNotBelieved() async throws {
        for stage in [
            try await Stage(guardians: 12), try await Stage(guardians: 0), try await Stage(believed: false),
            try await Stage(period: 1),
        ] {
            try await stage.pull()
            let record = try await stage.look(stage.body(stage.bytes))
            #expect(record["needsUpdate"] == .null, record.why)
        }
    }

    /// A push feed beside a newer signed price beyond its threshold: an update is due, and whom it hits is said.
    @Test func aFeedThatIsAboutToMove() async throws {
        let stage = try await Stage()
        let world = stage.world
        _ = try await world.canned(
            OracleWorld.feed(stage.fair &+ (stage.fair >> 2), at: stage.price.publishTime - 30), source: "WETH")
        let server = try TickerServer([stage.path: stage.body(stage.bytes)])
        try await stage.arrive()
        let scan = try world.scan([stage.source(server)], ["--cex", "--at", "\(try await world.now())"])
        #expect(scan.status == 0, "\(scan.errors)")
        var expected: [String: Bool] = [:]
        var fell = 0
        for (id, position) in scan.positions {
            let under = position["oracle"]?["healthUnder"]
            guard let pending = under?["pending"]?.bool else { continue }
            expected[id] = pending
            #expect(position["oracle"]?["needsUpdate"]?.array?.isEmpty == true)
            if under?["protocol"]?.bool == false, pending { fell += 1 }
        }
        #expect(fell > 0 && expected.values.contains(false))
        let weth = scan.prices.first { $0["symbol"]?.string == "WETH" }
        #expect(weth?["liquidatableAtPending"]?.int == fell && weth?["pendingChannel"]?.string == "quoted")
        // The feed takes the price, and the contract is asked.
        _ = try await world.canned(OracleWorld.feed(stage.fair, at: stage.price.publishTime), source: "WETH")
        let after = try world.scan([], ["--at", "\(try await world.now())"])
        #expect(after.status == 0, "\(after.errors)")
        for (id, pending) in expected {
            let position = try #require(after.positions[id])
            #expect(position["match"]?.string == "equal" && position["liquidatable"]?.bool == pending, "\(id)")
        }
    }

    /// What the contract has is as new as what is signed, or newer: nothing is to be brought.
    @Test func anUpdateThatIsNotNewerIsNotNeeded() async throws {
        for behind in [UInt64(0), 1] {
            let stage = try await Stage(behind: behind)
            try await stage.pull(behind: behind)
            let record = try await stage.look(stage.body(stage.bytes))
            #expect(record["references"]?.array?.first?["unknown"] == .null, record.why)
            #expect(record["needsUpdate"]?.array?.count == Int(behind), record.why)
            #expect(record.hasFlag("pull_update_needed") == (behind == 1), record.why)
        }
    }

    /// Above a cap nobody knows how much of a new price comes through; below it all of it does.
    @Test func aCapStandsInTheWayOfAHigherPrice() async throws {
        for isHigher in [true, false] {
            let stage = try await Stage()
            let world = stage.world
            let old = isHigher ? stage.fair >> 1 : stage.fair << 1
            let base = try await world.canned(OracleWorld.feed(old, at: stage.price.publishTime - 30))
            var answers = OracleWorld.feed(old, at: stage.price.publishTime - 30)
            answers["ASSET_TO_USD_AGGREGATOR()"] = try OracleWorld.contractWord(base)
            answers["getPriceCap()"] = OracleWorld.word(stage.fair << 2)
            answers["isCapped()"] = OracleWorld.word(0)
            _ = try await world.canned(answers, source: "WETH")
            let record = try await stage.look(stage.body(stage.bytes))
            #expect(record["kind"]?.string == "capped", record.why)
            #expect(record["pendingRaw"]?.string == (isHigher ? nil : stage.fair.description), record.why)
        }
    }

    /// Behind a price that nobody can see through, whether something has to be brought is not known.
    @Test func whatIsNotSeenIsNotAnEmptyList() async throws {
        let world = try await OracleWorld(borrowers: 20)
        let scan = try world.scan([], [])
        #expect(scan.status == 0, "\(scan.errors)")
        for position in scan.positions.values {
            #expect(position["oracle"]?["needsUpdate"] == .null)
            #expect(position["unknown"]?.array?.contains { $0["field"]?.string?.hasPrefix("oracle") == true } == true)
        }
    }
}
