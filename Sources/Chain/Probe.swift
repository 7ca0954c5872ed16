import Ethereum
import JSON
import JSONRPC

/// Finds out what an endpoint can do. Nothing is taken on its word: each capability is tried.
struct Probe: Sendable {
    let client: any RPCCalling
    private(set) var batches = true
    private(set) var clientVersion = ""
    private var endpoint: String { client.name }

    init(client: any RPCCalling) {
        self.client = client
    }

    static func block(_ selector: BlockSelector) -> RPCRequest {
        let (method, reference) =
            switch selector {
            case .latest: ("eth_getBlockByNumber", "latest")
            case .safe: ("eth_getBlockByNumber", "safe")
            case .finalized: ("eth_getBlockByNumber", "finalized")
            case .number(let number): ("eth_getBlockByNumber", Hex.quantity(number))
            case .hash(let hash): ("eth_getBlockByHash", hash.hex)
            }
        let height: UInt64? = if case .number(let number) = selector { number } else { nil }
        return RPCRequest(
            method: method, params: Array("[\"\(reference)\",false]".utf8), kind: .head,
            needs: RPCNeeds(height: height))
    }

    /// The block that `selector` names now, on the chain that was asked for.
    mutating func pin(_ selector: BlockSelector, chainId: UInt64) async throws(ChainError) -> Block {
        let results = try await firstContact([
            RPCRequest(method: "eth_chainId", params: Array("[]".utf8), kind: .head),
            Self.block(selector),
            RPCRequest(method: "web3_clientVersion", params: Array("[]".utf8), kind: .head),
        ])
        let got: UInt256
        do {
            got = try results[0].get().quantity()
            if case .success(let version) = results[2] { clientVersion = try version.json().string ?? "" }
        } catch {
            throw .endpoint(error)
        }
        guard got == UInt256(chainId) else {
            throw .wrongChain(endpoint: endpoint, expected: chainId, got: got.asUInt64() ?? .max)
        }
        guard let block = try Block.decode(try success(results[1]), endpoint: endpoint) else {
            throw .noBlock(endpoint: endpoint, selector: selector)
        }
        try checkHash(of: try success(results[1]), request: Self.block(selector))
        switch selector {
        case .number(let number) where block.number != number:
            throw .malformedBlock(endpoint: endpoint, expected: "the number \(number) that was asked for")
        case .hash(let hash) where block.hash != hash:
            throw .wrongBlock(endpoint: endpoint, expected: hash, got: block.hash.hex)
        default:
            return block
        }
    }

    /// A header that does not hash to its own hash is refused, wherever its form is known here.
    private func checkHash(of answer: RPCResult, request: RPCRequest) throws(ChainError) {
        do throws(VerificationError) {
            try BlockHeader.decode(answer)?.verify()
        } catch {
            guard error.isContradiction else { return }
            throw .contradicted(
                Contradiction(
                    endpoint: answer.endpointName, error: error, request: request, response: answer.bytes))
        }
    }

    /// The first requests, as a batch; an endpoint that refuses the batch answers them one by one.
    mutating func firstContact(_ requests: [RPCRequest]) async throws(ChainError) -> [Result<RPCResult, RPCError>] {
        do throws(RPCError) {
            return try await client.batch(requests)
        } catch {
            guard Self.mayBeTheBatch(error) else { throw .endpoint(error) }
            batches = false
            let results = await Requester(client: client, batches: false, concurrency: 1).perform(requests, each: 1)
            // What fails in both forms is not the batch's fault: say what was wrong the first time.
            guard results.contains(where: { if case .success = $0 { true } else { false } }) else {
                throw .endpoint(error)
            }
            return results
        }
    }

    /// Whether single requests may pass where the batch failed. Who is not there, or lets nobody in, is asked once.
    private static func mayBeTheBatch(_ error: RPCError) -> Bool {
        switch error {
        case .node(_, _, let error):
            switch error.kind {
            case .auth, .quotaExhausted, .rateLimited: false
            default: true
            }
        case .http(_, let status, _): [400, 405, 413, 415, 422, 500, 501].contains(status)
        case .malformed, .tooLarge, .notRecorded: true
        default: false
        }
    }

    private func success(_ result: Result<RPCResult, RPCError>) throws(ChainError) -> RPCResult {
        do {
            return try result.get()
        } catch {
            throw .endpoint(error)
        }
    }

    /// Tries each capability at the pinned block.
    func capabilities(
        at block: Block, chainId: UInt64, multicall: Address?
    ) async throws(ChainError) -> Capabilities {
        let pin = Parameters.pin(block, byHash: true)
        let height = Parameters.pin(block, byHash: false)
        let empty = CallGroup(
            target: ReaderProgram.address, selector: Selector(signature: "probe()"), arguments: [], returnLength: 32)
        let reader = ReaderProgram.input(for: empty, 0..<0)
        func call(_ code: String, _ data: [UInt8], gas: Int?, pin: String) -> RPCRequest {
            RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    ReaderProgram.address, data, gas: gas, pin: pin,
                    overrides: Parameters.code(ReaderProgram.address, code)),
                kind: .call)
        }
        var requests = [
            // A call to an address without code: any answer shows that the block is accepted by its hash.
            RPCRequest(
                method: "eth_call", params: Parameters.call(.zero, [], gas: nil, pin: pin), kind: .call)
        ]
        for pin in [pin, height] {
            for gas in [BulkReadPlan.Limits().callGas, nil] {
                requests.append(call(ReaderProgram.probeCode, [], gas: gas, pin: pin))
                requests.append(call(ReaderProgram.code, reader, gas: gas, pin: pin))
            }
        }
        let results = await Requester(client: client, batches: batches).perform(requests, each: 9)
        func bytes(_ index: Int) -> [UInt8]? {
            guard case .success(let result) = results[index] else { return nil }
            do {
                return try result.hexData()
            } catch {
                return nil
            }
        }
        // It understands a block's hash and does not have the one that it named itself: its heads are not to be
        // believed.
        if case .failure(let error) = results[0], error.failure == .blockUnavailable {
            throw .wrongBlock(endpoint: endpoint, expected: block.hash, got: "none of that hash")
        }
        // An endpoint that fails every probe is not one without capabilities: it does not answer.
        if results.allSatisfy({ if case .failure = $0 { true } else { false } }) { _ = try success(results[0]) }
        var found = Capabilities(
            batches: batches, pinsByHash: bytes(0) != nil, overridesState: false, callGas: nil, multicall: nil,
            evmNumberIsHeight: true, client: clientVersion, notices: [])
        let first = found.pinsByHash ? 1 : 5
        for (offset, gas) in [BulkReadPlan.Limits().callGas, nil].enumerated() {
            let answer = UInt256(bigEndian: bytes(first + 2 * offset) ?? [])
            guard bytes(first + 2 * offset)?.count == 32, answer == 42,
                let program = bytes(first + 2 * offset + 1),
                let frame = ReaderProgram.frame(program, asked: 0, returnLength: 32),
                frame.timestamp == block.timestamp
            else { continue }
            found.overridesState = true
            found.callGas = gas
            found.evmNumberIsHeight = frame.number == block.number
            break
        }
        if !found.pinsByHash {
            found.notices.append(
                "\(endpoint) does not take blocks by hash (EIP-1898): reads name the height, and its hash is confirmed after each"
            )
        }
        if let multicall { try await probe(multicall, at: block, chainId: chainId, &found) }
        return found
    }

    /// Decides whether the multicall contract of the network file may be used.
    ///
    /// The key of the published contract's deployer is compromised, so at the published address only the published
    /// code is
    /// trusted, except on the chain ids of development nodes. Elsewhere the contract has to do what it should.
    private func probe(
        _ address: Address, at block: Block, chainId: UInt64, _ found: inout Capabilities
    ) async throws(ChainError) {
        let pin = Parameters.pin(block, byHash: found.pinsByHash)
        // getCurrentBlockTimestamp(), asked through the contract itself.
        let timestamp = Call(target: address, data: [0x0f, 0x28, 0xc9, 0x7d])
        let results = await Requester(client: client, batches: batches).perform(
            [
                RPCRequest(method: "eth_getCode", params: Array("[\"\(address.hex)\",\(pin)]".utf8), kind: .call),
                RPCRequest(
                    method: "eth_call",
                    params: Parameters.call(
                        address, Multicall.input([timestamp, Call(target: .zero, data: [])]), gas: found.callGas,
                        pin: pin),
                    kind: .call),
            ], each: 2)
        let code: [UInt8]
        let answer: [UInt8]
        do {
            code = try results[0].get().hexData()
            guard !code.isEmpty else {
                found.notices.append("the network file's multicall3 \(address) has no code; reads go without it")
                return
            }
            answer = try results[1].get().hexData()
        } catch {
            found.notices.append("the network file's multicall3 \(address) does not answer aggregate3: \(error)")
            return
        }
        let isPublished = Keccak256.hash(code) == Multicall.publishedCodeHash
        let isDevelopment = chainId == 31337 || chainId == 1337
        guard isPublished || isDevelopment || address != Multicall.publishedAddress else {
            found.notices.append("the code at \(address) is not the published Multicall3; it is not used")
            return
        }
        guard let ranges = Multicall.output(answer, count: 2), let first = ranges[0], let second = ranges[1],
            first.count == 32, second.isEmpty,
            UInt256(bigEndian: answer[first]) == UInt256(block.timestamp)
        else {
            found.notices.append("the contract at \(address) does not do what Multicall3 does; it is not used")
            return
        }
        found.multicall = address
    }
}
