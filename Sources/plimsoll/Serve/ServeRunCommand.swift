import ArgumentParser
import Foundation
import JSON
import Logging
import Networks
import Server

/// `plimsoll serve run`, which is what `plimsoll serve` does.
struct ServeRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Follows the chain and serves state, events and metrics over HTTP.")

    @Option(
        help: ArgumentHelp(
            "Where to listen; anything but this machine's own address needs --tokens.", valueName: "address:port"))
    var listen = "127.0.0.1:9464"

    @Option(help: ArgumentHelp("Who may ask: a file that holds the hashes of bearer tokens.", valueName: "file"))
    var tokens: String?

    @Option(help: ArgumentHelp("A certificate with its chain, PEM.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("The key of the certificate, PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "A limit of the service file, before what stands there: streams=32; repeatable.", valueName: "name=number"))
    var limit: [String] = []

    @OptionGroup var watch: WatchOptions

    func validate() throws {
        guard Self.address(listen) != nil else {
            throw ValidationError("--listen \(listen): expected ADDRESS:PORT, such as 127.0.0.1:9464 or [::1]:9464")
        }
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key belong together")
        }
        var limits = HTTPLimits()
        try Self.take(limit, into: &limits)
        guard watch.resume.isEmpty else {
            throw ValidationError("--resume is for watch: who listens to serve resumes by its own number")
        }
    }

    func run() async throws {
        guard let (host, port) = Self.address(listen) else { return }
        var options = HTTPService.Options(clock: { unixMilliseconds() })
        options.host = host
        options.port = port
        options.access = try tokens.map(Self.access)
        if let tlsCert, let tlsKey { options.tls = (tlsCert, tlsKey) }
        try await watch.follow { [options, limit, isQuiet = watch.output.quiet] session, service, board, log in
            var options = options
            options.limits = service.limits
            try Self.take(limit, into: &options.limits)
            var log = log
            // Where it listens is the one thing that somebody who starts a server has to know.
            if !isQuiet, log.logLevel > .notice { log.logLevel = .notice }
            // A block may take a few times what it usually takes before the watch counts as stuck.
            options.period = max(service.heartbeat, 3 * session.network.blockTime / 1_000, 1)
            do throws(HTTPServiceError) {
                return try HTTPService(options, prices: board, log: log)
            } catch {
                throw CommandStop(.usage, "--listen: \(error)")
            }
        }
    }

    /// Takes limits as the command line names them.
    static func take(_ texts: [String], into limits: inout HTTPLimits) throws {
        for text in texts {
            let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard halves.count == 2, HTTPLimits.names.contains(halves[0]), let number = Int(halves[1]) else {
                throw ValidationError(
                    "--limit \(text): expected NAME=NUMBER with one of \(HTTPLimits.names.joined(separator: ", "))")
            }
            do throws(JSONError) {
                try limits.take(JSONCursor(.object([halves[0]: .integer(number)])))
            } catch {
                throw ValidationError("--limit \(text): \(error)")
            }
        }
    }

    /// `address:port`, where an IPv6 address stands in brackets.
    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 48...57 ~= $0 }), let port = Int(digits), port <= 65_535 else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? nil : (host, port)
    }

    /// Reads a file of tokens.
    private static func access(_ path: String) throws -> AccessList {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandStop(.networkFile, "\(path): it cannot be read")
        }
        guard data.count <= 1 << 20 else { throw CommandStop(.networkFile, "\(path): larger than 1 MiB") }
        do throws(JSONError) {
            return try AccessList(JSONCursor(try JSONValue(parsing: Array(data), limits: .file)))
        } catch {
            throw CommandStop(.networkFile, "\(path): \(error)")
        }
    }
}

extension HTTPService: FeedConsumer {
    /// A server goes on whatever its clients do.
    var failure: (any Error)? { nil }
}

extension HTTPServiceError: ExitStatusProviding {
    var exitStatus: ProgramStatus { .cannotWrite }
}
