import JSONRPC

/// Several readers of one block that ask in step, so that what they ask at the same time shares exchanges.
///
/// A round is sent when every reader that has not left waits for an answer, in the order of the readers and not of their
/// arrival: what is sent depends only on what was answered before (docs/decisions/0002-record-and-replay.md).
public actor ReadRounds {
    /// Requests that share one exchange.
    struct Part: Sendable {
        var requests: ArraySlice<RPCRequest>
        /// How much of what one exchange may cost they take, in thousandths.
        var weight: Int
    }

    typealias Answers = [Result<RPCResult, RPCError>]

    private let requester: Requester
    private var readers: Set<Int>
    private var waiting: [Int: (parts: [Part], continuation: CheckedContinuation<Answers, Never>)] = [:]

    private init(_ requester: Requester, readers: Range<Int>) {
        self.requester = requester
        self.readers = Set(readers)
    }

    /// Runs `body` for each of `count` readers, each with a snapshot of its own of the same block.
    ///
    /// A reader whose requests overlap each other is answered, but its overlapping requests are sent alone.
    public static func run<Output: Sendable>(
        _ count: Int, on snapshot: Snapshot, _ body: @escaping @Sendable (Int, Snapshot) async -> Output
    ) async -> [Output] {
        guard count > 1, snapshot.requester.batches else {
            var outputs: [Output] = []
            for index in 0..<count { outputs.append(await body(index, snapshot)) }
            return outputs
        }
        let rounds = ReadRounds(snapshot.requester, readers: 0..<count)
        return await mapConcurrently(Array(0..<count), limit: count) { index in
            let output = await body(index, snapshot.asking(through: rounds, as: index))
            await rounds.leave(index)
            return output
        }
    }

    /// The answers to all requests of the parts, in order.
    func perform(_ parts: [Part], for reader: Int) async -> Answers {
        guard !parts.isEmpty else { return [] }
        guard readers.contains(reader), waiting[reader] == nil else { return await requester.send(parts) }
        guard waiting.count + 1 == readers.count else {
            return await withCheckedContinuation { waiting[reader] = (parts, $0) }
        }
        return await send(with: (reader, parts))
    }

    private func leave(_ reader: Int) async {
        readers.remove(reader)
        if !waiting.isEmpty, waiting.count == readers.count { _ = await send(with: nil) }
    }

    /// Sends what everybody waits for; the answers to `last`, who does not wait.
    private func send(with last: (reader: Int, parts: [Part])?) async -> Answers {
        var round = waiting.map { (reader: $0.key, parts: $0.value.parts) }
        if let last { round.append(last) }
        round.sort { $0.reader < $1.reader }
        let continuations = waiting.mapValues(\.continuation)
        waiting = [:]
        var answers = await requester.send(Self.merged(round.flatMap(\.parts)))[...]
        var own: Answers = []
        for (reader, parts) in round {
            let count = parts.reduce(0) { $0 + $1.requests.count }
            let mine = Array(answers.prefix(count))
            answers = answers.dropFirst(count)
            if let continuation = continuations[reader] { continuation.resume(returning: mine) } else { own = mine }
        }
        return own
    }

    /// Neighbours in one exchange as far as one bears them.
    static func merged(_ parts: [Part]) -> [Part] {
        var merged: [Part] = []
        for part in parts {
            if let last = merged.last, last.weight + part.weight <= 1_000 {
                merged[merged.count - 1].requests += part.requests
                merged[merged.count - 1].weight += part.weight
            } else {
                merged.append(part)
            }
        }
        return merged
    }
}

extension Snapshot {
    /// The same block, asked in step with others.
    fileprivate func asking(through rounds: ReadRounds, as reader: Int) -> Snapshot {
        var snapshot = self
        snapshot.requester.rounds = (rounds, reader)
        return snapshot
    }
}
