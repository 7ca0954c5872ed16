import JSON
import Networks
import Testing

@Suite struct NetworkCatalogTests {
    private func network(rpc: [String] = [], name: String = "held-out.2") throws -> Network {
        var network = try NetworkCatalog().network("ethereum")
        network.name = name
        network.rpc = rpc.compactMap { RPCAddress($0) }
        return network
    }

    @Test func guessesTheNetwork() {
        #expect(throws: NetworkFileError.unknownNetwork("etherum", known: NetworkCatalog.names)) {
            try NetworkCatalog().network("etherum")
        }
    }

    @Test func prefersCommandLineThenEnvironmentThenFile() throws {
        let network = try network(rpc: ["http://file"])
        #expect(network.endpointVariable == "PLIMSOLL_RPC_HELD_OUT_2")
        let environment = ["PLIMSOLL_RPC_HELD_OUT_2": "http://one, http://two"]
        func hosts(_ commandLine: [String], _ environment: [String: String]) throws -> [String] {
            try network.endpoints(commandLine: commandLine, environment: environment).map(\.host)
        }
        #expect(try hosts(["http://arg"], environment) == ["arg"])
        #expect(try hosts([], environment) == ["one", "two"])
        #expect(try hosts([], ["PLIMSOLL_RPC_HELD_OUT_2": " "]) == ["file"])
        #expect(throws: NetworkFileError.badURL(origin: "PLIMSOLL_RPC_HELD_OUT_2")) {
            try network.endpoints(commandLine: [], environment: ["PLIMSOLL_RPC_HELD_OUT_2": "ws://x/key"])
        }
    }

    @Test func saysHowToGiveAnEndpoint() throws {
        let network = try network()
        #expect(throws: NetworkFileError.noEndpoint(network: "held-out.2", variable: "PLIMSOLL_RPC_HELD_OUT_2")) {
            try network.endpoints(commandLine: [], environment: [:])
        }
    }

    @Test func picksMarketsOnce() throws {
        let network = try network()
        #expect(try network.markets(["spark", "core", "spark"]).map(\.id) == ["spark", "core"])
        #expect(try network.markets([]) == network.markets)
        #expect(throws: NetworkFileError.self) { try network.markets(["cor"]) }
    }

    @Test(
        arguments: [
            ("nope", "aave", nil), ("deployBlok", "deployBlock", "deployBlock"), ("RPC", "rpc", "rpc"),
            ("ab", "xy", nil),
            ("cahinId", "chainId", "chainId"),
        ] as [(String, String, String?)])
    func findsSlips(word: String, candidate: String, found: String?) {
        #expect(Spelling.nearest(word, among: [candidate]) == found)
    }
}

@Suite struct RPCAddressTests {
    @Test(arguments: [
        ("https://eth.example/v2/KEY?x=1", "eth.example"), ("http://127.0.0.1:8545", "127.0.0.1:8545"),
        ("https://user:pass@node.example:443/", "node.example:443"), ("HTTP://[::1]:8545/x", "[::1]:8545"),
        ("http://localhost#f", "localhost"),
    ])
    func showsOnlyTheHost(url: String, host: String) throws {
        let address = try #require(RPCAddress(url))
        #expect("\(address)" == host)
        #expect(String(reflecting: address) == host)
        #expect("\([address])" == "[\(host)]")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("KEY") && !dumped.contains("pass"))
    }

    @Test(arguments: [
        "", "eth.example", "ws://x", "http://", "http:///path", "https://:80", "http://a b", "http://x:0",
        "http://x:99999",
        "http://x:", "http://[::1", "http://\u{1}", "http://ex\u{E4}mple",
    ])
    func refuses(url: String) {
        #expect(RPCAddress(url) == nil)
    }
}

@Suite struct NetworkFileErrorTextTests {
    @Test(arguments: [
        (
            NetworkFileError.unknownNetwork("etherum", known: ["base", "ethereum"]),
            "no network \"etherum\" (did you mean \"ethereum\"?); built in are base, ethereum, or give the path of a network file"
        ),
        (
            .refused(file: "n.json", .mismatch(pointer: "/chainId", expected: "a number", got: "\"1\"")),
            "n.json: /chainId: expected a number, got \"1\""
        ),
        (
            .otherChain(file: "n.json", stated: 1, endpoint: "node.example", answered: 10),
            "n.json: /chainId is 1, but node.example answers for chain 10"
        ),
        (
            .noEndpoint(network: "base", variable: "PLIMSOLL_RPC_BASE"),
            "base has no endpoint: give --rpc URL, set PLIMSOLL_RPC_BASE, or add it to \"rpc\" in a network file"
        ),
        (.badURL(origin: "--rpc"), "--rpc: expected an http:// or https:// URL with a host"),
        (
            .unknownMarket("cor", network: "base", known: ["core"]),
            "base has no market \"cor\" (did you mean \"core\"?); it has core"
        ),
    ])
    func readsAsAnInstruction(error: NetworkFileError, text: String) {
        #expect("\(error)" == text)
    }
}
