import Ethereum
import JSONRPC

extension BulkRead {
    /// The answers to calls of any shape, each group of them in one `eth_call` where a multicall can be used, and to
    /// calls that are asked alone, all in as few exchanges as go.
    ///
    /// Inside a group nothing tells a revert from a call that another left without gas: who needs the reason asks the
    /// call alone.
    func read(
        together groups: [[Call]], and alone: [Call]
    ) async -> (groups: [[Reading<[UInt8]>]], calls: [Reading<[UInt8]>]) {
        guard let multicall = capabilities.multicall, path != .single, path != .batch else {
            let readings = await read(groups.flatMap(\.self) + alone)
            var start = 0
            let parts = groups.map { group in
                defer { start += group.count }
                return Array(readings[start..<start + group.count])
            }
            return (parts, Array(readings[start...]))
        }
        let requests = groups.map { group in
            RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    multicall, Multicall.input(group), gas: capabilities.callGas,
                    pin: Parameters.pin(block, byHash: capabilities.pinsByHash)),
                kind: .call, needs: needs)
        }
        let results = await requester.perform(requests + alone.map(request), each: Self.mostCalls)
        let parts = zip(groups, results).map { group, result in Self.readings(of: group, in: result) }
        return (parts, results.dropFirst(groups.count).map(reading))
    }

    private static func readings(
        of group: [Call], in result: Result<RPCResult, RPCError>
    ) -> [Reading<[UInt8]>] {
        do throws(RPCError) {
            let bytes = try result.get().hexData()
            guard let ranges = Multicall.output(bytes, count: group.count) else {
                let reason = Reason.malformed("\(bytes.count) bytes are not an aggregate3 answer")
                return group.map { _ in .unknown(reason) }
            }
            return ranges.map { range in
                range.map { .known(Array(bytes[$0])) } ?? .unknown(.reverted(""))
            }
        } catch {
            let reason = Reason.failed("\(error)")
            return group.map { _ in .unknown(reason) }
        }
    }
}

extension Snapshot {
    /// The answers to groups of calls of any shape, each group in one `eth_call` where the chain has a multicall, and to
    /// calls that are asked alone.
    ///
    /// A call that fails inside a group is `.reverted` without a reason: it may only have lacked gas.
    public func read(
        together groups: [[Call]], and alone: [Call] = []
    ) async throws(ChainError) -> (groups: [[Reading<[UInt8]>]], calls: [Reading<[UInt8]>]) {
        guard !groups.isEmpty || !alone.isEmpty else { return ([], []) }
        let answers = await bulk.read(together: groups, and: alone)
        try await confirm()
        return answers
    }
}
