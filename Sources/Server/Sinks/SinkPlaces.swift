import Foundation
import JSON
import Synchronization

/// After which message of each stream a sink goes on, kept in a file so that a restart repeats at most the last batch.
final class SinkPlaces: Sendable {
    private let path: String
    private let sink: String
    private let places: Mutex<[String: UInt64]>
    /// The most streams of one file.
    private static let most = 4_096

    /// Reads what is kept; nothing where there is no file yet.
    ///
    /// - Throws: `.unusable` where the file is not as it was written: to begin anew is for its owner to decide.
    init(path: String, sink: String) throws(SinkError) {
        self.path = path
        self.sink = sink
        places = Mutex(try Self.read(path, sink))
    }

    private static func read(_ path: String, _ sink: String) throws(SinkError) -> [String: UInt64] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let refusal = SinkError.unusable(
            sink: sink, what: "\(path) is damaged; remove it to begin with what stands")
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch { throw refusal }
        guard data.count <= 1 << 20 else { throw refusal }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: Array(data)) } catch { throw refusal }
        guard let object = value["places"]?.object, object.count <= most else { throw refusal }
        var places: [String: UInt64] = [:]
        for (stream, seq) in object.members {
            guard let seq = seq.uint64 else { throw refusal }
            places[stream] = seq
        }
        return places
    }

    /// The number after which a stream goes on.
    subscript(stream: String) -> UInt64? { places.withLock { $0[stream] } }

    /// Forgets a stream's place: its numbers began anew.
    func forget(_ stream: String) throws(SinkError) { try change { $0[stream] = nil } }

    /// Keeps a place: the file is whole at every moment.
    func keep(_ seq: UInt64, of stream: String) throws(SinkError) { try change { $0[stream] = seq } }

    private func change(_ body: (inout [String: UInt64]) -> Void) throws(SinkError) {
        let result = places.withLock { places -> Result<Void, SinkError> in
            body(&places)
            let members = places.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.integer($0.value)) }
            let value: JSONValue = ["v": 1, "places": .object(JSONObject(members))]
            do {
                try Data(value.serialized()).write(to: URL(filePath: path), options: .atomic)
                return .success(())
            } catch {
                return .failure(.unusable(sink: sink, what: "\(path) cannot be written"))
            }
        }
        try result.get()
    }
}
