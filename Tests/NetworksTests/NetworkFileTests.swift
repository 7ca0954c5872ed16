import Ethereum
import JSON
import Networks
import Testing

@Suite struct NetworkFileTests {
    static let provider = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e"

    /// A valid file as a value to spoil.
    static func valid() -> JSONObject {
        let feed: JSONValue = [
            "asset": .string(provider), "quote": "USD", "kind": "chainlink", "contracts": ["feed": .string(provider)],
            "heartbeat": 3600, "deviationBps": 50,
        ]
        let pool: JSONValue = [
            "asset": .string(provider), "quote": .string(provider), "kind": "uniswap-v3",
            "contracts": ["pool": .string(provider)], "window": 1800,
        ]
        let asset: JSONValue = ["address": .string(provider), "symbol": "WETH", "decimals": 18]
        return [
            "$schema": "schema/network.schema.json", "name": "held-out", "chainId": 31337, "blockTime": 12,
            "nativeSymbol": "ETH", "rpc": ["http://127.0.0.1:8545"],
            "multicall3": "0xcA11bde05977b3631167028862bE2a173976CA11", "markets": [.object(market())],
            "assets": [asset], "priceSources": [feed, pool],
        ]
    }

    static func market() -> JSONObject {
        [
            "id": "core", "protocol": "aave-v3", "deployBlock": 0,
            "contracts": ["poolAddressesProvider": .string(provider)],
        ]
    }

    private func parse(_ object: JSONObject) throws(NetworkFileError) -> Network {
        try NetworkFile().parse(JSONValue.object(object).serialized(), file: "net.json")
    }

    private func expectRefusal(
        _ object: JSONObject, _ pointer: String, _ expected: String, got: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = NetworkFileError.refused(
            file: "net.json", .mismatch(pointer: pointer, expected: expected, got: got))
        #expect(throws: error, sourceLocation: sourceLocation) { try parse(object) }
    }

    @Test func readsEveryMember() throws {
        let network = try parse(Self.valid())
        #expect(network.name == "held-out")
        #expect(network.chainId == 31337)
        #expect(network.blockTime == 12_000)
        #expect(network.rpc.map(\.secretURL) == ["http://127.0.0.1:8545"])
        #expect(network.markets.count == 1)
        #expect(network.assets.first?.decimals == 18)
        #expect(network.priceSources.map(\.window) == [nil, 1800])
        #expect(
            network.priceSources.map(\.quote) == [.named("USD"), .asset(try #require(Address(hex: Self.provider)))])
    }

    @Test func needsLittle() throws {
        let network = try parse(["name": "x", "chainId": 1, "markets": []])
        #expect(network.multicall3 == Network.usualMulticall3)
        #expect(network.blockTime == 12_000)
        #expect(network.nativeSymbol == "ETH")
    }

    @Test func tellsNoMulticall3FromSilence() throws {
        var object = Self.valid()
        object["multicall3"] = .null
        #expect(try parse(object).multicall3 == nil)
    }

    @Test func allowsRemarks() throws {
        var object = Self.valid()
        object["_comment"] = "why"
        #expect(throws: Never.self) { try parse(object) }
    }

    @Test(arguments: [("0.25", 250), ("2", 2000), ("0.001", 1), ("3600", 3_600_000)])
    func readsBlockTimes(text: String, milliseconds: Int) throws {
        var object = Self.valid()
        object["blockTime"] = .number(text)
        #expect(try parse(object).blockTime == milliseconds)
    }

    @Test(arguments: ["0", "-1", "0.0001", "3600.001", "1e1", "99999999999999999999"])
    func refusesBlockTimes(text: String) {
        var object = Self.valid()
        object["blockTime"] = .number(text)
        expectRefusal(
            object, "/blockTime", "seconds above 0 and up to 3600, with at most three decimal places", got: text)
    }
}

extension NetworkFileTests {
    @Test func namesWhatIsMissing() {
        for name in ["name", "chainId", "markets"] {
            var object = Self.valid()
            object[name] = nil
            expectRefusal(object, "", "a member \"\(name)\"", got: "none")
        }
        for name in ["id", "protocol", "deployBlock", "contracts"] {
            var market = Self.market()
            market[name] = nil
            expectRefusal(spoiled(market), "/markets/0", "a member \"\(name)\"", got: "none")
        }
    }

    private func spoiled(_ markets: JSONObject...) -> JSONObject {
        var object = Self.valid()
        object["markets"] = .array(markets.map { .object($0) })
        return object
    }

    private func spoiled(market name: String, _ value: JSONValue) -> JSONObject {
        var market = Self.market()
        market[name] = value
        return spoiled(market)
    }

    @Test func givesTheRightFormOfAMistypedAddress() {
        let wrong = "0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e"
        expectRefusal(
            spoiled(market: "contracts", ["poolAddressesProvider": .string(wrong)]),
            "/markets/0/contracts/poolAddressesProvider", "\(Self.provider), the EIP-55 form of the address",
            got: "\"\(wrong.prefix(36))…\"")
    }

    @Test(arguments: [Self.provider.lowercased(), "0x" + Self.provider.dropFirst(2).uppercased()])
    func takesAddressesInOneCase(text: String) throws {
        let network = try parse(spoiled(market: "contracts", ["poolAddressesProvider": .string(text)]))
        #expect(network.markets[0].contracts["poolAddressesProvider"]?.checksummed == Self.provider)
    }

    @Test(arguments: [
        "0x", "0x12", "2f39d218133AFaB8F2B819B1066c7E434Ad94E9e", "0X2f39d218133afab8f2b819b1066c7e434ad94e9e", "0x…",
    ])
    func refusesWhatIsNoAddress(text: String) {
        var object = Self.valid()
        object["multicall3"] = .string(text)
        #expect(throws: NetworkFileError.self) { try parse(object) }
    }

    @Test func refusesTheZeroAddress() {
        var object = Self.valid()
        object["multicall3"] = .string("0x" + String(repeating: "0", count: 40))
        expectRefusal(
            object, "/multicall3", "an address other than zero", got: "\"0x" + String(repeating: "0", count: 34) + "…\""
        )
    }

    @Test func refusesUnknownMembersWithAGuess() {
        expectRefusal(
            spoiled(market: "deployBlok", 1), "/markets/0/deployBlok",
            "only id, protocol, fork, deployBlock, contracts, markets, options, source (did you mean \"deployBlock\"?)",
            got: "a member \"deployBlok\"")
        expectRefusal(
            spoiled(market: "contracts", ["poolAddressProvider": .string(Self.provider)]),
            "/markets/0/contracts/poolAddressProvider",
            "only poolAddressesProvider (did you mean \"poolAddressesProvider\"?)",
            got: "a member \"poolAddressProvider\"")
        expectRefusal(
            spoiled(market: "options", ["fork": "venus"]), "/markets/0/options/fork", "no member",
            got: "a member \"fork\"")
    }

    @Test func refusesUnknownProtocols() {
        expectRefusal(
            spoiled(market: "protocol", "aave-v33"), "/markets/0/protocol",
            "one of \(EntryPoints.known.map(\.protocol).joined(separator: ", ")) (did you mean \"aave-v3\"?)",
            got: "\"aave-v33\"")
    }

    @Test func knowsTheForksOfAProtocol() throws {
        var market = Self.market()
        market["fork"] = "venus"
        expectRefusal(
            spoiled(market), "/markets/0/fork", "one of arc, granary, horizon, kinza, radiant, seamless, zerolend",
            got: "\"venus\"")
        market["protocol"] = "compound-v2"
        market["contracts"] = ["comptroller": .string(Self.provider)]
        let network = try NetworkFile().parse(JSONValue.object(spoiled(market)).serialized(), file: "f")
        #expect(network.markets.first?.fork == "venus")
        market["fork"] = "venuz"
        expectRefusal(
            spoiled(market), "/markets/0/fork",
            "one of compound, venus, venus-isolated, moonwell, benqi, ironbank, cream, sonne (did you mean \"venus\"?)",
            got: "\"venuz\"")
    }

    @Test func readsAListOfMarkets() throws {
        let id = "0x" + String(repeating: "ab", count: 32)
        var market = Self.market()
        market["markets"] = [.string(id)]
        expectRefusal(spoiled(market), "/markets/0/markets", "no markets of aave-v3", got: "a list")
        market["protocol"] = "morpho-blue"
        market["contracts"] = ["morpho": .string(Self.provider)]
        let network = try NetworkFile().parse(JSONValue.object(spoiled(market)).serialized(), file: "f")
        #expect(network.markets.first?.marketIds.map(\.hex) == [id])
        market["markets"] = [.string(id), .string(id)]
        expectRefusal(
            spoiled(market), "/markets/0/markets/1", "an id that is not in the list yet", got: "the same again")
        market["markets"] = ["0x12"]
        expectRefusal(
            spoiled(market), "/markets/0/markets/0", "the id of a market: \"0x\" and 64 hex digits", got: "\"0x12\"")
        market["markets"] = []
        expectRefusal(
            spoiled(market), "/markets/0/markets", "at least one id; without \"markets\" all are read",
            got: "an empty list")
    }

    @Test func needsTheEntryPointsOfItsProtocol() {
        let reader = NetworkFile(protocols: [EntryPoints("maker", required: ["vat", "dog"], optional: ["spot"])])
        let market: JSONObject = [
            "id": "m", "protocol": "maker", "deployBlock": 0, "contracts": ["vat": .string(Self.provider)],
        ]
        let object = spoiled(market)
        #expect(
            throws: NetworkFileError.refused(
                file: "f", .mismatch(pointer: "/markets/0/contracts", expected: "a member \"dog\"", got: "none"))
        ) { try reader.parse(JSONValue.object(object).serialized(), file: "f") }
    }

    @Test func refusesTwoMarketsOfOneIdOrOneDeployment() {
        expectRefusal(
            spoiled(Self.market(), Self.market()), "/markets/1/id", "an id that no other market of the file has",
            got: "\"core\"")
        var other = Self.market()
        other["id"] = "other"
        expectRefusal(
            spoiled(Self.market(), other), "/markets/1/contracts", "another deployment",
            got: "the contracts of market \"core\"")
    }

    @Test(arguments: ["0", "-1", "9007199254740992", "1.5", "1e3"])
    func limitsChainIds(text: String) {
        var object = Self.valid()
        object["chainId"] = .number(text)
        expectRefusal(object, "/chainId", "a whole number from 1 to 9007199254740991", got: text)
        object["chainId"] = .string("1")
        expectRefusal(object, "/chainId", "a whole number from 1 to 9007199254740991", got: "\"1\"")
    }

    @Test func keepsURLsOutOfMessages() {
        var object = Self.valid()
        object["rpc"] = ["ftp://host/secret-key"]
        expectRefusal(object, "/rpc/0", "an http:// or https:// URL with a host", got: "another text")
    }

    @Test func saysWhereTheTextIsNoJSON() {
        let error = NetworkFileError.refused(
            file: "net.json",
            .syntax(
                JSONPosition(offset: 10, line: 2, column: 1), expected: "\",\" or \"}\"", got: "the end of the text"))
        #expect(throws: error) { try NetworkFile().parse(Array("{\"name\":1\n".utf8), file: "net.json") }
    }

    @Test func refusesDepthAndMissingFiles() {
        let deep = Array((String(repeating: "[", count: 10_000)).utf8)
        #expect(throws: NetworkFileError.self) { try NetworkFile().parse(deep, file: "f") }
        #expect(throws: NetworkFileError.unreadable(file: "/nowhere/x.json", reason: "no such file or directory")) {
            try NetworkFile().load(path: "/nowhere/x.json")
        }
        #expect(throws: NetworkFileError.unreadable(file: "/", reason: "is a directory")) {
            try NetworkFile().load(path: "/")
        }
        #expect(throws: NetworkFileError.tooLarge(file: "/dev/zero", maximum: NetworkFile.maximumBytes)) {
            try NetworkFile().load(path: "/dev/zero")
        }
    }
}
