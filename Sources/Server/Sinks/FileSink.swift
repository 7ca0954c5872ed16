import Foundation
import Keeper

/// Appends messages to a file, and begins another where it is full.
actor FileSink: FeedSink {
    nonisolated let name: String
    private let path: String
    private let rotation: SinkConfiguration.Rotation
    private let places: SinkPlaces
    private var file: FeedFile

    /// Opens the file at the end of its last whole line.
    init(name: String, path: String, rotation: SinkConfiguration.Rotation, places: SinkPlaces) throws(SinkError) {
        self.name = name
        self.path = path
        self.rotation = rotation
        self.places = places
        file = try FeedFiles.open(path, for: name)
    }

    func begin() -> Int { 0 }

    func point(of stream: String, in session: Int) -> FeedPoint {
        places[stream].map { .after($0) } ?? .snapshot
    }

    func deliver(
        _ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int
    ) throws(SinkError) {
        if !lines.isEmpty {
            let bytes = FeedFiles.joined(lines)
            if file.size > 0, file.size + UInt64(bytes.count) > rotation.bytes {
                file = try FeedFiles.rotated(path, keeping: rotation.files, for: name)
            }
            do throws(FeedError) { try file.append(bytes) } catch { throw FeedFiles.refusal(error, name) }
        }
        if let place { try places.keep(place, of: stream) }
    }

    func forget(_ stream: String) throws(SinkError) { try places.forget(stream) }

    func end() {}
}

/// What sinks that write files have in common.
enum FeedFiles {
    /// The lines, each with its end.
    static func joined(_ lines: [FeedLine]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.bytes.count + 1 })
        for line in lines {
            bytes += line.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    static func refusal(_ error: FeedError, _ sink: String) -> SinkError {
        .unusable(sink: sink, what: "\(error)")
    }

    /// Opens a file at its end; a line that was cut off by a crash is cut away.
    static func open(_ path: String, for sink: String) throws(SinkError) -> FeedFile {
        do throws(FeedError) {
            var file = try FeedFile(path: path)
            var lines = try FeedLines(path: path)
            while try lines.next() != nil {}
            try file.truncate(to: lines.offset)
            return file
        } catch {
            throw refusal(error, sink)
        }
    }

    /// Moves the full file to `path.1`, that one to `path.2` and so on, and opens an empty one.
    ///
    /// - Parameter files: so many full ones are kept.
    static func rotated(_ path: String, keeping files: Int, for sink: String) throws(SinkError) -> FeedFile {
        let manager = FileManager.default
        do {
            let oldest = "\(path).\(files)"
            if manager.fileExists(atPath: oldest) { try manager.removeItem(atPath: oldest) }
            for number in stride(from: files - 1, through: 1, by: -1)
            where manager.fileExists(atPath: "\(path).\(number)") {
                try manager.moveItem(atPath: "\(path).\(number)", toPath: "\(path).\(number + 1)")
            }
            try manager.moveItem(atPath: path, toPath: "\(path).1")
        } catch {
            throw .unusable(sink: sink, what: "\(path) cannot be moved to \(path).1")
        }
        return try open(path, for: sink)
    }
}
