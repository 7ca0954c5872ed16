import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Networks
import Oracles

/// One command's conversation with its endpoints: over sockets, recorded, or replayed.
struct RPCSession {
    let network: Network
    let statistics = RPCStatistics()
    /// The limits by which prices are judged.
    let thresholds: DetectorThresholds
    /// How many endpoints have to agree, and whether fewer will do where there are no more.
    let quorum: Quorum
    private let pool: EndpointPool
    /// Who runs each endpoint: two of one operator are one vote.
    private let operators: [String: String]
    /// Carries everything, requests to venues included.
    private let transport: any Transport
    private let recording: RecordingTransport?
    private let recordFile: String?
    /// What a replay knows of the session it repeats.
    private let replayed: JSONObject?
    private let time: UInt64
    private let began = monotonicSeconds()

    /// How many independent endpoints stand behind a verdict.
    struct Quorum {
        /// Votes, one an operator.
        var count: Int
        /// Whether fewer are not enough.
        var isStrict: Bool

        /// Two where there are two, and one where there is one.
        static let usual = Quorum(count: 2, isStrict: false)
    }

    /// Opens the transport that the options ask for; connects nowhere yet.
    init(_ options: ChainOptions, environment: [String: String]) throws {
        let network = try NetworkCatalog().network(options.network)
        let quorum = options.quorum.map { Quorum(count: $0, isStrict: true) } ?? .usual
        if let file = options.replay {
            try self.init(
                replaying: Transcript(compressed: Self.read(file)), network: network, quorum: quorum)
            return
        }
        let addresses = try network.endpoints(commandLine: options.rpc, environment: environment)
        let endpoints = Endpoint.distinct(try addresses.map { try Endpoint(url: $0.secretURL) })
        let sockets = try CurlTransport()
        let recording = options.record == nil ? nil : RecordingTransport(sockets)
        // A file that cannot be written is refused before the work, not after it.
        if let file = options.record { try Self.write([], to: file) }
        let now = options.at ?? unixSeconds()
        var pooling =
            recording == nil
            ? EndpointPool.Options(unixTime: { unixSeconds() }) : .recording(unixTime: { now })
        if let folder = options.stateDirectory(environment) {
            pooling.evidence = EvidenceFolder(path: folder + "/evidence")
        }
        try self.init(
            network, quorum, endpoints, over: recording ?? sockets, pooling, time: now, recording: recording,
            recordFile: options.record)
    }

    private init(
        _ network: Network, _ quorum: Quorum, _ endpoints: [Endpoint], over transport: any Transport,
        _ pooling: EndpointPool.Options, time: UInt64, recording: RecordingTransport? = nil, recordFile: String? = nil,
        replayed: JSONObject? = nil
    ) throws(NetworkFileError) {
        self.network = network
        thresholds = try network.detectorThresholds()
        self.quorum = quorum
        self.time = time
        self.transport = transport
        self.recording = recording
        self.recordFile = recordFile
        self.replayed = replayed
        operators = Dictionary(endpoints.map { ($0.name, $0.operatorName) }, uniquingKeysWith: { first, _ in first })
        pool = EndpointPool(endpoints, transport: transport, options: pooling, statistics: statistics)
    }

    /// Repeats a recorded session; opens no socket.
    init(replaying transcript: Transcript, network: Network, quorum: Quorum = .usual) throws {
        // Under their recorded names, so that a reason that names one is printed as it was.
        let nodes = transcript.endpoints.filter { !$0.hasPrefix(VenueReader.endpointPrefix) }
        let names = nodes.isEmpty ? ["the recording"] : nodes
        let now = transcript.meta["time"]?.int.map { UInt64($0) } ?? 0
        try self.init(
            network, quorum, names.map { Endpoint(recorded: $0) }, over: ReplayTransport(transcript),
            .replay(unixTime: { now }), time: now, replayed: transcript.meta)
    }

    /// The heads of the chain from after these blocks on.
    ///
    /// - Parameter sockets: endpoints that announce heads.
    func heads(after blocks: [Block], sockets: [Endpoint]) -> HeadStream {
        var options = HeadStream.Options(
            chainId: network.chainId, blockTime: .milliseconds(Int64(network.blockTime)))
        // A chain of tests lives at another time.
        options.clockTolerance = nil
        return HeadStream(
            pool.preferring(pool.endpointNames[0], others: pool.endpointNames), sockets: sockets,
            over: WebSocketTransport(), after: blocks, options: options)
    }

    /// Who asks venues outside the chain.
    var venues: VenueReader { VenueReader(over: transport, now: time) }

    /// What may be printed of the endpoints, in their order.
    var endpointNames: [String] { pool.endpointNames }

    /// The block to read at, and who has it.
    func pin(_ selector: BlockSelector) async throws(ChainError) -> AgreedBlock? {
        guard pool.endpointNames.count > 1 else {
            guard !quorum.isStrict || quorum.count < 2 else {
                throw .disagreement("\(quorum.count) endpoints have to agree, and there is one; name more with --rpc")
            }
            return nil
        }
        let votes = Set(operators.values).count
        guard !quorum.isStrict || votes >= quorum.count else {
            throw .disagreement("\(quorum.count) operators have to agree, and the endpoints belong to \(votes)")
        }
        return try await HeadAgreement(pool, chainId: network.chainId)
            .find(selector, quorum: min(quorum.count, votes), isStrict: quorum.isStrict)
    }

    /// The agreed block at one endpoint that has it, with the others for where it fails; at the only one where that is
    /// all there is.
    func snapshot(
        of agreed: AgreedBlock?, at selector: BlockSelector, preferring name: String?, path: ReadPath?
    ) async throws(ChainError) -> (snapshot: Snapshot, client: PreferringClient) {
        let client = pool.preferring(name ?? pool.endpointNames[0], others: agreed?.holders ?? [])
        let snapshot = try await Snapshot(
            of: client, chainId: network.chainId, at: agreed.map { .hash($0.block.hash) } ?? selector,
            multicall: network.multicall3, path: path)
        return (snapshot, client)
    }

    /// Pins a block and reads it wherever it can be read.
    func snapshot(at selector: BlockSelector, path: ReadPath?) async throws(ChainError) -> Snapshot {
        let agreed = try await pin(selector)
        return try await snapshot(of: agreed, at: selector, preferring: agreed?.holders.first, path: path).snapshot
    }

    /// The same block at other endpoints alone, one for each operator that did not take part in `answered`.
    func witnesses(of agreed: AgreedBlock?, besides answered: Set<String>) async -> [Snapshot] {
        guard let agreed else { return [] }
        var taken = Set(answered.compactMap { operators[$0] })
        var witnesses: [Snapshot] = []
        for name in agreed.holders {
            guard let operatorName = operators[name], taken.insert(operatorName).inserted else { continue }
            do {
                witnesses.append(
                    try await Snapshot(
                        of: pool.preferring(name, others: []), chainId: network.chainId, at: .hash(agreed.block.hash),
                        multicall: network.multicall3))
            } catch {
                continue
            }
        }
        return witnesses
    }

    /// Keeps an endpoint away that contradicted what can be proven, and what it said in a file.
    ///
    /// - Returns: what to tell the user.
    func quarantine(_ contradiction: Contradiction) async -> String {
        let words = "\(contradiction.endpoint) is not asked any more: \(contradiction.error)"
        do throws(EvidenceError) {
            try await pool.quarantine(
                contradiction.endpoint, reason: "\(contradiction.error)", request: contradiction.request,
                response: contradiction.response)
            return words
        } catch {
            return "\(words); the evidence could not be kept: \(error)"
        }
    }

    /// What was learned about the endpoints, by the hash of their names.
    var limits: [Hash32: JSONValue] {
        var limits: [Hash32: JSONValue] = [:]
        for (name, learned) in pool.limits where !learned.isEmpty { limits[Keccak256.hash(name.utf8)] = learned.json }
        return limits
    }

    /// Gives the endpoints what was learned about them before.
    func recall(_ limits: (Hash32) -> JSONValue?) {
        // What is asked in a recording depends on nothing but what is in it.
        guard recording == nil, replayed == nil else { return }
        for name in pool.endpointNames {
            guard let json = limits(Keccak256.hash(name.utf8)) else { continue }
            let known = EndpointLimits(json, at: time)
            pool.learn(name) { limits, _ in limits = known }
        }
    }

    /// Milliseconds since the session began; in a replay, those of the recording.
    var milliseconds: Int {
        replayed?["milliseconds"]?.int ?? Int((monotonicSeconds() - began) * 1_000)
    }

    /// Writes the recording, where one was asked for.
    func finish(milliseconds: Int) throws {
        guard let recording, let recordFile else { return }
        var transcript = recording.transcript
        transcript.meta = JSONObject([
            ("network", .string(network.name)), ("endpoints", .integer(pool.endpointNames.count)),
            ("milliseconds", .integer(milliseconds)), ("time", .integer(time)),
        ])
        try Self.write(try transcript.compressed(), to: recordFile)
    }

    private static func read(_ file: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw CommandStop(.refusedData, "\(file) cannot be read: it is missing, a folder, or not yours")
        }
    }

    private static func write(_ bytes: [UInt8], to file: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw CommandStop(.cannotWrite, "\(file) cannot be written: its folder is missing or not yours")
        }
    }
}

extension RPCError: ExitStatusProviding {
    var exitStatus: ProgramStatus {
        switch self {
        case .invalidURL: .usage
        case .transcript, .notRecorded: .refusedData
        default: .noEndpoint
        }
    }
}

extension ChainError: ExitStatusProviding {
    var exitStatus: ProgramStatus {
        switch self {
        case .endpoint(let error): error.exitStatus
        case .wrongChain, .noCode: .networkFile
        case .noBlock, .malformedBlock, .wrongBlock, .noPath, .logs, .reorganised,
            .disagreement, .contradicted, .notProven:
            .noEndpoint
        case .cancelled: .partial
        }
    }
}

extension Network {
    /// The limits of detectors, with what the file overrides.
    ///
    /// - Throws: `.refused` with the pointer of a member that is none.
    func detectorThresholds() throws(NetworkFileError) -> DetectorThresholds {
        guard let oracleThresholds else { return DetectorThresholds() }
        do throws(JSONError) {
            return try DetectorThresholds(overrides: JSONCursor(oracleThresholds, pointer: "/oracleThresholds"))
        } catch {
            throw .refused(file: "the network file of \(name)", error)
        }
    }
}
