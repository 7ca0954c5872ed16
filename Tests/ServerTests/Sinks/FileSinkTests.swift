import Ethereum
import Foundation
import JSON
import Keeper
import Testing

@testable import Server

@Suite struct FileSinkTests {
    private func file(_ path: String, rotate: UInt64 = 64 << 20, keep: Int = 100) -> SinkConfiguration {
        var rotation = SinkConfiguration.Rotation()
        rotation.bytes = rotate
        rotation.files = keep
        return SinkConfiguration(name: "log", kind: .file(path: path, rotation, signedBy: nil))
    }

    @Test(.timeLimit(.minutes(1))) func everyMessageStandsThereOnceOverRestarts() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/feed.ndjson"
        for _ in 0..<5 {
            var world = try SinkWorld(folder)
            try world.publish(7)
            try await world.run([file(path)])
        }
        let lines = try SinkWorld.lines(path)
        // The first run began with what stood, the others went on.
        #expect(try JSONValue(parsing: lines[0])["type"]?.string == "snapshot")
        #expect(try SinkWorld.seqs(lines).suffix(4 * 21) == Array(22...105)[...])
    }

    /// A file that ends in the middle of a line, as a crash leaves it, and a place that was not kept: the line comes again, whole.
    @Test(.timeLimit(.minutes(1))) func whatACrashCutOffComesAgain() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/feed.ndjson"
        var world = try SinkWorld(folder)
        try world.publish(3)
        try await world.run([file(path)])
        let place = folder.path + "/sinks/log.json"
        let kept = try Data(contentsOf: URL(filePath: place))
        world = try SinkWorld(folder)
        try world.publish(3)
        try await world.run([file(path)])
        try kept.write(to: URL(filePath: place))
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.dropLast(17).write(to: URL(filePath: path))
        world = try SinkWorld(folder)
        try await world.run([file(path)])
        let seqs = try SinkWorld.seqs(try SinkWorld.lines(path))
        #expect(Set(seqs).isSuperset(of: 10...18))
        #expect(seqs.suffix(9) == Array(10...18)[...])
    }

    @Test(.timeLimit(.minutes(1))) func fullFilesAreKept() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/feed.ndjson"
        for _ in 0..<6 {
            var world = try SinkWorld(folder)
            try world.publish(20)
            try await world.run([file(path, rotate: 8_000)])
        }
        var all: [UInt64] = []
        var number = 1
        var files: [String] = []
        while FileManager.default.fileExists(atPath: "\(path).\(number)") {
            files.insert("\(path).\(number)", at: 0)
            number += 1
        }
        #expect(files.count >= 3)
        for file in files + [path] { all += try SinkWorld.seqs(try SinkWorld.lines(file)) }
        #expect(all.suffix(300) == Array(61...360)[...])
    }

    @Test(.timeLimit(.minutes(1))) func onlyWhatIsWantedAndAlwaysWhatForbidsActing() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/feed.ndjson"
        var world = try SinkWorld(folder)
        var configuration = file(path)
        configuration.filter.types = [.opportunity]
        let host = try world.host([configuration])
        try await host.begin([world.feed])
        try await SinkWorld.until { world.feed.consumers == 1 }
        try world.publish(4)
        try world.feed.announce(.status, ["status": "degraded"])
        world.feed.close()
        await host.finish(within: 20)
        let types = try SinkWorld.lines(path).compactMap { try JSONValue(parsing: $0)["type"]?.string }
        #expect(types.filter { $0 == "opportunity" }.count == 4)
        #expect(!types.contains("watch") && !types.contains("head"))
        #expect(types.last == "status")
    }

    /// A place beyond what was given out, as after the state folder was removed.
    @Test(.timeLimit(.minutes(1))) func numbersThatBeganAnewBeginWithWhatStands() async throws {
        let folder = try SinkFolder()
        let path = folder.path + "/feed.ndjson"
        var world = try SinkWorld(folder)
        try world.publish(9)
        try await world.run([file(path)])
        try FileManager.default.removeItem(atPath: folder.path + "/feeds")
        world = try SinkWorld(folder)
        try world.publish(2)
        try await world.run([file(path)])
        let frames = try SinkWorld.lines(path).compactMap { try JSONValue(parsing: $0)["snapshotSeq"]?.uint64 }
        #expect(frames == [27, 6])
        #expect(
            try JSONValue(parsing: Array(try Data(contentsOf: URL(filePath: folder.path + "/sinks/log.json"))))[
                "places"]?[SinkWorld.stream]?.uint64 == 6)
    }
}

@Suite struct SignedFileSinkTests {
    private func configuration(_ folder: SinkFolder, rotate: UInt64 = 64 << 20) throws -> SinkConfiguration {
        let key = folder.path + "/key"
        try Data("0x1111111111111111111111111111111111111111111111111111111111111111\n".utf8)
            .write(to: URL(filePath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        var rotation = SinkConfiguration.Rotation()
        rotation.bytes = rotate
        rotation.files = 100
        return SinkConfiguration(
            name: "signed", kind: .file(path: folder.path + "/signed.ndjson", rotation, signedBy: .file(key)))
    }

    private func check(_ lines: [[UInt8]]) throws(SignedBatchError) -> SignedFileCheck {
        var check = SignedFileCheck()
        for line in lines { try check.take(line) }
        try check.finish()
        return check
    }

    @Test(.timeLimit(.minutes(1))) func everyBlockIsABatchThatFollowsOnTheOneBefore() async throws {
        let folder = try SinkFolder()
        let configuration = try configuration(folder)
        for _ in 0..<3 {
            var world = try SinkWorld(folder)
            try world.publish(5)
            try await world.run([configuration])
        }
        let lines = try SinkWorld.lines(folder.path + "/signed.ndjson")
        let check = try check(lines)
        let chain = try #require(check.streams[SinkWorld.stream])
        #expect(chain.batches == 15)
        #expect(chain.messages == 45)
        #expect(chain.signer == Address(checksummed: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"))
    }

    /// Whatever is changed, taken out, doubled or moved is noticed.
    @Test(.timeLimit(.minutes(1))) func alteredFilesAreRefused() async throws {
        let folder = try SinkFolder()
        let configuration = try configuration(folder)
        var world = try SinkWorld(folder)
        try world.publish(4)
        try await world.run([configuration])
        let lines = try SinkWorld.lines(folder.path + "/signed.ndjson")
        #expect(throws: Never.self) { try check(lines) }
        for index in lines.indices {
            var removed = lines
            removed.remove(at: index)
            // Without its last line the file ends within a batch.
            #expect(throws: SignedBatchError.self, "line \(index) removed") { try check(removed) }
            var doubled = lines
            doubled.insert(lines[index], at: index)
            #expect(throws: SignedBatchError.self, "line \(index) doubled") { try check(doubled) }
            var changed = lines
            let text = String(decoding: lines[index], as: UTF8.self)
            let other = text.replacing("\"position", with: "\"p0sition").replacing("\"state\":", with: "\"stale\":")
                .replacing("\"lastSeq\":", with: "\"lastSeq\":1").replacing(
                    "\"parentHash\":\"0x", with: "\"parentHash\":\"0xf")
            if other != text {
                changed[index] = Array(other.utf8)
                #expect(throws: SignedBatchError.self, "line \(index) changed") { try check(changed) }
            }
            guard index > 0 else { continue }
            var moved = lines
            moved.swapAt(index, index - 1)
            #expect(throws: SignedBatchError.self, "line \(index) moved") { try check(moved) }
        }
    }

    /// A crash leaves messages without their signature: they are cut away, and come again with it.
    @Test(.timeLimit(.minutes(1))) func whatIsNotSignedYetComesAgain() async throws {
        let folder = try SinkFolder()
        let configuration = try configuration(folder)
        let path = folder.path + "/signed.ndjson"
        var world = try SinkWorld(folder)
        try world.publish(6)
        try await world.run([configuration])
        let whole = try Data(contentsOf: URL(filePath: path))
        for cut in stride(from: 1, to: whole.count, by: 331) {
            try whole.dropLast(cut).write(to: URL(filePath: path))
            world = try SinkWorld(folder)
            try await world.run([configuration])
            let again = try check(try SinkWorld.lines(path))
            #expect(again.streams[SinkWorld.stream]?.messages == 18, "cut by \(cut)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func fullFilesAreLinked() async throws {
        let folder = try SinkFolder()
        let configuration = try configuration(folder, rotate: 10_000)
        for _ in 0..<4 {
            var world = try SinkWorld(folder)
            try world.publish(10)
            try await world.run([configuration])
        }
        var check = SignedFileCheck()
        var number = 1
        while FileManager.default.fileExists(atPath: folder.path + "/signed.ndjson.\(number + 1)") { number += 1 }
        #expect(number > 2)
        for file in (1...number).reversed().map({ "/signed.ndjson.\($0)" }) + ["/signed.ndjson"] {
            for line in try SinkWorld.lines(folder.path + file) { try check.take(line) }
        }
        try check.finish()
        #expect(check.streams[SinkWorld.stream]?.messages == 120)
    }
}
