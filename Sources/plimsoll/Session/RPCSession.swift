import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Networks

/// One command's conversation with its endpoints: over sockets, recorded, or replayed.
struct RPCSession {
    let network: Network
    let statistics = RPCStatistics()
    private let endpoints: [Endpoint]
    private let transport: any Transport
    private let recording: RecordingTransport?
    private let recordFile: String?
    /// What a replay knows of the session it repeats.
    private let replayed: JSONObject?
    private let began = monotonicSeconds()

    /// What an opened session stands on.
    private struct Wire {
        var endpoints: [Endpoint]
        var transport: any Transport
        var recording: RecordingTransport?
        var recordFile: String?
        var replayed: JSONObject?
    }

    private init(network: Network, wire: Wire) {
        self.network = network
        endpoints = wire.endpoints
        transport = wire.transport
        recording = wire.recording
        recordFile = wire.recordFile
        replayed = wire.replayed
    }

    /// Opens the transport that the options ask for; connects nowhere yet.
    init(_ options: ChainOptions, environment: [String: String]) throws {
        let network = try NetworkCatalog().network(options.network)
        if let file = options.replay {
            try self.init(replaying: Transcript(compressed: Self.read(file)), network: network)
            return
        }
        let addresses = try network.endpoints(commandLine: options.rpc, environment: environment)
        let endpoints = try addresses.map { try Endpoint(url: $0.secretURL) }
        let sockets = try CurlTransport()
        let recording = options.record == nil ? nil : RecordingTransport(sockets)
        // A file that cannot be written is refused before the work, not after it.
        if let file = options.record { try Self.write([], to: file) }
        self.init(
            network: network,
            wire: Wire(
                endpoints: endpoints, transport: recording ?? sockets, recording: recording, recordFile: options.record)
        )
    }

    /// Repeats a recorded session; opens no socket.
    init(replaying transcript: Transcript, network: Network) throws {
        // Under their recorded names, so that a reason that names one is printed as it was.
        let names = transcript.endpoints.isEmpty ? ["the recording"] : transcript.endpoints
        let endpoints = names.map { Endpoint(recorded: $0) }
        self.init(
            network: network,
            wire: Wire(endpoints: endpoints, transport: ReplayTransport(transcript), replayed: transcript.meta))
    }

    /// Pins a block at the first endpoint that answers.
    func snapshot(at selector: BlockSelector, path: ReadPath?) async throws(ChainError) -> Snapshot {
        var failure = ChainError.cancelled
        for endpoint in endpoints {
            do {
                return try await Snapshot(
                    of: client(endpoint), chainId: network.chainId, at: selector, multicall: network.multicall3,
                    path: path)
            } catch {
                failure = error
                // The wrong chain is a mistake to report, not an endpoint to pass over.
                if case .wrongChain = error { throw error }
            }
        }
        throw failure
    }

    /// The same block at another endpoint; `nil` where there is none that has it.
    func witness(of snapshot: Snapshot) async -> Snapshot? {
        for endpoint in endpoints where endpoint.name != snapshot.endpointName {
            do {
                return try await Snapshot(
                    of: client(endpoint), chainId: network.chainId, at: .hash(snapshot.block.hash),
                    multicall: network.multicall3)
            } catch {
                continue
            }
        }
        return nil
    }

    private func client(_ endpoint: Endpoint) -> RPCClient {
        RPCClient(
            endpoint: endpoint, transport: transport, retry: replayed == nil ? RetryPolicy() : .immediate,
            statistics: statistics)
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
            ("network", .string(network.name)), ("endpoints", .integer(endpoints.count)),
            ("milliseconds", .integer(milliseconds)),
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
        case .noBlock, .malformedBlock, .wrongBlock, .noPath, .logs, .reorganised: .noEndpoint
        case .cancelled: .partial
        }
    }
}
