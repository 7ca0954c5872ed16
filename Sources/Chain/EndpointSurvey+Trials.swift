import Ethereum
import JSON
import JSONRPC

extension EndpointSurvey {
    /// The single trials at one head.
    struct Trials: Sendable {
        let client: any RPCCalling
        let batches: Bool
        let head: Block
        let capabilities: Capabilities
    }
}

extension EndpointSurvey.Trials {
    private typealias Check = @Sendable (RPCResult) throws(RPCError) -> String?

    /// Tries the methods that a verified scan uses.
    func features(_ archiveBlock: UInt64?, into report: inout EndpointReport) async {
        let pin = Parameters.pin(head, byHash: capabilities.pinsByHash)
        let height = "\"\(Hex.quantity(head.number))\""
        let nobody = "\"\(ReaderProgram.address.hex)\""
        let isObject: Check = { result throws(RPCError) in
            try result.json()["accountProof"]?.array == nil ? "an answer without accountProof" : nil
        }
        let isList: Check = { result throws(RPCError) in try result.json().array == nil ? "no list" : nil }
        var trials: [(EndpointCapability, RPCRequest, Check)] = [
            (
                .simulate,
                request(
                    "eth_simulateV1",
                    #"[{"blockStateCalls":[{"calls":[{"to":\#(nobody),"data":"0x"}]}]},\#(pin)]"#, .call), isList
            ),
            (.proof, request("eth_getProof", "[\(nobody),[],\(height)]", .proof), isObject),
            (.blockReceipts, request("eth_getBlockReceipts", "[\"\(head.hash.hex)\"]", .receipts), isList),
            (
                .logsByBlockHash,
                request(
                    "eth_getLogs", #"[{"blockHash":"\#(head.hash.hex)","address":[\#(nobody)]}]"#, .logs), isList
            ),
        ]
        if head.number >= 64 {
            let earlier = "\"\(Hex.quantity(head.number - 64))\""
            trials.append((.recentProof, request("eth_getProof", "[\(nobody),[],\(earlier)]", .proof), isObject))
        } else {
            report.trials[.recentProof] = .untried("the chain has only \(head.number) blocks")
        }
        if let archiveBlock, archiveBlock <= head.number {
            let params = "[\(nobody),\"\(Hex.quantity(archiveBlock))\"]"
            trials.append(
                (
                    .archive, request("eth_getBalance", params, .call),
                    { result throws(RPCError) in
                        _ = try result.quantity()
                        return nil
                    }
                ))
        } else {
            report.trials[.archive] = .untried(
                archiveBlock == nil ? "no market needs history" : "the first block of the markets is above its head")
        }
        let results = await Requester(client: client, batches: batches).perform(trials.map(\.1), each: 8)
        for (trial, result) in zip(trials, results) { report.trials[trial.0] = outcome(result, trial.2) }
    }

    private func request(_ method: String, _ params: String, _ kind: RPCKind) -> RPCRequest {
        RPCRequest(method: method, params: Array(params.utf8), kind: kind)
    }

    private func outcome(_ result: Result<RPCResult, RPCError>, _ check: Check) -> Trial {
        do throws(RPCError) {
            return try check(result.get()).map { .fails("answered \($0)") } ?? .works
        } catch {
            return .fails(Self.words(error))
        }
    }

    /// What went wrong, without who said it: the report names that.
    static func words(_ error: RPCError) -> String {
        guard case .node(_, _, let error) = error else { return "\(error)" }
        return error.message.isEmpty ? "error \(error.code)" : "\(error.message) (code \(error.code))"
    }

    /// Doubles a batch of small requests until one is refused.
    func batches(upTo most: Int, into report: inout EndpointReport) async {
        var size = 50
        while size <= most {
            if let why = await refusal(ofBatch: size) {
                report.batchSize.refused = UInt64(size)
                report.batchSize.why = why
                break
            }
            report.batchSize.passed = UInt64(size)
            if size == most { return }
            size = min(size * 2, most)
        }
        // Even the smallest was refused: the largest that passes is between one and it.
        while report.batchSize.passed == nil, size > 1 {
            size /= 2
            if await refusal(ofBatch: size) == nil { report.batchSize.passed = UInt64(size) }
        }
    }

    private func refusal(ofBatch size: Int) async -> String? {
        let requests = (0..<size).map { _ in request("eth_chainId", "[]", .head) }
        do throws(RPCError) {
            for outcome in try await client.batch(requests) { _ = try outcome.get() }
            return nil
        } catch {
            return Self.words(error)
        }
    }

    /// Narrows a log query, of an address that emits nothing, until one passes.
    func logRanges(into report: inout EndpointReport) async {
        let all = head.number + 1
        var widths: [UInt64] = [100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1]
        widths = (all < 100_000 ? [all] : []) + widths.filter { $0 <= all && ($0 < all || all >= 100_000) }
        while let width = widths.first {
            widths.removeFirst()
            let query = LogQuery(addresses: [ReaderProgram.address], topics: [])
            let asked = RPCRequest(
                method: "eth_getLogs", params: query.params(from: all - width, to: head.number), kind: .logs,
                needs: RPCNeeds(blocks: width, height: head.number))
            do throws(RPCError) {
                _ = try await client.call(asked)
                report.logRange.passed = width
                return
            } catch {
                report.logRange.refused = width
                report.logRange.why = Self.words(error)
                // Who fails for another reason is not asked ten times more.
                guard error.asksForLessWork else { return }
                if let limit = error.blockRangeLimit, limit < width {
                    widths = [limit] + widths.filter { $0 < limit }
                }
            }
        }
    }

    /// Asks a program for so many zeros that some endpoints refuse.
    func returnSizes(into report: inout EndpointReport) async {
        guard capabilities.overridesState else { return }
        let pin = Parameters.pin(head, byHash: capabilities.pinsByHash)
        for size in [1_000_000, 100_001, 100_000, 50_000, 24_576] {
            // PUSH3 size PUSH0 RETURN
            let digits = String(size, radix: 16)
            let code = "0x62" + String(repeating: "0", count: 6 - digits.utf8.count) + digits + "5ff3"
            let asked = RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    ReaderProgram.address, [], gas: capabilities.callGas, pin: pin,
                    overrides: Parameters.code(ReaderProgram.address, code)),
                kind: .call)
            do throws(RPCError) {
                let count = try await client.call(asked).hexData().count
                guard count == size else {
                    report.returnBytes.refused = UInt64(size)
                    report.returnBytes.why = "\(count) bytes came back"
                    continue
                }
                report.returnBytes.passed = UInt64(size)
                return
            } catch {
                report.returnBytes.refused = UInt64(size)
                report.returnBytes.why = Self.words(error)
            }
        }
    }
}
