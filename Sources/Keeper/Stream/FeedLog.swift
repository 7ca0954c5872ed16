internal import Foundation
internal import JSON

/// The messages of one stream on disk: what was given a number is here before anybody is told, and stays for as long
/// as there is room.
///
/// The files are segments of lines. Each begins with a checkpoint, the state before its first message, so that nothing
/// older is needed to go on. One process at a time has a stream: the folder's lock is the caller's business.
struct FeedLog: ~Copyable {
    /// How much is kept.
    struct Limits: Sendable {
        /// Bytes of a segment before the next is begun; its checkpoint does not count.
        var segment: UInt64 = 64 << 20
        /// Segments that are kept, the one that is written among them; at least two.
        var segments = 8
    }

    /// The stream's name.
    let stream: String
    let folder: String
    private let limits: Limits
    private var file: FeedFile
    /// Bytes of the checkpoint that the segment begins with.
    private var preamble: UInt64
    /// What was said so far.
    private(set) var state: FeedState

    /// Opens a stream where it stands; a message that was cut off by a crash was told to nobody and is cut away.
    ///
    /// - Throws: `.damaged` for anything else that is not as it was written; `.unusable`.
    init(stream: String, in folder: String, limits: Limits = Limits()) throws(FeedError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .unusable(file: folder, what: "the folder cannot be made: it is a file, or its parent is not yours")
        }
        let found = try Self.recoverNewest(stream, in: folder)
        let file = try Self.file(of: found, stream: stream, in: folder)
        self.stream = stream
        self.folder = folder
        self.limits = limits
        preamble = found?.preamble ?? file.size
        state = found?.state ?? FeedState()
        self.file = file
    }

    /// Keeps lines that ``FeedState/apply(_:seq:line:)`` took in, in their order, and then `state`.
    ///
    /// - Returns: once they are on the disk.
    mutating func append(_ lines: [[UInt8]], leadingTo state: FeedState) throws(FeedError) {
        if file.size - preamble >= limits.segment { try rotate() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        for line in lines {
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        try file.append(bytes)
        self.state = state
    }

    private mutating func rotate() throws(FeedError) {
        file = try Self.begin(state, stream: stream, in: folder)
        preamble = file.size
        let names = try Self.segments(in: folder)
        for name in names.dropLast(max(2, limits.segments)) { try Self.remove(Self.path(name, in: folder)) }
    }

    /// The number of the first message of each segment, ascending.
    func segments() throws(FeedError) -> [UInt64] { try Self.segments(in: folder) }

    /// Where a segment is.
    func path(_ segment: UInt64) -> String { Self.path(segment, in: folder) }
}

extension FeedLog {
    private static func path(_ segment: UInt64, in folder: String) -> String {
        let digits = String(segment)
        return folder + "/" + String(repeating: "0", count: 20 - digits.count) + digits + ".ndjson"
    }

    private static func segments(in folder: String) throws(FeedError) -> [UInt64] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .unusable(file: folder, what: "the folder cannot be read")
        }
        return names.compactMap { name in
            guard name.hasSuffix(".ndjson"), name.utf8.count == 27 else { return nil }
            return UInt64(name.dropLast(7))
        }.sorted()
    }

    private static func remove(_ path: String) throws(FeedError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .unusable(file: path, what: "it cannot be removed")
        }
    }

    /// Begins a segment with what is known before its first message.
    private static func begin(
        _ state: FeedState, stream: String, in folder: String
    ) throws(FeedError) -> FeedFile {
        var bytes: [UInt8] = []
        for line in state.checkpoint(stream: stream) {
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        var file = try FeedFile(path: path(state.seq + 1, in: folder))
        try file.truncate(to: 0)
        try file.append(bytes)
        try FeedFile.synchronize(folder: folder)
        return file
    }

    /// What a segment holds.
    private struct Recovered {
        var path: String
        var state: FeedState
        var preamble: UInt64
        var end: UInt64
    }

    private static func file(
        of found: Recovered?, stream: String, in folder: String
    ) throws(FeedError) -> FeedFile {
        guard let found else { return try begin(FeedState(), stream: stream, in: folder) }
        var file = try FeedFile(path: found.path)
        try file.truncate(to: found.end)
        return file
    }

    /// The newest segment whose checkpoint is whole; those after it were begun, and nothing was written to them yet.
    private static func recoverNewest(_ stream: String, in folder: String) throws(FeedError) -> Recovered? {
        for name in try segments(in: folder).reversed() {
            let path = path(name, in: folder)
            if let found = try recover(path, stream: stream) { return found }
            try remove(path)
        }
        return nil
    }

    /// A segment as it stands; nil where its checkpoint is not whole.
    private static func recover(_ path: String, stream: String) throws(FeedError) -> Recovered? {
        var lines = try FeedLines(path: path)
        var state: FeedState
        do throws(FeedError) {
            guard let checkpoint = try FeedSegment.checkpoint(of: &lines, stream: stream) else { return nil }
            state = checkpoint
        } catch {
            throw .damaged(file: path, line: 1, what: "\(error)")
        }
        let preamble = lines.offset
        var count = 0
        while let line = try lines.next() {
            count += 1
            do throws(FeedError) {
                let (seq, message) = try FeedMessage.parse(line)
                try state.apply(message, seq: seq, line: line)
            } catch {
                throw .damaged(file: path, line: count, what: "after the checkpoint: \(error)")
            }
        }
        return Recovered(path: path, state: state, preamble: preamble, end: lines.offset)
    }
}

/// How a segment begins.
enum FeedSegment {
    /// The state that a segment begins with; nil where it is not whole.
    static func checkpoint(of lines: inout FeedLines, stream: String) throws(FeedError) -> FeedState? {
        guard let first = try lines.next() else { return nil }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: first)
        } catch {
            throw .malformed("a checkpoint: \(error)")
        }
        var open: [[UInt8]] = []
        for _ in 0..<(try FeedState.lines(after: value)) {
            guard let line = try lines.next() else { return nil }
            open.append(line)
        }
        return try FeedState(checkpoint: value, entries: open, stream: stream)
    }
}
