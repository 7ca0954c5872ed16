import Ethereum
import JSON
import Networks
import Testing

@Suite struct BuiltInNetworksTests {
    static let chainIds: [String: UInt64] = [
        "ethereum": 1, "optimism": 10, "bnb": 56, "gnosis": 100, "polygon": 137, "base": 8453, "arbitrum": 42161,
        "avalanche": 43114, "scroll": 534_352, "linea": 59144,
    ]

    @Test func areTheTen() {
        #expect(NetworkCatalog.names == Self.chainIds.keys.sorted())
    }

    @Test(arguments: NetworkCatalog.names)
    func loads(name: String) throws {
        let network = try NetworkCatalog().network(name)
        #expect(network.name == name)
        #expect(network.chainId == Self.chainIds[name])
        #expect(network.multicall3 == Network.usualMulticall3)
        #expect(network.markets.first?.id == "core")
        #expect(network.rpc.isEmpty)
        #expect(network.source?.contains("multicall3") == true)
        for market in network.markets {
            #expect(market.source?.contains("@") == true, "\(market.id) has no source")
            #expect(market.deployBlock > 0)
        }
    }

    /// Every address in a built-in file is mixed-case, so that the reader checks its checksum.
    @Test(arguments: NetworkCatalog.names)
    func spellsAddressesByEIP55(name: String) throws {
        let text = String(decoding: try #require(NetworkCatalog.text(name)), as: UTF8.self)
        var count = 0
        // Names of 32 bytes, such as a feed's, have no checksum.
        for piece in text.split(separator: "\"") where piece.hasPrefix("0x") && piece.utf8.count != 66 {
            #expect(Address(hex: piece)?.checksummed == String(piece))
            count += 1
        }
        #expect(count >= 2)
    }

    @Test func ethereumHasItsMarkets() throws {
        let markets = try NetworkCatalog().network("ethereum").markets
        #expect(markets.map(\.id).prefix(5) == ["core", "prime", "etherfi", "horizon", "spark"])
        #expect(markets.map(\.protocol).prefix(5) == ["aave-v3", "aave-v3", "aave-v3", "aave-v3", "spark"])
        #expect(markets.filter { $0.protocol == "aave-v2" }.map(\.id) == ["v2", "v2-amm", "v2-arc"])
        #expect(
            markets[0].contracts["poolAddressesProvider"]?.checksummed == "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e")
    }

    @Test func cometsStandOnSixChains() throws {
        var count: [String: Int] = [:]
        for name in NetworkCatalog.names {
            let comets = try NetworkCatalog().network(name).markets.filter { $0.protocol == "compound-v3" }
            if !comets.isEmpty { count[name] = comets.count }
            #expect(Set(comets.compactMap { $0.contracts["comet"] }).count == comets.count)
        }
        #expect(count == ["ethereum": 6, "arbitrum": 4, "base": 5, "optimism": 3, "polygon": 2, "scroll": 1])
    }

    @Test func compoundAndItsForks() throws {
        func markets(_ name: String) throws -> [MarketConfiguration] {
            try NetworkCatalog().network(name).markets.filter { $0.protocol == "compound-v2" }
        }
        let ethereum = try markets("ethereum")
        #expect(ethereum.first?.id == "compound-v2")
        #expect(ethereum.first?.fork == nil)
        #expect(ethereum.first?.deployBlock == 7_710_671)
        #expect(try markets("bnb").first { $0.id == "venus" }?.fork == "venus")
        #expect(try markets("bnb").contains { $0.fork == "venus-isolated" })
        #expect(try markets("base").contains { $0.fork == "moonwell" })
        #expect(try markets("avalanche").contains { $0.fork == "benqi" })
    }

    @Test func everySpokeOfAaveV4IsThere() throws {
        let counts = ["ethereum": 12, "avalanche": 3, "base": 1, "optimism": 1]
        for name in NetworkCatalog.names {
            let spokes = try NetworkCatalog().network(name).markets.filter { $0.protocol == "aave-v4" }
            #expect(spokes.count == counts[name] ?? 0, "\(name)")
            #expect(Set(spokes.compactMap { $0.contracts["spoke"] }).count == spokes.count)
        }
    }

    @Test func morphoStandsOnSevenChains() throws {
        var found: [String] = []
        for name in NetworkCatalog.names {
            let markets = try NetworkCatalog().network(name).markets.filter { $0.protocol == "morpho-blue" }
            guard let market = markets.first else { continue }
            found.append(name)
            #expect(markets.count == 1 && market.contracts.count == 3 && market.marketIds.isEmpty)
        }
        #expect(found == ["arbitrum", "base", "bnb", "ethereum", "optimism", "polygon", "scroll"])
    }

    @Test func usualMulticall3IsSpelledRight() {
        #expect(Network.usualMulticall3.checksummed == "0xcA11bde05977b3631167028862bE2a173976CA11")
    }
}

/// The schema and the reader are two statements of one thing.
@Suite struct NetworkSchemaTests {
    private let schema: JSONValue

    init() throws {
        schema = try JSONValue(parsing: NetworkCatalog.schema, limits: .file)
    }

    private func properties(_ value: JSONValue?) -> [String] { value?["properties"]?.object?.keys ?? [] }

    /// A file whose object at `place` has an unknown member is refused with the list of those that are known.
    private func known(_ text: String) -> [String] {
        do {
            _ = try NetworkFile().parse(Array(text.utf8), file: "f")
            return []
        } catch NetworkFileError.refused(_, .mismatch(_, let expected, _)) {
            let list = expected.dropFirst("only ".count).prefix { $0 != "(" }
            return list.split(separator: ",").map { $0.filter { $0 != " " } }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func listsTheReadersMembers() {
        let definitions = schema["$defs"]
        let start = "{\"name\":\"x\",\"chainId\":1,\"markets\":["
        #expect(properties(schema) == ["$schema"] + known("{\"zzzzzzzz\":1}"))
        #expect(properties(definitions?["market"]) == known(start + "{\"zzzzzzzz\":1}]}"))
        #expect(properties(definitions?["asset"]) == known(start + "],\"assets\":[{\"zzzzzzzz\":1}]}"))
        #expect(properties(definitions?["priceSource"]) == known(start + "],\"priceSources\":[{\"zzzzzzzz\":1}]}"))
    }

    @Test func listsTheProtocols() {
        let names = schema["$defs"]?["market"]?["properties"]?["protocol"]?["enum"]?.array?.compactMap(\.string)
        #expect(names == EntryPoints.known.map(\.protocol))
    }
}
