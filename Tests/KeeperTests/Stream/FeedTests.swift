import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

@testable import Keeper

@Suite struct FeedTests {
    private func feed(_ folder: FeedWorld.Folder, segmentBytes: UInt64 = 64 << 20, segments: Int = 8) throws -> Feed {
        var options = Feed.Options(clock: { 1_700_000_000_000 })
        options.segmentBytes = segmentBytes
        options.segments = segments
        return try Feed(stream: FeedWorld.stream, in: folder.path, options: options)
    }

    /// Everything that is waiting; the feed has to be closed, so that the end is reached.
    private func drain(_ subscription: FeedSubscription, into consumer: inout FeedConsumer) async {
        while let line = await subscription.next() { consumer.take(line) }
    }

    @Test(arguments: Seed.sweep(2)) func consumersKnowTheTruthAfterEveryBlock(seed: Seed) async throws {
        let folder = FeedWorld.Folder()
        let feed = try feed(folder)
        var world = FeedWorld(seed: seed)
        let subscription = try feed.subscribe(from: .tail)
        var consumer = FeedConsumer()
        for _ in 0..<100 {
            if Int.random(in: 0..<8, using: &world.random) == 0 {
                let gone = world.reorganise(depth: Int.random(in: 1...64, using: &world.random))
                let before = feed.current
                let expected = gone.flatMap { hash in
                    before.pages.first { $0.block == hash }?.changes.map { "\($0.id.hex) \($0.rev)" } ?? []
                }
                try feed.retract(gone)
                var named: [String] = []
                while subscription.waiting > 0, let line = await subscription.next() {
                    consumer.take(line)
                    let value = try JSONValue(parsing: line.bytes)
                    for change in value["revisions"]?.array ?? [] {
                        named.append("\(change["id"]?.string ?? "") \(change["rev"]?.uint64 ?? 0)")
                    }
                }
                // Exactly what the blocks brought, the newest block first.
                #expect(named == expected)
            }
            try feed.publish(world.next(owed: feed.current.owed))
            while subscription.waiting > 0, let line = await subscription.next() { consumer.take(line) }
            #expect(consumer.states == world.truth.open)
            #expect(Set(feed.current.entries.keys) == Set(world.truth.open.keys))
            #expect(feed.current.entries.values.allSatisfy { $0.line != nil })
        }
        #expect(consumer.complaints == [])
    }

    @Test(arguments: Seed.sweep(2)) func whoResumesAnywhereKnowsTheSame(seed: Seed) async throws {
        let folder = FeedWorld.Folder()
        // Small files, so that most of the past spans several.
        let feed = try feed(folder, segmentBytes: 4_000, segments: 6)
        var world = FeedWorld(seed: seed)
        for _ in 0..<80 {
            if Int.random(in: 0..<10, using: &world.random) == 0 {
                try feed.retract(world.reorganise(depth: Int.random(in: 1...9, using: &world.random)))
            }
            try feed.publish(world.next(owed: feed.current.owed))
        }
        let last = feed.current.seq
        for _ in 0..<20 {
            let from = UInt64.random(in: 0...last, using: &world.random)
            let resumed = try feed.subscribe(from: .after(from))
            // A consumer that had nothing: it may know less than the truth only where it was not told of a snapshot.
            var lines: [FeedLine] = []
            while lines.last?.seq != last || lines.count < 1, from < last, let line = await resumed.next() {
                lines.append(line)
                if line.kind == .gap || line.kind == nil { break }
            }
            if let first = lines.first, first.kind == .gap {
                let value = try JSONValue(parsing: first.bytes)
                #expect(value["reason"]?.string == "retention")
                #expect(value["fromSeq"]?.uint64 == from + 1)
            } else {
                #expect(lines.map(\.seq) == Array((from + 1)..<(last + 1)))
            }
        }
        #expect(throws: FeedError.self) { try feed.subscribe(from: .after(last + 1)) }
    }

    @Test(arguments: Seed.sweep(2)) func aSnapshotAndItsTailAreTheWhole(seed: Seed) async throws {
        let folder = FeedWorld.Folder()
        let feed = try feed(folder, segmentBytes: 3_000, segments: 2)
        var world = FeedWorld(seed: seed)
        for _ in 0..<60 { try feed.publish(world.next(owed: feed.current.owed)) }
        let early = try feed.subscribe(from: .snapshot)
        let late = try feed.subscribe(from: .after(1))
        for _ in 0..<30 { try feed.publish(world.next(owed: feed.current.owed)) }
        feed.close()
        for subscription in [early, late] {
            var consumer = FeedConsumer()
            while let line = await subscription.next() {
                let isRecord = line.seq == consumer.seq && line.kind != .gap && line.kind != nil
                consumer.take(line, mayRepeat: isRecord || line.kind == .gap)
            }
            #expect(consumer.states == world.truth.open)
        }
    }

    @Test(arguments: Seed.sweep(2)) func aCrashAtAnyByteLosesNothingThatWasTold(seed: Seed) throws {
        let folder = FeedWorld.Folder()
        var world = FeedWorld(seed: seed)
        var ends: [(bytes: Int, seq: UInt64, open: [Hash32: String])] = []
        let path = folder.path + "/00000000000000000001.ndjson"
        do {
            let feed = try feed(folder)
            for _ in 0..<12 {
                try feed.publish(world.next(owed: feed.current.owed))
                let size = try Data(contentsOf: URL(filePath: path)).count
                ends.append((size, feed.current.seq, world.truth.open))
            }
        }
        let whole = try Data(contentsOf: URL(filePath: path))
        for length in stride(from: 0, through: whole.count, by: 211) {
            try whole.prefix(length).write(to: URL(filePath: path))
            let feed = try feed(folder)
            let told = ends.last { $0.bytes <= length }
            // Whatever was on the disk before the crash is there; a line that was cut is not.
            #expect(feed.current.seq >= told?.seq ?? 0)
            let text = whole.prefix(length)
            let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count - 1
            #expect(feed.current.seq == UInt64(max(0, lines - 1)))
            // And it goes on with the next number.
            try feed.announce(.heartbeat)
            #expect(feed.current.seq == UInt64(max(0, lines - 1)) + 1)
        }
    }

    @Test func damageInTheMiddleIsSaid() throws {
        let folder = FeedWorld.Folder()
        var world = FeedWorld(seed: Seed(3))
        do {
            let feed = try feed(folder)
            for _ in 0..<5 { try feed.publish(world.next(owed: [])) }
        }
        let path = folder.path + "/00000000000000000001.ndjson"
        var lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
        lines.remove(at: 2)
        try Data(lines.joined(separator: [UInt8(ascii: "\n")]) + [UInt8(ascii: "\n")]).write(to: URL(filePath: path))
        #expect(
            throws: FeedError.damaged(
                file: path, line: 2, what: "after the checkpoint: \(FeedError.malformed("seq 2, and not 3"))")
        ) {
            _ = try self.feed(folder)
        }
    }

    @Test func aFeedGoesOnWhereItStoodAcrossFiles() throws {
        let folder = FeedWorld.Folder()
        var world = FeedWorld(seed: Seed(9))
        for _ in 0..<20 {
            let feed = try feed(folder, segmentBytes: 1_500, segments: 3)
            let before = feed.current
            try feed.publish(world.next(owed: before.owed))
            #expect(feed.current.seq > before.seq)
            #expect(Set(feed.current.entries.keys) == Set(world.truth.open.keys))
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.count <= 3)
    }

    @Test func whatCannotBeWrittenIsToldToNobody() throws {
        let folder = FeedWorld.Folder()
        let feed = try feed(folder)
        #expect(throws: FeedError.self) {
            try self.feed(FeedWorld.Folder(below: folder.path + "/00000000000000000001.ndjson"))
        }
        #expect(feed.current.seq == 0)
    }
}
