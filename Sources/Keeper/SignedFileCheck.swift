public import Ethereum
internal import JSON

/// Checks the lines of a signed file one by one: every message belongs to a batch, every batch is signed and follows on the
/// one before.
///
/// A file that was begun in the middle of a stream's life is whole from its first batch on: `isFromTheStart` says which.
public struct SignedFileCheck: Sendable {
    /// What was found of a stream.
    public struct Chain: Hashable, Sendable {
        /// Who signed.
        public var signer: Address
        /// How many batches.
        public var batches = 0
        /// How many messages.
        public var messages = 0
        /// The first and the last number.
        public var seqs: ClosedRange<UInt64>
        /// The root of the last batch.
        public var root: Hash32
        /// Whether nothing was signed before the first batch.
        public var isFromTheStart: Bool
    }

    /// What was found.
    public private(set) var streams: [String: Chain] = [:]
    private var pending: [String: [(seq: UInt64, type: String, bytes: [UInt8])]] = [:]

    /// Nothing was read yet.
    public init() {}

    /// Takes the next line in.
    ///
    /// - Throws: `.broken` with what is wrong.
    public mutating func take(_ line: [UInt8]) throws(SignedBatchError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: line) } catch { throw .record("\(error)") }
        guard value["type"]?.string == "batch" else {
            guard let stream = value["stream"]?.string, let type = value["type"]?.string,
                let seq = value["seq"]?.uint64 ?? value["snapshotSeq"]?.uint64
            else { throw .broken("a line that is neither a message nor a batch") }
            return pending[stream, default: []].append((seq, type, line))
        }
        guard let batch = SignedBatch(value) else { throw .broken("a batch that lacks something") }
        try take(batch)
    }

    private mutating func take(_ signed: SignedBatch) throws(SignedBatchError) {
        let lines = pending.removeValue(forKey: signed.stream) ?? []
        let batch = signed.batch
        guard let first = lines.first, let last = lines.last else { throw .broken("a batch of nothing") }
        guard first.seq == batch.firstSeq, last.seq == batch.lastSeq else {
            throw .broken(
                "the batch says \(batch.firstSeq) to \(batch.lastSeq), and holds \(first.seq) to \(last.seq)")
        }
        do throws(SignatureError) {
            try signed.verify()
        } catch {
            throw .broken("the batch from \(batch.firstSeq): \(error)")
        }
        guard try SignedBatch.root(of: lines.map(\.bytes), after: batch.prevRoot) == batch.root else {
            throw .broken("the messages \(batch.firstSeq) to \(batch.lastSeq) are not those that were signed")
        }
        let before = streams[signed.stream]
        if let before {
            guard before.signer == signed.signer else { throw .broken("\(signed.stream) has another signer") }
            guard before.root == batch.prevRoot else {
                throw .broken("the batch from \(batch.firstSeq) does not follow on the one before")
            }
        }
        var seq = before?.seqs.upperBound
        // A snapshot stands for what is not kept any more: its records repeat the number.
        let hasSnapshot = lines.contains { $0.type == "snapshot" }
        for line in lines {
            if let seq, line.seq != seq + 1, !hasSnapshot { throw .broken("\(line.seq) after \(seq)") }
            seq = line.seq
        }
        streams[signed.stream] = Chain(
            signer: signed.signer, batches: (before?.batches ?? 0) + 1,
            messages: (before?.messages ?? 0) + lines.count,
            seqs: (before?.seqs.lowerBound ?? batch.firstSeq)...max(batch.firstSeq, batch.lastSeq), root: batch.root,
            isFromTheStart: before?.isFromTheStart ?? (batch.prevRoot == Hash32(word: .zero)))
    }

    /// Says that this was the last line.
    ///
    /// - Throws: `.broken` where messages are left that no batch covers.
    public func finish() throws(SignedBatchError) {
        guard let left = pending.keys.min() else { return }
        throw .broken("the last messages of \(left) are not signed")
    }
}
