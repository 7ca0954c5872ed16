import Ethereum
import Foundation
import JSONRPC
import Keeper
import Logging

/// Makes sinks of configurations.
struct SinkFactory {
    /// What a configuration becomes.
    enum Made {
        case stream(any FeedSink)
        case socket(UnixSocketSink)
    }

    /// Where places are kept.
    let folder: String
    let clock: @Sendable () -> UInt64
    let log: Logger

    func sink(_ configuration: SinkConfiguration) throws(SinkError) -> Made {
        let name = configuration.name
        switch configuration.kind {
        case .file(let path, let rotation, nil):
            return .stream(try FileSink(name: name, path: path, rotation: rotation, places: try places(name)))
        case .file(let path, let rotation, let key?):
            return .stream(try SignedFileSink(name: name, path: path, rotation: rotation, key: try self.key(key, name)))
        case .fifo(let path):
            return .stream(try FIFOSink(name: name, path: path))
        case .child(let command, let decisions):
            return .stream(
                try ChildSink(
                    name: name, command: command, environment: ProcessInfo.processInfo.environment,
                    places: try places(name), decisions: decisions, log: log))
        case .unix(let path):
            return .socket(try UnixSocketSink(name: name, path: path, filter: configuration.filter, log: log))
        case .webhook(let address, let secrets, let deadLetters, let mostAge):
            let url =
                switch address {
                case .plain(let url): url
                case .secret(let secret): try self.secret(secret, name)
                }
            return .stream(try webhook(name, url, secrets, deadLetters, mostAge))
        }
    }

    private func webhook(
        _ name: String, _ address: String, _ secrets: [SinkConfiguration.Secret], _ deadLetters: String?,
        _ mostAge: Int
    ) throws(SinkError) -> WebhookSink {
        var keys: [[UInt8]] = []
        for secret in secrets { keys.append(Array(try self.secret(secret, name).utf8)) }
        let places = try places(name)
        var options = WebhookSink.Options()
        options.mostAge = mostAge
        do throws(RPCError) {
            return WebhookSink(
                name: name, endpoint: try Endpoint(url: address), secrets: keys, transport: try CurlTransport(),
                places: places, deadLetters: DeadLetters(path: deadLetters ?? folder + "/\(name).dead.ndjson"),
                options: options, clock: clock, log: log)
        } catch {
            throw .unusable(sink: name, what: "\(error)")
        }
    }

    private func places(_ name: String) throws(SinkError) -> SinkPlaces {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .unusable(sink: name, what: "\(folder) cannot be made")
        }
        return try SinkPlaces(path: folder + "/\(name).json", sink: name)
    }

    private func key(_ secret: SinkConfiguration.Secret, _ name: String) throws(SinkError) -> Secp256k1.PrivateKey {
        let text = try self.secret(secret, name)
        do {
            return try Secp256k1.PrivateKey(hex: text)
        } catch {
            throw .unusable(sink: name, what: "its key is not 32 bytes in hex that are a key")
        }
    }

    /// What a secret says; it appears nowhere else.
    private func secret(_ secret: SinkConfiguration.Secret, _ name: String) throws(SinkError) -> String {
        let text: String
        switch secret {
        case .environment(let variable):
            guard let value = ProcessInfo.processInfo.environment[variable] else {
                throw .unusable(sink: name, what: "the variable \(variable) is not set")
            }
            text = value
        case .file(let path):
            do {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                if let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
                    throw SinkError.unusable(sink: name, what: "\(path) may be read by others; chmod 600 it")
                }
                text = try String(contentsOfFile: path, encoding: .utf8)
            } catch let error as SinkError {
                throw error
            } catch {
                throw .unusable(sink: name, what: "\(path) cannot be read")
            }
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (8...4_096).contains(trimmed.utf8.count) else {
            throw .unusable(sink: name, what: "a secret has 8 to 4096 characters")
        }
        return trimmed
    }
}
