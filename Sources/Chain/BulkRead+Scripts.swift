import ABI
import Ethereum
import JSON
import JSONRPC

/// What became of one call of a script.
enum ScriptAnswer: Sendable {
    /// It returned this.
    case returned([UInt8])
    /// It reverted with this; without any data it may also have run out of gas.
    case reverted([UInt8])
    /// It was not made, or nothing is known of it, and why.
    case missing(Reason)

    /// The same as a reading.
    var reading: Reading<[UInt8]> {
        switch self {
        case .returned(let bytes): .known(bytes)
        case .reverted(let data): .unknown(.reverted("\(RevertReason(data))"))
        case .missing(let reason): .unknown(reason)
        }
    }
}

extension BulkRead {
    /// Whether several calls can be made in one `eth_call`.
    var runsScripts: Bool { path == .stateOverride || path == .multicall3 }

    /// Scripts that share one exchange.
    private static let scriptsInOne = 10

    /// Each script in an `eth_call` of its own.
    func run(_ scripts: [(calls: ArraySlice<Call>, gasPerCall: Int)]) async -> [[ScriptAnswer]] {
        guard runsScripts else {
            let reason = Reason.failed("this endpoint makes one call at a time")
            return scripts.map { script in script.calls.map { _ in .missing(reason) } }
        }
        let requests = scripts.map { request($0.calls, gasPerCall: $0.gasPerCall) }
        let results = await requester.perform(requests, each: Self.scriptsInOne)
        return zip(scripts, results).map { scriptAnswers($0.calls, $1) }
    }

    private func request(_ calls: ArraySlice<Call>, gasPerCall: Int) -> RPCRequest {
        var needs = needs
        let params: [UInt8]
        if path == .stateOverride {
            needs.features.insert(.stateOverride)
            params = Parameters.call(
                ReaderProgram.address, ScriptProgram.input(calls, gasPerCall: gasPerCall), gas: capabilities.callGas,
                pin: pin, overrides: Parameters.code(ReaderProgram.address, ScriptProgram.code))
        } else {
            params = Parameters.call(
                capabilities.multicall ?? .zero, Multicall.input(Array(calls)), gas: capabilities.callGas, pin: pin)
        }
        return RPCRequest(method: "eth_call", params: params, kind: .call, needs: needs)
    }

    /// What a script's `eth_call` says of each of its calls.
    func scriptAnswers(_ calls: ArraySlice<Call>, _ result: Result<RPCResult, RPCError>) -> [ScriptAnswer] {
        func all(_ reason: Reason) -> [ScriptAnswer] { calls.map { _ in .missing(reason) } }
        let bytes: [UInt8]
        do throws(RPCError) {
            bytes = try result.get().hexData()
        } catch {
            return all(.failed("\(error)"))
        }
        let entries: [(ok: Bool, range: Range<Int>)]
        if path == .stateOverride {
            guard let output = ScriptProgram.output(bytes, asked: calls.count) else {
                return all(.malformed("\(bytes.count) bytes are not the script's"))
            }
            guard output.timestamp == block.timestamp,
                !capabilities.evmNumberIsHeight || output.number == block.number
            else { return all(.failed("answered for block \(output.number) at time \(output.timestamp)")) }
            entries = output.entries
        } else {
            guard let found = Multicall.entries(bytes, count: calls.count) else {
                return all(.malformed("\(bytes.count) bytes are not an aggregate3 answer"))
            }
            entries = found
        }
        return calls.indices.map { index in
            let place = index - calls.startIndex
            guard place < entries.count else { return .missing(.failed("the gas of the call ran short before it")) }
            let (ok, range) = entries[place]
            guard range.count < CallScript.mostBytes else { return .missing(.malformed("more than 60,000 bytes")) }
            return ok ? .returned(Array(bytes[range])) : .reverted(Array(bytes[range]))
        }
    }

    /// Calls that do not depend on each other, many of them in one `eth_call`.
    ///
    /// What stays without an answer is asked for in smaller scripts, and then alone, which tells a revert from a
    /// starved
    /// call; unless `believesBareReverts`, a revert without data is asked again too.
    func readPacked(_ calls: [Call], gasPerCall: Int, believesBareReverts: Bool) async -> [Reading<[UInt8]>] {
        guard runsScripts else { return await read(calls) }
        var readings = [Reading<[UInt8]>?](repeating: nil, count: calls.count)
        var open = Array(calls.indices)
        for most in [max(1, min(400, 360_000_000 / max(1, gasPerCall))), 24] where !open.isEmpty {
            var places: [ArraySlice<Int>] = []
            var start = 0
            while start < open.count {
                var end = start
                var size = 0
                while end < open.count, end - start < most, size < 90_000 {
                    size += 24 + calls[open[end]].data.count
                    end += 1
                }
                places.append(open[start..<end])
                start = end
            }
            let answers = await run(places.map { place in (place.map { calls[$0] }[...], gasPerCall) })
            open = []
            for (index, answer) in zip(places.joined(), answers.joined()) {
                switch answer {
                case .returned: readings[index] = answer.reading
                case .reverted(let data) where !data.isEmpty || believesBareReverts: readings[index] = answer.reading
                default: open.append(index)
                }
            }
            if Task.isCancelled { break }
        }
        let alone = open.isEmpty ? [] : await read(open.map { calls[$0] })
        for (index, reading) in zip(open, alone) { readings[index] = reading }
        return readings.map { $0 ?? .unknown(.failed("it was never answered")) }
    }
}

extension Snapshot {
    /// What every call of every script answers, in order. A script is never split: where the endpoint makes one call
    /// at a
    /// time, or a script was too much for it, nothing is known of the calls that were not made.
    public func run(_ scripts: [CallScript]) async throws(ChainError) -> [[Reading<[UInt8]>]] {
        let answers = await bulk.run(scripts.map { ($0.calls[...], $0.gasPerCall) })
        try await confirm()
        return answers.map { $0.map(\.reading) }
    }

    /// The return data of calls of any shape that do not depend on each other, in as few `eth_call`s as the endpoint
    /// allows.
    ///
    /// - Parameter believesBareReverts: whether a revert without data is taken for one, although it may be a call
    /// that ran
    ///   out of gas.
    public func readPacked(
        _ calls: [Call], gasPerCall: Int = 1_000_000, believesBareReverts: Bool = false
    ) async throws(ChainError) -> [Reading<[UInt8]>] {
        guard !calls.isEmpty else { return [] }
        let answers = await bulk.readPacked(calls, gasPerCall: gasPerCall, believesBareReverts: believesBareReverts)
        try await confirm()
        return answers
    }
}
