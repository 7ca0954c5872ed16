import Foundation
import JSON
import Keeper
import NIOCore
import NIOPosix
import Testing

@testable import Server

/// Sinks whose other side comes and goes.
@Suite(.serialized) struct SessionSinkTests {
    /// Reads a pipe until it was given a snapshot up to this number, or the message with it.
    private func read(_ path: String, until seq: UInt64) async throws -> [[UInt8]] {
        try await Task.detached {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            var bytes: [UInt8] = []
            while true {
                bytes += Array(handle.availableData)
                let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
                let whole = bytes.last == UInt8(ascii: "\n") ? lines : lines.dropLast()
                let numbers = try whole.compactMap { line in
                    let value = try JSONValue(parsing: line)
                    return value["seq"]?.uint64 ?? value["snapshotSeq"]?.uint64
                }
                if numbers.contains(seq) { return whole }
            }
        }.value
    }

    @Test(.timeLimit(.minutes(1))) func everyReaderOfAPipeHearsWhatStandsAndThenWhatComes() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/pipe"
        var world = try SinkWorld(folder)
        try world.publish(3)
        let host = try world.host([SinkConfiguration(name: "pipe", kind: .fifo(path: path))])
        try await host.begin([world.feed])
        let first = try await read(path, until: 9)
        #expect(try JSONValue(parsing: first[0])["snapshotSeq"]?.uint64 == 9)
        // Nobody reads, until the sink has noticed; then somebody else does.
        try await SinkWorld.until {
            if world.feed.consumers > 0 { try world.publish(1) }
            return world.feed.consumers == 0
        }
        try world.publish(4)
        let second = try await read(path, until: world.feed.current.seq)
        #expect(try JSONValue(parsing: second[0])["type"]?.string == "snapshot")
        world.feed.close()
        await host.finish(within: 5)
    }

    @Test func whatIsNoPipeIsRefused() throws {
        let folder = try SinkFolder()
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/file"))
        #expect(throws: SinkError.self) { try FIFOSink(name: "pipe", path: folder.path + "/file") }
    }

    /// A program that copies what it hears and says that it dealt with it; killed, it goes on where it was.
    @Test(.timeLimit(.minutes(1))) func aProgramThatIsKilledGoesOnWhereItWas() async throws {
        let folder = try SinkFolder()
        let script = folder.path + "/keeper"
        let heard = folder.path + "/heard"
        try Data(
            """
            #!/bin/sh
            exec /usr/bin/tee -a \(heard) | /bin/sed -u -n 's/.*"stream":"\\([^"]*\\)","seq":\\([0-9]*\\).*/{"ack":"\\1:\\2"}/p'
            """.utf8
        ).write(to: URL(filePath: script))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        var world = try SinkWorld(folder)
        try world.publish(2)
        let configuration = SinkConfiguration(name: "keeper", kind: .child(command: [script], decisions: nil))
        for _ in 0..<3 {
            let host = try world.host([configuration])
            try await host.begin([world.feed])
            try await SinkWorld.until { world.feed.consumers == 1 }
            try world.publish(5)
            let last = world.feed.current.seq
            let places = folder.path + "/sinks/keeper.json"
            try await SinkWorld.until {
                guard FileManager.default.fileExists(atPath: places) else { return false }
                let value = try JSONValue(parsing: Array(try Data(contentsOf: URL(filePath: places))))
                return value["places"]?[SinkWorld.stream]?.uint64 == last
            }
            world.feed.close()
            await host.finish(within: 5)
            world = try SinkWorld(folder)
        }
        let seqs = try SinkWorld.seqs(try SinkWorld.lines(heard))
        // The first began with what stood; nothing was told twice, since everything was acknowledged.
        #expect(seqs.drop { $0 <= 6 } == Array(7...51)[...])
    }

    @Test(.timeLimit(.minutes(1))) func whatAProgramDecidesIsKept() async throws {
        let folder = try SinkFolder()
        let decisions = folder.path + "/decisions"
        var world = try SinkWorld(folder)
        try world.publish(1)
        let host = try world.host([
            SinkConfiguration(
                name: "keeper",
                kind: .child(command: ["/bin/sed", "-u", "-n", "s/.*opportunity.*/bid/p"], decisions: decisions))
        ])
        try await host.begin([world.feed])
        try await SinkWorld.until { FileManager.default.fileExists(atPath: decisions) }
        world.feed.close()
        await host.finish(within: 5)
        #expect(try String(contentsOfFile: decisions, encoding: .utf8) == "bid\n")
    }

    // MARK: Unix socket

    private func dialogue(_ path: String, say line: String, until done: @Sendable ([[UInt8]]) throws -> Bool)
        async throws -> [[UInt8]]
    {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: line + "\n"))
            var bytes: [UInt8] = []
            for try await buffer in inbound {
                bytes += Array(buffer.readableBytesView)
                let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
                let whole = bytes.last == UInt8(ascii: "\n") ? lines : Array(lines.dropLast())
                if try done(whole) { return whole }
            }
            return bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        }
    }

    @Test(.timeLimit(.minutes(5))) func whoConnectsHearsWhatItAskedFor() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/s"
        var world = try SinkWorld(folder)
        try world.publish(3)
        let host = try world.host([SinkConfiguration(name: "unix", kind: .unix(path: path))])
        try await host.begin([world.feed])
        let all = try await dialogue(path, say: "{}") { try SinkWorld.seqs($0).contains(7) }
        #expect(try JSONValue(parsing: all[0])["type"]?.string == "snapshot")
        let later = try await dialogue(path, say: "{\"resume\":[\"\(SinkWorld.stream):4\"]}") {
            try SinkWorld.seqs($0).contains(9)
        }
        #expect(try SinkWorld.seqs(later) == [5, 6, 7, 8, 9])
        let heads = try await dialogue(
            path, say: "{\"resume\":[\"\(SinkWorld.stream):0\"],\"types\":[\"head\"]}"
        ) { try SinkWorld.seqs($0).contains(9) }
        #expect(try SinkWorld.seqs(heads) == [3, 6, 9])
        // Whoever went holds no place: far more than are served at one time come one after the other.
        for _ in 0..<80 {
            let seq = world.feed.current.seq
            _ = try await dialogue(path, say: "{\"resume\":[\"\(SinkWorld.stream):\(seq - 1)\"]}") {
                try SinkWorld.seqs($0) == [seq]
            }
            // That it went is seen without a message that it would have been sent.
            try await SinkWorld.until { world.feed.consumers == 0 }
            try world.publish(1)
        }
        for nonsense in ["[", "{\"x\":1}", "{\"types\":[\"nothing\"]}", "{\"resume\":[\"\(SinkWorld.stream):9999\"]}"] {
            let refusal = try await dialogue(path, say: nonsense) { !$0.isEmpty }
            #expect(try JSONValue(parsing: refusal[0])["type"]?.string == "error", "\(nonsense)")
        }
        world.feed.close()
        await host.finish(within: 5)
        #expect(throws: (any Error).self) { try SinkConfiguration.list(JSONCursor(["x"])) }
    }
}
