public import Ethereum
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

    /// One range that was read and checked.
    public struct Page: Sendable {
        /// The blocks, both ends included.
        public let range: ClosedRange<UInt64>
        /// The last block, as the endpoint that answered the logs knew it in the same exchange.
        public let end: Block
        /// The logs, in the order of the chain.
        public let logs: [Log]
        /// Who answered.
        let source: Source
        /// The hash of the block before the first, where the page is proven.
        var parent: Hash32?
    }

    /// What a scan found.
    public struct Outcome: Sendable {
        /// Logs handed to the caller.
        public var logs = 0
        /// Most logs that one page held.
        public var largestPage = 0
        /// Ranges that could not be read.
        public var gaps: [LogGap] = []
        /// What an endpoint said that is proven to be wrong; the scan ended there.
        public var contradiction: Contradiction?
    }

    let snapshot: Snapshot
    /// Ranges asked at once. All answers of a round are taken before the next is planned, so that what is asked depends
    /// on answers alone and a recording can be replayed.
    private let inFlight: Int
    private let firstWidth: LogWidth
    private let proves: Bool
    /// Proven pages are narrow: every header of theirs is read.
    private static let widestProven: UInt64 = 1_000

    /// Scans logs at `snapshot`'s endpoint.
    ///
    /// - Parameters:
    ///   - mostLogs: the most that the endpoint is expected to answer at once; pages are made to hold fewer.
    ///   - firstWidth: blocks of the first page.
    ///   - proves: whether every page is proven against the headers and receipts of its blocks.
    public init(
        _ snapshot: Snapshot, inFlight: Int = 4, mostLogs: UInt64 = 10_000, firstWidth: UInt64 = 2_000,
        proves: Bool = false
    ) {
        self.snapshot = snapshot
        self.inFlight = inFlight
        self.proves = proves
        var width = LogWidth(blocks: firstWidth, resultCap: mostLogs)
        if proves { width.tooWide(width: Self.widestProven + 1, limit: Self.widestProven) }
        self.firstWidth = width
    }

    /// Calls `take` with each range that was read, in the order of the chain; what was not read is a gap of the outcome.
    ///
    /// - Parameter parent: the hash of the block before `from`, where it is known: proven pages have to follow it.
    public func scan<Failure: Error>(
        _ query: LogQuery, from: UInt64, after parent: Hash32? = nil,
        progress: @Sendable (Progress) -> Void = { _ in },
        take: (Page) throws(Failure) -> Void
    ) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        var width = firstWidth
        let end = snapshot.block.number
        guard from <= end else { return outcome }
        let total = end - from + 1
        var next = from
        var last = parent
        while next <= end, outcome.contradiction == nil {
            guard !Task.isCancelled else {
                outcome.gaps.append(LogGap(from: next, to: end, why: "cancelled"))
                break
            }
            var ranges: [ClosedRange<UInt64>] = []
            while ranges.count < inFlight, next <= end {
                let upper = min(end, next + min(width.blocks - 1, end - next))
                ranges.append(next...upper)
                next = upper + 1
            }
            let largest = outcome.largestPage
            let answers = await mapConcurrently(ranges, limit: inFlight) { await ask(query, $0, largest: largest) }
            var retreat = false
            for (range, answer) in zip(ranges, answers) where !retreat {
                switch answer {
                case .success(let page):
                    if let parent = page.parent, let last, parent != last {
                        outcome.gaps.append(
                            LogGap(
                                from: range.lowerBound, to: range.upperBound,
                                why: "its first block does not follow the block before it: the chain changed"))
                    }
                    last = page.end.hash
                    width.passed(width: UInt64(range.count), logs: page.logs.count)
                    outcome.logs += page.logs.count
                    outcome.largestPage = max(outcome.largestPage, page.logs.count)
                    try take(page)
                    progress(
                        Progress(done: range.upperBound - from + 1, total: total, logs: outcome.logs))
                case .failure(.contradicted(let contradiction)):
                    outcome.contradiction = contradiction
                    outcome.gaps.append(
                        LogGap(from: range.lowerBound, to: end, why: "\(contradiction.error)"))
                    retreat = true
                case .failure(let failure):
                    last = nil
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
    private func ask(
        _ query: LogQuery, _ range: ClosedRange<UInt64>, largest: Int
    ) async -> Result<Page, LogFailure> {
        do throws(LogFailure) {
            var page = try await askOnce(query, range)
            if proves {
                page.parent = try await prove(page, query)
                return .success(page)
            }
            guard isSuspicious(page.logs.count, largest: largest), range.count > 1 else { return .success(page) }
            // A round number may be a limit at which the endpoint cuts without a word: two halves have to agree.
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            let left = try await askOnce(query, range.lowerBound...middle)
            let right = try await askOnce(query, middle + 1...range.upperBound)
            guard left.logs + right.logs == page.logs else { throw .truncated(page.logs.count) }
            return .success(page)
        } catch {
            guard range.count == 1, error.advice != .none else { return .failure(error) }
            do throws(LogFailure) {
                var page = try await askReceipts(query, range.lowerBound)
                if proves { page.parent = try await prove(page, query) }
                return .success(page)
            } catch {
                return .failure(error)
            }
        }
    }

    /// Limits at which nodes and gateways were seen to cut an answer, and a length that comes twice and is never passed.
    private func isSuspicious(_ count: Int, largest: Int) -> Bool {
        count >= 32 && count == largest
            || [100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000].contains(count)
    }

    /// One query, together with the header of its last block: an endpoint that is behind answers an empty list.
    private func askOnce(_ query: LogQuery, _ range: ClosedRange<UInt64>) async throws(LogFailure) -> Page {
        let params = query.params(from: range.lowerBound, to: range.upperBound)
        let request = RPCRequest(
            method: "eth_getLogs", params: params, kind: .logs,
            needs: RPCNeeds(blocks: UInt64(range.count), height: range.upperBound))
        let results = await snapshot.requester.perform(
            [
                // Evidence is the answer as it came; without a proof none is kept.
                proves ? request : request.read(as: LogPage.self),
                Probe.block(.number(range.upperBound)),
            ], each: 2)
        let result = try answer(results[0])
        let end = try check(header: results[1], number: range.upperBound)
        let logs = try Log.decode(
            result.scanner, result.node, query: query, from: range.lowerBound, to: range.upperBound)
        if let last = logs.last, last.blockNumber == end.number, last.blockHash != end.hash {
            throw .behind(end.number)
        }
        return Page(range: range, end: end, logs: logs, source: Source(result, request))
    }

    /// The logs of a single block from its receipts, which no node cuts short.
    private func askReceipts(_ query: LogQuery, _ number: UInt64) async throws(LogFailure) -> Page {
        let params = Array("[\"\(Hex.quantity(number))\"]".utf8)
        let request = RPCRequest(method: "eth_getBlockReceipts", params: params, kind: .receipts)
        let results = await snapshot.requester.perform(
            [
                request,
                Probe.block(.number(number)),
            ],
            each: 2)
        let result = try answer(results[0])
        let end = try check(header: results[1], number: number)
        let logs = try Log.decodeReceipts(result.scanner, result.node, query: query, number: number)
        guard logs.allSatisfy({ $0.blockHash == end.hash }) else { throw .behind(number) }
        return Page(range: number...number, end: end, logs: logs, source: Source(result, request))
    }

    private func answer(_ result: Result<RPCResult, RPCError>) throws(LogFailure) -> RPCResult {
        do {
            return try result.get()
        } catch {
            throw .refused(error)
        }
    }

    private func check(header: Result<RPCResult, RPCError>, number: UInt64) throws(LogFailure) -> Block {
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
        return block
    }
}
