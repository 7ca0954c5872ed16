import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Lending
import Networks
import Risk
import TestSupport
import Testing

@testable import Protocols

/// Prices that are really posted, and a clock that is really moved: the contract turns where it was said to turn.
///
/// `PLIMSOLL_DISTANCE_SAMPLE` is how many turns are tried on each chain.
@Suite(.serialized) struct DistanceDifferentialTests {
    static let wanted = ProcessInfo.processInfo.environment["PLIMSOLL_DISTANCE_SAMPLE"].flatMap { Int($0) } ?? 6

    struct World: Sendable, CustomTestStringConvertible {
        var name: String
        var module: String
        var options: [String]
        var testDescription: String { name }

        func start() throws -> DevChain {
            let file = NSTemporaryDirectory() + "plimsoll-distance-\(UUID().uuidString).json"
            return try DevChain(options + ["--network-out", file], module: module)
        }
    }

    static let borrowers = ["--borrowers", "\(max(60, wanted))"]
    static let worlds = [
        World(name: "aave 3.2", module: "devchain", options: ["--rules", "3.2", "--seed", "41"] + borrowers),
        World(name: "aave 3.0", module: "devchain", options: ["--rules", "3.0", "--seed", "42"] + borrowers),
        World(name: "aave 2", module: "devchain", options: ["--rules", "2.0", "--seed", "43"] + borrowers),
        World(name: "aave 4", module: "devchain.aave4", options: ["--seed", "44"] + borrowers),
        World(
            name: "compound 2", module: "devchain.compound",
            options: ["--kind", "truncating", "--time-based", "--seed", "45"] + borrowers),
        World(name: "comet", module: "cometchain", options: ["--generation", "1", "--seed", "46"] + borrowers),
        World(name: "morpho", module: "morphochain", options: ["--seed", "47"] + borrowers),
    ]

    /// A chain with a client for it.
    struct Bench {
        let world: World
        let node: DevChain
        let network: Network
        let client: RPCClient

        init(_ world: World) throws {
            self.world = world
            node = try world.start()
            network = try NetworkCatalog().network(node.networkFile)
            client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
        }

        func snapshot() async throws -> Snapshot {
            try await Snapshot(of: client, chainId: network.chainId, at: .latest, multicall: network.multicall3)
        }

        func open(_ snapshot: Snapshot) async throws -> any LendingMarket {
            try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
        }

        /// What the contract says of an account now: `nil` where it does not agree with what is computed.
        func word(of account: Account) async throws -> (liquidatable: Bool?, position: Position?) {
            let snapshot = try await snapshot()
            let market = try await open(snapshot)
            let reading = try await market.read([account], debtless: true, known: AccountRows(), on: snapshot)
            let position = reading.positions.first
            return (position?.match == .equal ? position?.liquidatable : nil, position)
        }

        /// Posts a price in a block of its own; false where the chain cannot.
        func post(_ price: UInt256, for leg: Leg, of position: Position, in market: any LendingMarket) async throws
            -> Bool
        {
            switch world.module {
            case "devchain.aave4":
                guard let market = market as? AaveV4.Market,
                    market.state.reserves.count(where: { $0.value?.underlying == leg.asset }) == 1,
                    let reserve = market.state.reserves.firstIndex(where: { $0.value?.underlying == leg.asset })
                else { return false }
                try await node.call(
                    "dev_setPrice", ["reserve": .integer(reserve), "price": .string(price.description)])
            case "devchain.compound":
                guard let market = market as? CompoundV2.Market,
                    let place = market.state.markets.firstIndex(where: { $0.underlying == leg.asset })
                else { return false }
                let done = try await node.call(
                    "dev_set", ["market": .integer(place), "price": .string(price.description)])
                return done["market"]?.string?.lowercased()
                    == market.state.markets[place].address.checksummed.lowercased()
            case "morphochain":
                guard let id = position.account.accountId else { return false }
                try await node.call("dev_setPrice", ["id": .string(id), "answer": .string(price.description)])
            default:
                try await node.call(
                    "dev_setPrice",
                    ["asset": .string(leg.asset.checksummed.lowercased()), "price": .string(price.description)])
            }
            return true
        }
    }

    @Test(arguments: worlds) func thePostedPriceTurnsIt(world: World) async throws {
        let bench = try Bench(world)
        let start = try await bench.snapshot()
        let market = try await bench.open(start)
        let found = try await BorrowerFinder(market, on: start).find().accounts
        let positions = try await market.read(found, debtless: false, known: AccountRows(), on: start).positions
        var turned = 0
        var refused = 0
        // The asset that was moved last, to be put back before another one is.
        for (number, position) in positions.enumerated() where position.liquidatable == false && turned < Self.wanted {
            let legs = (position.collateral + position.debt).filter {
                $0.source.kind == .feed && $0.enabled && !$0.priceRaw.isZero
            }
            guard !legs.isEmpty else { continue }
            let leg = legs[number % legs.count]
            // Two assets of one contract would move together.
            guard
                legs.filter({ $0.source.address == leg.source.address }).count == 1
                    || world.module == "devchain.compound"
            else { continue }
            guard try await bench.post(leg.priceRaw, for: leg, of: position, in: market) else { continue }
            for isTurned in [true, false] {
                let now = try await bench.snapshot().block.timestamp
                let then = now + Self.pace
                guard case .success(let distance) = DistanceFinder(market, at: then).distance(of: position),
                    let flip = distance.assets.first(where: { $0.assets == [leg.asset] })?.flips.first,
                    let direction = flip.direction, flip.price < UInt256.one << 96 || world.module == "morphochain"
                else { break }
                let nearer = direction == .down ? flip.price &+ .one : flip.price &- .one
                let price = isTurned ? flip.price : nearer
                _ = try await bench.post(price, for: leg, of: position, in: market)
                let (word, after) = try await bench.word(of: position.account)
                let posted = (after.map { $0.collateral + $0.debt } ?? []).first { $0.asset == leg.asset }?.priceRaw
                guard after?.block.timestamp == then, posted == price else {
                    refused += 1
                    break
                }
                #expect(
                    word == isTurned,
                    "\(world.name) \(position.account.address) \(leg.asset) \(price): \(String(describing: after?.unknown))"
                )
                if !isTurned { turned += 1 }
            }
            _ = try await bench.post(leg.priceRaw, for: leg, of: position, in: market)
        }
        print("\(world.name): \(turned) turns by price, \(refused) not comparable, of \(positions.count) positions")
        #expect(turned > 0, "\(world.name): \(refused) refused")
    }

    /// Seconds from one block to the next where nothing else is asked.
    static let pace: UInt64 = 12

    @Test(arguments: worlds) func theSecondTurnsIt(world: World) async throws {
        let bench = try Bench(world)
        let start = try await bench.snapshot()
        let market = try await bench.open(start)
        let found = try await BorrowerFinder(market, on: start).find().accounts
        let positions = try await market.read(found, debtless: false, known: AccountRows(), on: start).positions
        var crossings: [(second: UInt64, account: Account)] = []
        for position in positions where position.liquidatable == false {
            if case .success(.at(let second)) = InterestClock(market).crossing(of: position) {
                crossings.append((second, position.account))
            }
        }
        crossings.sort { $0.second < $1.second }
        var now = start.block.timestamp
        var turned = 0
        for (second, account) in crossings where second > now + 1 && turned < Self.wanted {
            try await bench.node.call("dev_mine", ["blocks": 1, "seconds": .integer(second - 1 - now)])
            let before = try await bench.word(of: account)
            #expect(before.position?.block.timestamp == second - 1)
            #expect(before.liquidatable == false, "\(world.name) \(account.address) at \(second) - 1")
            try await bench.node.call("dev_mine", ["blocks": 1, "seconds": 1])
            let at = try await bench.word(of: account)
            #expect(at.liquidatable == true, "\(world.name) \(account.address) at \(second)")
            now = second
            turned += 1
        }
        print("\(world.name): \(turned) turns by interest, of \(crossings.count) that cross")
        #expect(turned > 0, "\(world.name): of \(crossings.count) that cross")
    }
}
