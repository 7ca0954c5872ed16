import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Keeper
import Logging
import Synchronization
import Testing

@testable import Server

/// A folder that is gone after the test.
final class SinkFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/sink-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch {}
    }
}

/// A stream that brings positions, and sinks beside it.
struct SinkWorld {
    static let stream = "1/aave-v3/core"
    static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: SinkFolder
    let feed: Feed
    private var number: UInt64 = 0

    init(_ folder: SinkFolder, stream: String = Self.stream) throws {
        self.folder = folder
        feed = try Feed(
            stream: stream, in: folder.path + "/feeds/" + stream.replacing("/", with: "_"),
            options: Feed.Options(clock: { 0 }))
        number = feed.current.head?["number"]?.uint64 ?? 0
    }

    /// Publishes blocks, each with two positions that changed.
    mutating func publish(_ blocks: Int) throws {
        for _ in 0..<blocks {
            number += 1
            let items = (0..<2).map { index in
                FeedItem(
                    id: Keccak256.hash("position \(index)".utf8), kind: index == 0 ? .opportunity : .watch,
                    cause: .price,
                    material: Keccak256.hash("\(number)".utf8), body: { [number] in ["state": .integer(number)] })
            }
            let block = Block(
                number: number, hash: Keccak256.hash("block \(number)".utf8),
                parentHash: Keccak256.hash("block \(number - 1)".utf8), timestamp: number, baseFeePerGas: nil)
            try feed.publish(FeedBlock(block: block, items: items))
        }
    }

    func host(_ configurations: [SinkConfiguration]) throws -> SinkHost {
        try SinkHost(configurations, folder: folder.path + "/sinks", clock: { 1_700_000_000 }, log: Self.log)
    }

    /// Runs a host over what the feed holds, until everything is handed over.
    func run(_ configurations: [SinkConfiguration]) async throws {
        let host = try host(configurations)
        try await host.begin([feed])
        feed.close()
        await host.finish(within: 20)
    }

    static func lines(_ path: String) throws -> [[UInt8]] {
        try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast().map(Array.init)
    }

    static func seqs(_ lines: [[UInt8]]) throws -> [UInt64] {
        try lines.compactMap { line in
            let value = try JSONValue(parsing: line)
            return value["type"]?.string == "snapshot" ? nil : value["seq"]?.uint64
        }
    }

    /// Waits until something holds, however long that takes, within the test's own limit.
    static func until(_ condition: () throws -> Bool) async throws {
        while try !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// A receiver of webhooks that answers as it is told.
final class ScriptedReceiver: Transport {
    private let script: @Sendable (Int, HTTPRequest) throws(RPCError) -> HTTPResponse
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ script: @escaping @Sendable (Int, HTTPRequest) throws(RPCError) -> HTTPResponse) { self.script = script }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let number = seen.withLock { seen in
            seen.append(request)
            return seen.count
        }
        return try script(number, request)
    }
}
