import ABI
import Ethereum
import JSON
import JSONRPC

/// Reads groups of calls at one pinned block by one path.
struct BulkRead: Sendable {
    let requester: Requester
    let block: Block
    let capabilities: Capabilities
    let path: ReadPath

    var pin: String { Parameters.pin(block, byHash: capabilities.pinsByHash) }

    func read(_ groups: [CallGroup]) async -> [GroupAnswers] {
        await read(groups, and: []).groups
    }

    /// The answers to groups, and to calls of any shape that travel in the same exchanges.
    func read(
        _ groups: [CallGroup], and calls: [Call]
    ) async -> (groups: [GroupAnswers], calls: [Reading<[UInt8]>]) {
        var answers = groups.map { GroupAnswers(count: $0.arguments.count, returnLength: $0.returnLength) }
        var readings: [Reading<[UInt8]>] = []
        if path == .stateOverride || path == .multicall3 {
            readings = await readTogether(groups, and: calls, into: &answers)
            await readAlone(groups, into: &answers)
        } else {
            await readAlone(groups, into: &answers)
            readings = await read(calls)
        }
        return (answers, readings)
    }

    // MARK: Many calls in one eth_call

    private func readTogether(
        _ groups: [CallGroup], and calls: [Call], into answers: inout [GroupAnswers]
    ) async -> [Reading<[UInt8]>] {
        var plan = BulkReadPlan(
            groups: groups, limits: BulkReadPlan.Limits(),
            overhead: path == .stateOverride ? (each: 1, whole: 64) : (each: 128, whole: 64),
            padsAnswers: path == .multicall3)
        guard !plan.pending.isEmpty else { return await read(calls) }
        var readings: [Reading<[UInt8]>] = []
        var isFirst = true
        while !plan.pending.isEmpty, !Task.isCancelled {
            var (parts, sizes, weights) = plan.round()
            var requests = parts.map { request(groups[$0.group], $0.range) }
            if isFirst, !calls.isEmpty {
                requests += calls.map(request)
                // They are small: they ride with the last part.
                if sizes[sizes.count - 1] + calls.count <= Self.mostCalls {
                    sizes[sizes.count - 1] += calls.count
                    weights[weights.count - 1] += Self.weight(calls.count)
                } else {
                    sizes += Self.sizes(calls.count)
                    weights += Self.sizes(calls.count).map(Self.weight)
                }
            }
            let results = await requester.perform(requests, sizes: sizes, weights: weights)
            for (part, result) in zip(parts, results) { take(result, for: part, groups, &plan, &answers) }
            if isFirst { readings = results.dropFirst(parts.count).map(reading) }
            isFirst = false
        }
        // Only a cancelled task leaves them unasked.
        return isFirst ? await read(calls) : readings
    }

    /// Calls that share one exchange.
    static let mostCalls = 100

    private static func weight(_ count: Int) -> Int { (1_000 * count + mostCalls - 1) / mostCalls }

    private static func sizes(_ count: Int) -> [Int] {
        stride(from: 0, to: count, by: mostCalls).map { min(mostCalls, count - $0) }
    }

    func request(_ call: Call) -> RPCRequest {
        RPCRequest(
            method: "eth_call", params: Parameters.call(call.target, call.data, gas: nil, pin: pin), kind: .call,
            needs: needs)
    }

    /// What an endpoint needs for a call at the pinned block.
    var needs: RPCNeeds {
        RPCNeeds(
            features: capabilities.pinsByHash ? [.blockByHash] : [], height: block.number, state: block.number)
    }

    private func request(_ group: CallGroup, _ range: Range<Int>) -> RPCRequest {
        let gas = capabilities.callGas
        var needs = needs
        if path == .stateOverride {
            needs.features.insert(.stateOverride)
            return RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    ReaderProgram.address, ReaderProgram.input(for: group, range), gas: gas, pin: pin,
                    overrides: Parameters.code(ReaderProgram.address, ReaderProgram.code(for: group))),
                kind: .call, needs: needs)
        }
        let calls = (group.preludeCall.map { [$0] } ?? []) + range.map { group.call($0) }
        return RPCRequest(
            method: "eth_call",
            params: Parameters.call(capabilities.multicall ?? .zero, Multicall.input(calls), gas: gas, pin: pin),
            kind: .call, needs: needs)
    }

    /// Puts what one `eth_call` answered in its place, or asks the plan for another way. What stays without an answer
    /// is
    /// asked alone afterwards, which tells a revert from a starved call.
    private func take(
        _ result: Result<RPCResult, RPCError>, for part: BulkReadPlan.Part, _ groups: [CallGroup],
        _ plan: inout BulkReadPlan, _ answers: inout [GroupAnswers]
    ) {
        switch result {
        case .failure(let error):
            if error.asksForLessWork, plan.halve(part) { return }
            fail(part, .failed("\(error)"), &answers)
        case .success(let result):
            do throws(RPCError) {
                let bytes = try result.hexData()
                switch path {
                case .stateOverride: takeReader(bytes, part, groups, &plan, &answers)
                default: takeMulticall(bytes, part, groups, &answers)
                }
            } catch {
                fail(part, .malformed("\(error)"), &answers)
            }
        }
    }

    private func takeReader(
        _ bytes: [UInt8], _ part: BulkReadPlan.Part, _ groups: [CallGroup],
        _ plan: inout BulkReadPlan, _ answers: inout [GroupAnswers]
    ) {
        let length = groups[part.group].returnLength
        guard let frame = ReaderProgram.frame(bytes, asked: part.range.count, returnLength: length) else {
            return fail(part, .malformed("\(bytes.count) bytes are not the reader's"), &answers)
        }
        guard frame.timestamp == block.timestamp,
            !capabilities.evmNumberIsHeight || frame.number == block.number
        else {
            return fail(part, .failed("answered for block \(frame.number) at time \(frame.timestamp)"), &answers)
        }
        for offset in 0..<frame.done {
            let start = 64 + offset * (length + 1)
            if bytes[start] == 1 {
                answers[part.group].fill(part.range.lowerBound + offset, with: bytes[start + 1..<start + 1 + length])
            }
        }
        // Where not even one call fits the gas that the node grants, the calls are asked alone.
        _ = plan.stopped(part, after: frame.done)
    }

    private func takeMulticall(
        _ bytes: [UInt8], _ part: BulkReadPlan.Part, _ groups: [CallGroup], _ answers: inout [GroupAnswers]
    ) {
        let length = groups[part.group].returnLength
        let first = groups[part.group].prelude == nil ? 0 : 1
        guard let ranges = Multicall.output(bytes, count: first + part.range.count) else {
            return fail(part, .malformed("\(bytes.count) bytes are not an aggregate3 answer"), &answers)
        }
        if first == 1, ranges[0] == nil { return fail(part, .reverted("what runs before the calls"), &answers) }
        for (index, range) in zip(part.range, ranges.dropFirst(first)) {
            if let range, range.count >= length { answers[part.group].fill(index, with: bytes[range]) }
        }
    }

    private func fail(_ part: BulkReadPlan.Part, _ reason: Reason, _ answers: inout [GroupAnswers]) {
        for index in part.range { answers[part.group].fail(index, because: reason) }
    }

    // MARK: One eth_call for one call

    private func readAlone(_ groups: [CallGroup], into answers: inout [GroupAnswers]) async {
        var missing: [(group: Int, index: Int)] = []
        for group in groups.indices {
            let alone = groups[group].prelude == nil
            for index in answers[group].failures {
                guard alone else {
                    // Asked alone it would answer another question.
                    answers[group].fail(index, because: .failed("no call was answered after the one before it"))
                    continue
                }
                missing.append((group, index))
            }
        }
        guard !missing.isEmpty, !Task.isCancelled else { return }
        let readings = await read(missing.map { groups[$0.group].call($0.index) })
        for (place, reading) in zip(missing, readings) {
            let length = answers[place.group].returnLength
            switch reading {
            case .known(let bytes) where bytes.count >= length:
                answers[place.group].fill(place.index, with: bytes[...])
            case .known(let bytes):
                answers[place.group].fail(
                    place.index,
                    because: bytes.isEmpty ? .noCode : .malformed("\(bytes.count) bytes where \(length) are expected"))
            case .unknown(let reason):
                answers[place.group].fail(place.index, because: reason)
            }
        }
    }

    /// The return data of each call, one `eth_call` each.
    func read(_ calls: [Call]) async -> [Reading<[UInt8]>] {
        await requester.perform(calls.map(request), each: path == .single ? 1 : Self.mostCalls).map(reading)
    }

    func reading(_ result: Result<RPCResult, RPCError>) -> Reading<[UInt8]> {
        do throws(RPCError) {
            return .known(try result.get().hexData())
        } catch {
            if let data = error.revertData {
                return .unknown(.reverted("\(RevertReason(data))"))
            }
            return .unknown(.failed("\(error)"))
        }
    }
}
