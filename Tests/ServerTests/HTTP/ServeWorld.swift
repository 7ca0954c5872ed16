import Chain
import Ethereum
import Foundation
import JSON
import Keeper
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Server

/// A server at a loopback port, with a stream that brings positions.
final class ServeWorld {
    static let stream = "1/aave-v3/core"
    let folder: SinkFolder
    let feed: Feed
    let service: HTTPService
    let now = Mutex<UInt64>(1_700_000_000_000)
    private var number: UInt64 = 0
    private var round = 0

    init(
        prices: PriceBoard = PriceBoard(isAsked: false), log: Logger = SinkWorld.log, segmentBytes: UInt64 = 64 << 20,
        _ change: (inout HTTPService.Options) -> Void = { _ in }
    ) async throws {
        folder = try SinkFolder()
        var kept = Feed.Options(clock: { 1_700_000_000_000 })
        kept.segmentBytes = segmentBytes
        kept.segments = 2
        feed = try Feed(stream: Self.stream, in: folder.path + "/feeds/core", options: kept)
        var options = HTTPService.Options(clock: { 1_700_000_000_000 })
        options.port = 0
        options.limits.perSecond = 10_000
        options.limits.burst = 10_000
        change(&options)
        service = try HTTPService(options, prices: prices, log: log)
        try await service.begin([feed])
    }

    static func id(_ index: Int) -> Hash32 { Keccak256.hash("position \(index)".utf8) }
    static func account(_ index: Int) -> String { "0x" + String(repeating: "\(index % 10)", count: 40) }

    /// Publishes blocks with `positions` positions, the even ones opportunities, whose health grows with their number.
    func publish(_ blocks: Int, positions: Int = 4, padding: Int = 0) throws {
        for _ in 0..<blocks {
            number += 1
            let items = (0..<positions).map { index in
                FeedItem(
                    id: Self.id(index), kind: index % 2 == 0 ? .opportunity : .watch, cause: .price,
                    material: Keccak256.hash("\(number)".utf8),
                    body: { [number] in
                        [
                            "account": .string(Self.account(index)), "market": .null,
                            "block": ["number": .integer(number), "hash": .string(Self.hash(number).hex)],
                            "liquidatable": index == 3 ? .null : .bool(index % 2 == 0),
                            "hfProtocol": index == 3 ? .null : .string("\(900 + index * 50)"), "hfScale": "1000",
                            "plans": index == 0 ? [["net": ["wei": "5"]]] : index == 2 ? [["net": ["wei": "70"]]] : [],
                            "oracle": ["verdict": index == 2 ? "ok" : "unknown"],
                            "padding": .string(String(repeating: "x", count: padding)),
                        ]
                    })
            }
            let block = Block(
                number: number, hash: Self.hash(number), parentHash: Self.hash(number - 1), timestamp: number,
                baseFeePerGas: nil)
            let summary: JSONObject = [
                "counts": ["open": 2, "watch": 2, "unknown": 1, "mismatched": 0], "accounts": 10, "elapsedMs": 120,
            ]
            try feed.publish(FeedBlock(block: block, items: items, summary: summary))
        }
    }

    private static func hash(_ number: UInt64) -> Hash32 { Keccak256.hash("block \(number)".utf8) }

    /// Asks for one thing and reads the whole answer.
    func get(
        _ target: String, method: String = "GET", headers: [String] = [], host: String = "127.0.0.1"
    ) async throws -> Answer {
        let client = try await RawClient(port: try #require(service.port))
        let lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + headers
        client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        try await SinkWorld.until { client.isClosed }
        return try Answer(client.received)
    }

    /// Bytes of what is kept of the stream.
    var publishedBytes: Int {
        get throws {
            let path = folder.path + "/feeds/core"
            return try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { sum, name in
                let size = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.size]
                return sum + ((size as? NSNumber)?.intValue ?? 0)
            }
        }
    }

    func end() async {
        feed.close()
        await service.finish(within: 5)
    }
}

/// An answer, taken apart.
struct Answer {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws {
        let end = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        status = try #require(Int(lines[0].split(separator: " ")[1]))
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let colon = try #require(line.firstIndex(of: ":"))
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        self.headers = headers
        body = Array(bytes[(end + 4)...])
    }

    var json: JSONValue { get throws { try JSONValue(parsing: body) } }
}

/// A connection that says what it is told to, byte for byte.
final class RawClient: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = Mutex<[UInt8]>([])
        let isClosed = Mutex(false)
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            bytes.withLock { $0 += Array(buffer.readableBytesView) }
        }
        func channelInactive(context: ChannelHandlerContext) { isClosed.withLock { $0 = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let collector = Collector()
    let channel: any Channel

    /// - Parameter reads: whether it takes what comes.
    init(port: Int, reads: Bool = true, tls: NIOSSLContext? = nil) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.socketOption(.so_rcvbuf), value: reads ? 1 << 20 : 4_096)
            .channelInitializer { [collector] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }
                    try channel.pipeline.syncOperations.addHandler(collector)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    func send(_ text: String) { send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    /// Takes what comes, or leaves it where it is.
    func reads(_ isReading: Bool) async throws { try await channel.setOption(.autoRead, value: isReading).get() }
    func close() { channel.close(promise: nil) }
    var received: [UInt8] { collector.bytes.withLock { $0 } }
    var text: String { String(decoding: received, as: UTF8.self) }
    var isClosed: Bool { collector.isClosed.withLock { $0 } }
}
