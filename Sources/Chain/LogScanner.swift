import Ethereum
import JSON
import JSONRPC

/// Reads every log of a query up to the pinned block, in ranges that the endpoint accepts.
///
/// A range that is refused is halved, down to one block; a single block that is still too much is read from its
/// receipts.
/// What then cannot be read is a gap, which the caller has to report: it is never skipped.
public struct LogScanner: Sendable {
    /// How far the scan has come.
    public struct Progress: Sendable {
        /// Blocks read, and to be read.
        public let done: UInt64, total: UInt64
        /// Logs found so far.
        public let logs: Int
    }

    /// What a scan found.
    public struct Outcome: Sendable {
        /// Logs handed to the caller.
        public var logs = 0
        /// Ranges that could not be read.
        public var gaps: [LogGap] = []
    }

    private let snapshot: Snapshot
    /// Ranges asked at once. All answers of a round are taken before the next is planned, so that what is asked depends
    /// on answers alone and a recording can be replayed.
    private let inFlight: Int

    /// Scans logs at `snapshot`'s endpoint.
    public init(_ snapshot: Snapshot, inFlight: Int = 4) {
        self.snapshot = snapshot
        self.inFlight = inFlight
    }

    /// Calls `take` with the logs of each range, in the order of the chain.
    public func scan(
        _ query: LogQuery, from: UInt64, progress: @Sendable (Progress) -> Void = { _ in },
        take: ([Log]) -> Void
    ) async throws(ChainError) -> Outcome {
        var outcome = Outcome()
        var width = LogWidth()
        let end = snapshot.block.number
        guard from <= end else { return outcome }
        let total = end - from + 1
        var next = from
        while next <= end {
            guard !Task.isCancelled else { throw .cancelled }
            var ranges: [ClosedRange<UInt64>] = []
            while ranges.count < inFlight, next <= end {
                let last = min(end, next + min(width.blocks - 1, end - next))
                ranges.append(next...last)
                next = last + 1
            }
            let answers = await mapConcurrently(ranges, limit: inFlight) { await ask(query, $0) }
            var retreat = false
            for (range, answer) in zip(ranges, answers) where !retreat {
                switch answer {
                case .success(let logs):
                    width.passed(width: UInt64(range.count), logs: logs.count)
                    outcome.logs += logs.count
                    take(logs)
                    progress(
                        Progress(done: range.upperBound - from + 1, total: total, logs: outcome.logs))
                case .failure(let failure):
                    if let gap = learn(failure, range, &width) {
                        outcome.gaps.append(gap)
                    } else {
                        next = range.lowerBound
                        retreat = true
                    }
                }
            }
        }
        return outcome
    }

    /// Adjusts the width to a refusal; a gap where nothing is left to try.
    private func learn(_ failure: LogFailure, _ range: ClosedRange<UInt64>, _ width: inout LogWidth) -> LogGap? {
        let size = UInt64(range.count)
        let gap = LogGap(from: range.lowerBound, to: range.upperBound, why: "\(failure)")
        guard size > 1 else { return gap }
        switch failure.advice {
        case .fewerBlocks(let limit): width.tooWide(width: size, limit: limit)
        case .fewerLogs(let cap): width.tooMany(width: size, cap: cap)
        case .less: width.tooSlow(width: size)
        case .none: return gap
        }
        return nil
    }

    /// The checked logs of one range.
    private func ask(_ query: LogQuery, _ range: ClosedRange<UInt64>) async -> Result<[Log], LogFailure> {
        do throws(LogFailure) {
            let logs = try await askOnce(query, range)
            guard isSuspicious(logs.count), range.count > 1 else { return .success(logs) }
            // A round number may be a limit at which the endpoint cuts without a word: two halves have to agree.
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            let left = try await askOnce(query, range.lowerBound...middle)
            let right = try await askOnce(query, middle + 1...range.upperBound)
            guard left + right == logs else { throw .truncated(logs.count) }
            return .success(logs)
        } catch {
            guard range.count == 1, error.advice != .none else { return .failure(error) }
            do throws(LogFailure) {
                return .success(try await askReceipts(query, range.lowerBound))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Limits at which nodes and gateways were seen to cut an answer.
    private func isSuspicious(_ count: Int) -> Bool {
        [100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000].contains(count)
    }

    /// One query, together with the header of its last block: an endpoint that is behind answers an empty list.
    private func askOnce(_ query: LogQuery, _ range: ClosedRange<UInt64>) async throws(LogFailure) -> [Log] {
        let params = query.params(from: range.lowerBound, to: range.upperBound)
        let results = await snapshot.requester.perform(
            [
                RPCRequest(method: "eth_getLogs", params: params, kind: .logs),
                Probe.block(.number(range.upperBound)),
            ], each: 2)
        let (scanner, root) = try answer(results[0])
        try check(header: results[1], number: range.upperBound)
        return try Log.decode(scanner, root, query: query, from: range.lowerBound, to: range.upperBound)
    }

    /// The logs of a single block from its receipts, which no node cuts short.
    private func askReceipts(_ query: LogQuery, _ number: UInt64) async throws(LogFailure) -> [Log] {
        let params = Array("[\"\(Hex.quantity(number))\"]".utf8)
        let results = await snapshot.requester.perform(
            [
                RPCRequest(method: "eth_getBlockReceipts", params: params, kind: .receipts),
                Probe.block(.number(number)),
            ],
            each: 2)
        let (scanner, root) = try answer(results[0])
        try check(header: results[1], number: number)
        return try Log.decodeReceipts(scanner, root, query: query, number: number)
    }

    private func answer(
        _ result: Result<RPCResult, RPCError>
    ) throws(LogFailure) -> (JSONScanner, JSONScanner.Node) {
        do {
            let result = try result.get()
            return (result.scanner, result.node)
        } catch {
            throw .refused(error)
        }
    }

    private func check(header: Result<RPCResult, RPCError>, number: UInt64) throws(LogFailure) {
        let result: RPCResult
        do {
            result = try header.get()
        } catch {
            throw .refused(error)
        }
        let block: Block?
        do {
            block = try Block.decode(result, endpoint: snapshot.endpoint)
        } catch {
            throw .malformed("\(error)")
        }
        guard let block, block.number == number,
            number != snapshot.block.number || block.hash == snapshot.block.hash
        else { throw .behind(number) }
    }
}
