public import Keeper
public import Logging
internal import HTTPTypes
internal import HummingbirdCore
internal import HummingbirdTLS
internal import JSON
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Serves streams over HTTP: state, events, sockets, metrics.
public final class HTTPService: Sendable {
    /// Where and for whom.
    public struct Options: Sendable {
        /// The address to listen at.
        public var host = "127.0.0.1"
        /// The port; 0 for any.
        public var port = 9_464
        /// Who may ask; nil for anybody on this machine.
        public var access: AccessList?
        /// Files with certificates and key in PEM; nil for plain text.
        public var tls: (certificates: String, key: String)?
        /// Seconds within which a block has to be done; the watch counts as stuck after twice as many.
        public var period = 30
        /// Milliseconds since 1970.
        public var clock: @Sendable () -> UInt64
        /// How much a client may ask for.
        public var limits = HTTPLimits()

        /// The usual.
        public init(clock: @escaping @Sendable () -> UInt64) { self.clock = clock }
    }

    private struct Running {
        var server: (any Stoppable)?
        var task: Task<Void, any Error>?
    }

    private let options: Options
    private let prices: PriceBoard
    private let log: Logger
    private let running = Mutex(Running())
    private let bound = Mutex<Int?>(nil)

    /// - Parameter prices: what is found of prices beside the streams.
    /// - Throws: `.exposed` where others could reach it and no tokens are asked for.
    public init(
        _ options: Options, prices: PriceBoard = PriceBoard(isAsked: false), log: Logger
    ) throws(HTTPServiceError) {
        guard options.access != nil || Self.loopback.contains(options.host) else {
            throw .exposed(options.host)
        }
        self.options = options
        self.prices = prices
        self.log = log
    }

    /// Addresses that only this machine reaches.
    static let loopback = ["127.0.0.1", "::1", "localhost"]

    /// The port that it listens at; nil before.
    public var port: Int? { bound.withLock { $0 } }

    /// Begins to listen.
    ///
    /// - Throws: `.unusable` where the address cannot be listened at.
    public func begin(_ feeds: [Feed]) async throws(HTTPServiceError) {
        let desk: HTTPDesk
        let server: any Stoppable
        let started = AsyncStream<Int?>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            desk = try HTTPDesk(feeds, options, prices, log)
            let client = desk.channel
            let configuration = ServerConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    options.limits.connections, logger: Self.silent))
            let running: @Sendable (any Channel) async -> Void = { channel in
                started.continuation.yield(channel.localAddress?.port)
            }
            let group = MultiThreadedEventLoopGroup.singleton
            if let tls = options.tls {
                server = HummingbirdCore.Server(
                    childChannelSetup: try TLSChannel(client, tlsConfiguration: Self.configuration(tls)),
                    configuration: configuration,
                    onServerRunning: running, eventLoopGroup: group, logger: Self.silent)
            } else {
                server = HummingbirdCore.Server(
                    childChannelSetup: client, configuration: configuration, onServerRunning: running,
                    eventLoopGroup: group, logger: Self.silent)
            }
        } catch {
            throw .unusable(address: options.host, what: "\(error)")
        }
        let task = Task {
            defer { started.continuation.finish() }
            try await server.run()
        }
        var found: Int?
        for await port in started.stream {
            found = port
            break
        }
        guard let found else {
            // It ended before it began: the task says why.
            var reason = "it cannot be listened at"
            if case .failure(let error) = await task.result { reason = "\(error)" }
            throw .unusable(address: "\(options.host):\(options.port)", what: reason)
        }
        bound.withLock { $0 = found }
        running.withLock { $0 = Running(server: server, task: task) }
        let scheme = options.tls == nil ? "http" : "https"
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        log.notice("serving at \(scheme)://\(host):\(found)")
    }

    private static func configuration(_ files: (certificates: String, key: String)) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificates)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    /// Lets what runs come to its end, and no longer than this; the feeds were closed.
    public func finish(within seconds: Int) async {
        let running = running.withLock { running in
            defer { running = Running() }
            return running
        }
        guard let server = running.server, let task = running.task else { return }
        let done = AsyncStream<Void>.makeStream()
        let end = Task { [log] in
            do { try await server.shutdownGracefully() } catch {
                log.debug("the server did not end in order: \(error)")
            }
            _ = await task.result
            done.continuation.finish()
        }
        let timer = Task {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            task.cancel()
            // Who has not even asked yet cannot be told: their connection ends with the process.
            done.continuation.finish()
        }
        for await _ in done.stream {}
        timer.cancel()
        end.cancel()
    }

    /// What the library says holds words of clients: what is worth a line of the log says `RefusalLog`.
    private static let silent = Logger(label: "plimsoll.http") { _ in SwiftLogNoOpLogHandler() }
}

/// Why nothing is served.
public enum HTTPServiceError: Error, Hashable, Sendable {
    /// Others could reach it, and nobody asks who they are.
    case exposed(String)
    /// The address cannot be listened at.
    case unusable(address: String, what: String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension HTTPServiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exposed(let host): "\(host) is reachable from elsewhere: name a file of tokens, or listen at 127.0.0.1"
        case .unusable(let address, let what): "\(address) cannot be served: \(what)"
        }
    }
}

/// A server of whatever channels.
private protocol Stoppable: Sendable {
    func run() async throws
    func shutdownGracefully() async throws
}

extension HummingbirdCore.Server: Stoppable {}
