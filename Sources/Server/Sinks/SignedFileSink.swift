import Ethereum
import Foundation
import JSON
import Keeper

/// Appends messages to a file in batches, each followed by its signature: one batch a block.
///
/// A batch and its messages are appended in one piece, and the file itself says after a crash how far it is signed: what
/// stands behind the last signature is cut away and comes again.
actor SignedFileSink: FeedSink {
    nonisolated let name: String
    private let path: String
    private let rotation: SinkConfiguration.Rotation
    private let key: Secp256k1.PrivateKey
    private var file: FeedFile
    /// What each stream's next batch follows on.
    private var chains: [String: Link] = [:]
    /// Messages of blocks that are not whole yet.
    private var pending: [String: [FeedLine]] = [:]
    /// The most messages that wait for their block's end.
    private static let most = 100_000

    struct Link {
        var seq: UInt64
        var root: Hash32
        var block: (number: UInt64, hash: Hash32)
    }

    init(
        name: String, path: String, rotation: SinkConfiguration.Rotation, key: Secp256k1.PrivateKey
    ) throws(SinkError) {
        self.name = name
        self.path = path
        self.rotation = rotation
        self.key = key
        var file = try FeedFiles.open(path, for: name)
        var chains: [String: Link] = [:]
        do throws(FeedError) {
            // The newest full file has the links of streams that said nothing since.
            if FileManager.default.fileExists(atPath: path + ".1") { _ = try Self.links(path + ".1", into: &chains) }
            try file.truncate(to: try Self.links(path, into: &chains))
        } catch {
            throw FeedFiles.refusal(error, name)
        }
        self.chains = chains
        self.file = file
    }

    /// Reads the signatures of a file.
    ///
    /// - Returns: where the last one ends.
    private static func links(_ path: String, into chains: inout [String: Link]) throws(FeedError) -> UInt64 {
        var lines = try FeedLines(path: path)
        var end: UInt64 = 0
        while let line = try lines.next() {
            guard let batch = SignedBatch(line: line) else { continue }
            chains[batch.stream] = Link(
                seq: batch.batch.lastSeq, root: batch.batch.root,
                block: (batch.batch.blockNumber, batch.batch.blockHash))
            end = lines.offset
        }
        return end
    }

    func begin() -> Int { 0 }

    func point(of stream: String, in session: Int) -> FeedPoint {
        pending[stream] = nil
        return .after(chains[stream]?.seq ?? 0)
    }

    func deliver(
        _ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int
    ) throws(SinkError) {
        for line in lines {
            pending[stream, default: []].append(line)
            if line.kind == .head { try sign(stream, at: Self.block(of: line)) }
        }
        if pending[stream, default: []].count > Self.most { try sign(stream, at: nil) }
    }

    private func sign(_ stream: String, at block: (number: UInt64, hash: Hash32)?) throws(SinkError) {
        guard let lines = pending[stream], let first = lines.first, let last = lines.last else { return }
        pending[stream] = nil
        let link = chains[stream]
        let block = block ?? link?.block ?? (0, .zero)
        let prevRoot = link?.root ?? .zero
        let batch: SignedBatch
        do throws(SignedBatchError) {
            batch = try SignedBatch(
                of: lines.map(\.bytes), stream: stream, seqs: first.seq...max(first.seq, last.seq), block: block,
                after: prevRoot, by: key)
        } catch {
            throw .unusable(sink: name, what: "\(error)")
        }
        let bytes = FeedFiles.joined(lines) + batch.line + [UInt8(ascii: "\n")]
        if file.size > 0, file.size + UInt64(bytes.count) > rotation.bytes {
            file = try FeedFiles.rotated(path, keeping: rotation.files, for: name)
        }
        do throws(FeedError) { try file.append(bytes) } catch { throw FeedFiles.refusal(error, name) }
        chains[stream] = Link(seq: batch.batch.lastSeq, root: batch.batch.root, block: block)
    }

    private static func block(of line: FeedLine) -> (number: UInt64, hash: Hash32)? {
        do throws(JSONError) {
            let block = try JSONValue(parsing: line.bytes)["block"]
            guard let number = block?["number"]?.uint64, let hash = block?["hash"]?.string.flatMap({ Hash32(hex: $0) })
            else { return nil }
            return (number, hash)
        } catch {
            return nil
        }
    }

    /// The numbers began anew, and the file goes on: whoever verifies it sees where.
    func forget(_ stream: String) { pending[stream] = nil }

    /// What the last block did not cover is signed by its own batch.
    func end() {
        for stream in pending.keys.sorted() {
            do throws(SinkError) { try sign(stream, at: nil) } catch { continue }
        }
    }
}
