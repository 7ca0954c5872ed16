/// The networks that travel inside the program, and the way from a name or path to a network.
public struct NetworkCatalog: Sendable {
    /// The reader of files.
    public let reader: NetworkFile

    /// Makes a catalog whose markets may be of these protocols.
    public init(protocols: [EntryPoints] = EntryPoints.known) {
        reader = NetworkFile(protocols: protocols)
    }

    /// The names of the built-in networks, sorted.
    public static let names: [String] = EmbeddedFiles.names
        .filter { !$0.contains("/") && $0.hasSuffix(".json") }
        .map { String($0.dropLast(5)) }

    /// The JSON Schema of the network file, as text.
    public static var schema: [UInt8] { EmbeddedFiles.bytes("schema/network.schema.json") ?? [] }

    /// The JSON Schema of the service file, which a watch reads.
    public static var serviceSchema: [UInt8] { EmbeddedFiles.bytes("schema/service.schema.json") ?? [] }

    /// The text of a built-in network file.
    public static func text(_ name: String) -> [UInt8]? { EmbeddedFiles.bytes(name + ".json") }

    /// The network of this name, or in the file at this path.
    ///
    /// A name with a slash or the ending `.json` is a path; any other is first looked for among the built-in names.
    /// - Throws: `.unknownNetwork`, or what reading the file throws.
    public func network(_ nameOrPath: String) throws(NetworkFileError) -> Network {
        if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") { return try reader.load(path: nameOrPath) }
        guard let bytes = NetworkCatalog.text(nameOrPath) else {
            do {
                return try reader.load(path: nameOrPath)
            } catch {
                guard case .unreadable = error else { throw error }
                throw .unknownNetwork(nameOrPath, known: NetworkCatalog.names)
            }
        }
        return try reader.parse(bytes, file: "built-in \(nameOrPath)")
    }
}

extension Network {
    /// The environment variable that may hold this network's endpoints: `PLIMSOLL_RPC_` and the name in capitals.
    public var endpointVariable: String {
        "PLIMSOLL_RPC_" + String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// The endpoints to use: those of the command line, else of the environment (separated by commas or spaces), else
    /// of the file.
    ///
    /// - Throws: `.badURL` naming where the text came from; `.noEndpoint` where all three are empty.
    public func endpoints(
        commandLine: [String], environment: [String: String]
    ) throws(NetworkFileError) -> [RPCAddress] {
        let fromEnvironment = (environment[endpointVariable] ?? "").split { $0 == "," || $0.isWhitespace }.map(
            String.init)
        var found = rpc
        if !commandLine.isEmpty {
            found = try Network.addresses(commandLine, origin: "--rpc")
        } else if !fromEnvironment.isEmpty {
            found = try Network.addresses(fromEnvironment, origin: endpointVariable)
        }
        guard !found.isEmpty else { throw .noEndpoint(network: name, variable: endpointVariable) }
        return found
    }

    private static func addresses(_ texts: [String], origin: String) throws(NetworkFileError) -> [RPCAddress] {
        var addresses: [RPCAddress] = []
        for text in texts {
            guard let address = RPCAddress(text) else { throw .badURL(origin: origin) }
            addresses.append(address)
        }
        return addresses
    }

    /// The markets by these ids in this order, all of them where none is given.
    ///
    /// - Throws: `.unknownMarket`.
    public func markets(_ ids: [String]) throws(NetworkFileError) -> [MarketConfiguration] {
        guard !ids.isEmpty else { return markets }
        var found: [MarketConfiguration] = []
        for id in ids where !found.contains(where: { $0.id == id }) {
            guard let market = market(id) else { throw .unknownMarket(id, network: name, known: markets.map(\.id)) }
            found.append(market)
        }
        return found
    }
}

extension NetworkCatalog {
    /// What is published of price feeds, by chain and address: `[heartbeat in seconds, deviation in basis points, name]`,
    /// and where each chain tells whether its sequencer is up. JSON.
    public static var feeds: [UInt8] { EmbeddedFiles.bytes("feeds/feeds.json") ?? [] }
}
