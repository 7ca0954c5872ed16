import Foundation
import Keeper
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Server

/// Five hundred readers of events, fifty of whom take nothing.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CrowdTests {
    /// Messages of a block: its positions and its end.
    private static let messages = 21

    /// The others hear everything, in order and as soon as without them; what waits for the fifty is bounded, and happens
    /// to them what they chose.
    @Test func whoStallsDelaysNobody() async throws {
        let world = try await ServeWorld {
            // Small enough to be full long before the test is over; nobody is cut off for another reason.
            $0.limits.queueMessages = 256
            $0.limits.queueBytes = 1 << 20
            $0.limits.patience = 120
        }
        let crowd = Crowd()
        var readers: [CrowdReader] = []
        for _ in 0..<450 {
            // Whoever lagged by the queue's length would be cut off, and the test would see it.
            readers.append(try await CrowdReader(world, crowd, "?from=tail&overflow=disconnect"))
        }
        try await SinkWorld.until { world.feed.consumers == 451 }
        _ = try await measure(world, crowd, blocks: 10)
        let before = try Self.residentBytes()
        let alone = try await measure(world, crowd, blocks: 50)
        let between = try Self.residentBytes()
        var stalled: [RawClient] = []
        for index in 0..<50 {
            let overflow = index % 2 == 0 ? "coalesce" : "disconnect"
            let client = try await RawClient(port: try #require(world.service.port), reads: false)
            client.send("GET /v1/stream?from=tail&overflow=\(overflow) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            stalled.append(client)
        }
        try await SinkWorld.until { world.feed.consumers == 501 }
        let together = try await measure(world, crowd, blocks: 100)
        let after = try Self.residentBytes()

        let last = world.feed.current.seq
        #expect(last == UInt64(160 * Self.messages))
        for reader in readers { #expect(reader.state == CrowdReader.State(last: last, holes: 0, isClosed: false)) }
        // Of the stalled, those who would rather be cut off are; of the others the newest of each position waits.
        #expect(world.feed.consumers == 1 + 450 + 25)
        let backlog = world.feed.backlog
        #expect(backlog.messages >= Self.messages && backlog.messages <= 256 && backlog.bytes <= 1 << 20)
        print(
            """
            crowd: 450 readers, \(last) messages, \(try world.publishedBytes >> 20) MiB each; delay p50/p99/most \
            \(alone.text) ms alone, \(together.text) ms beside 50 who take nothing; for one of these \
            \(backlog.messages) messages, \(backlog.bytes >> 10) KiB wait; RSS \(before >> 20), \(between >> 20), \
            \(after >> 20) MiB
            """)
        // Generous, on whatever machine this runs: nobody waits for the stalled, whose patience is two minutes.
        #expect(together.p99 < max(alone.p99 * 10, .seconds(10)))
        #expect(after < between + 256 << 20)
        #expect(stalled.count == 50)
        await world.end()
    }

    /// Publishes blocks, each once everybody has the one before, and says how long each reader waited.
    private func measure(_ world: ServeWorld, _ crowd: Crowd, blocks: Int) async throws -> Delays {
        crowd.forget()
        for _ in 0..<blocks {
            crowd.begin(until: world.feed.current.seq + UInt64(Self.messages))
            try world.publish(1, positions: Self.messages - 1, padding: 2_000)
            try await SinkWorld.until { crowd.count == 450 }
        }
        return Delays(crowd.delays)
    }

    /// Memory of this process that is in RAM, the readers' own included (proc_pid_statm(5)).
    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
    }
}

/// How long readers waited.
private struct Delays {
    private let sorted: [Duration]
    init(_ delays: [Duration]) { sorted = delays.sorted() }
    var p99: Duration { sorted[sorted.count * 99 / 100] }
    var text: String {
        [sorted[sorted.count / 2], p99, sorted[sorted.count - 1]].map { "\(Int($0 / .milliseconds(1)))" }
            .joined(separator: "/")
    }
}

/// What all readers wait for, and who has it.
private final class Crowd: Sendable {
    private struct State {
        var target: UInt64 = 0
        var began = ContinuousClock.now
        var count = 0
        var delays: [Duration] = []
    }
    private let state = Mutex(State())

    func begin(until seq: UInt64) {
        state.withLock {
            $0.target = seq
            $0.count = 0
            $0.began = .now
        }
    }

    func heard(_ seq: UInt64) {
        state.withLock {
            guard seq == $0.target else { return }
            $0.count += 1
            $0.delays.append(.now - $0.began)
        }
    }

    func forget() { state.withLock { $0.delays = [] } }
    var count: Int { state.withLock(\.count) }
    var delays: [Duration] { state.withLock(\.delays) }
}

/// A reader that keeps nothing but the number of its last event.
private final class CrowdReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    struct State: Equatable {
        var last: UInt64 = 0
        /// Events that were not the next.
        var holes = 0
        var isClosed = false
    }

    private let shared = Mutex((State(), [UInt8]()))
    private let crowd: Crowd
    private let channel = Mutex<(any Channel)?>(nil)
    private static let mark = Array("id: \(ServeWorld.stream):".utf8)

    var state: State { shared.withLock { $0.0 } }

    init(_ world: ServeWorld, _ crowd: Crowd, _ query: String) async throws {
        self.crowd = crowd
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(self) }
            }
            .connect(host: "127.0.0.1", port: try #require(world.service.port)).get()
        channel.writeAndFlush(
            ByteBuffer(string: "GET /v1/stream\(query) HTTP/1.1\r\nHost: localhost\r\n\r\n"), promise: nil)
        self.channel.withLock { $0 = channel }
    }

    deinit { channel.withLock { $0?.close(promise: nil) } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var last: UInt64?
        shared.withLock { shared in
            shared.1 += unwrapInboundIn(data).readableBytesView
            var rest = shared.1[...]
            // A chunk holds whole events, so that a line is never cut by the size of the next.
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest = rest[(end + 1)...]
                guard line.starts(with: Self.mark),
                    let seq = UInt64(String(decoding: line.dropFirst(Self.mark.count), as: UTF8.self))
                else { continue }
                if seq != shared.0.last + 1 { shared.0.holes += 1 }
                shared.0.last = seq
                last = seq
            }
            shared.1 = Array(rest)
        }
        if let last { crowd.heard(last) }
    }

    func channelInactive(context: ChannelHandlerContext) { shared.withLock { $0.0.isClosed = true } }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
