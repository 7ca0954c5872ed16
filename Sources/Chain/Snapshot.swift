public import ABI
public import Ethereum
public import JSONRPC

/// One chain at one block hash: every read of a scan goes through it.
public struct Snapshot: Sendable {
    /// The block that every read is pinned to.
    public let block: Block
    /// What the endpoint can do.
    public let capabilities: Capabilities
    /// How bulk reads are made.
    public let path: ReadPath
    /// The chain's id, as the endpoint and the network file agree.
    public let chainId: UInt64
    var requester: Requester
    let endpoint: String

    /// Pins `selector` on the chain that `client` serves and finds out how it can be read.
    ///
    /// - Parameters:
    ///   - multicall: the Multicall3 of the network file, nil where there is none.
    ///   - path: a read path to use instead of the best one; the probe still has to pass.
    /// - Throws: ``ChainError`` where the chain is another one, the block is not there or the endpoint does not answer.
    public init(
        of client: any RPCCalling, chainId: UInt64, at selector: BlockSelector, multicall: Address?,
        path wanted: ReadPath? = nil
    ) async throws(ChainError) {
        var probe = Probe(client: client)
        let block = try await probe.pin(selector, chainId: chainId)
        let capabilities = try await probe.capabilities(at: block, chainId: chainId, multicall: multicall)
        if let wanted, !capabilities.allows(wanted) {
            throw .noPath(endpoint: client.name, wanted)
        }
        self.block = block
        self.capabilities = capabilities
        self.chainId = chainId
        path = wanted ?? capabilities.bestPath
        requester = Requester(client: client, batches: capabilities.batches && wanted != .single)
        endpoint = client.name
    }

    /// The same endpoint at another block of its chain: what it can do was found out before, and nothing is asked.
    ///
    /// - Parameter block: one that was checked to be part of the chain; reads pinned to a hash that the endpoint does not
    ///   know fail.
    public init(_ block: Block, like other: Snapshot) {
        self = Snapshot(
            block: block, capabilities: other.capabilities, path: other.path, chainId: other.chainId,
            requester: other.requester, endpoint: other.endpoint)
    }

    private init(
        block: Block, capabilities: Capabilities, path: ReadPath, chainId: UInt64, requester: Requester,
        endpoint: String
    ) {
        self.block = block
        self.capabilities = capabilities
        self.path = path
        self.chainId = chainId
        self.requester = requester
        self.endpoint = endpoint
    }

    /// What may be printed to say who answers.
    public var endpointName: String { endpoint }

    var bulk: BulkRead {
        BulkRead(requester: requester, block: block, capabilities: capabilities, path: path)
    }

    /// The answers to every group, in order. A call that fails is unknown, with its reason; nothing is left out.
    public func read(_ groups: [CallGroup]) async throws(ChainError) -> [GroupAnswers] {
        let answers = await bulk.read(groups)
        try await confirm()
        return answers
    }

    /// The answers to groups and to single calls, asked together.
    public func read(
        _ groups: [CallGroup], and calls: [Call]
    ) async throws(ChainError) -> (groups: [GroupAnswers], calls: [Reading<[UInt8]>]) {
        let answers = await bulk.read(groups, and: calls)
        try await confirm()
        return answers
    }

    /// The pinned block's header, proven to hash to the block's hash.
    ///
    /// - Throws: `.contradicted` where it does not; `.notProven` where this program does not know the chain's form.
    public func verifiedHeader() async throws(ChainError) -> VerifiedHeader {
        let request = Probe.block(.hash(block.hash))
        let result: RPCResult
        do {
            result = try await requester.client.call(request)
        } catch {
            throw .endpoint(error)
        }
        do throws(VerificationError) {
            guard let header = try BlockHeader.decode(result) else {
                throw .malformed("it has no block \(block.hash.hex), of which it told before")
            }
            return try header.verify(is: block.hash)
        } catch {
            guard error.isContradiction else { throw .notProven(endpoint: result.endpointName, error) }
            throw .contradicted(
                Contradiction(
                    endpoint: result.endpointName, error: error, request: request, response: result.bytes))
        }
    }

    /// The blocks that the chain has at these heights now, in order; `nil` where it has none.
    ///
    /// - Throws: where the endpoint does not answer: a block that was not read is not a block that is not there.
    public func blocks(at numbers: [UInt64]) async throws(ChainError) -> [Block?] {
        var blocks: [Block?] = []
        for result in await requester.perform(numbers.map { Probe.block(.number($0)) }, each: 100) {
            switch result {
            case .success(let answer):
                let block = try Block.decode(answer, endpoint: endpoint)
                guard block.map({ $0.number == numbers[blocks.count] }) ?? true else {
                    throw .malformedBlock(endpoint: endpoint, expected: "the height that was asked for")
                }
                blocks.append(block)
            case .failure(let error): throw .endpoint(error)
            }
        }
        return blocks
    }

    /// The decoded answers to calls of any shape, in order.
    public func read<Method: ContractCall>(
        _ calls: [(target: Address, method: Method)]
    ) async throws(ChainError) -> [Reading<Method.Output>] {
        let answers = await bulk.read(calls.map { Call(target: $0.target, data: $0.method.encode()) })
        try await confirm()
        return answers.map { answer in
            switch answer {
            case .unknown(let reason): return .unknown(reason)
            case .known(let bytes):
                guard !bytes.isEmpty else { return .unknown(.noCode) }
                do throws(ABIError) {
                    return .known(try Method.decode(bytes))
                } catch {
                    return .unknown(.malformed("\(error)"))
                }
            }
        }
    }

    /// The decoded answer to one call.
    public func read<Method: ContractCall>(
        _ method: Method, at target: Address
    ) async throws(ChainError) -> Reading<Method.Output> {
        try await read([(target: target, method: method)])[0]
    }

    /// The raw return data of calls of any shape, in order.
    public func read(_ calls: [Call]) async throws(ChainError) -> [Reading<[UInt8]>] {
        let answers = await bulk.read(calls)
        try await confirm()
        return answers
    }

    /// The code at each address, in order; empty where there is none.
    public func code(at addresses: [Address]) async throws(ChainError) -> [Reading<[UInt8]>] {
        let pin = Parameters.pin(block, byHash: capabilities.pinsByHash)
        let requests = addresses.map { address in
            RPCRequest(method: "eth_getCode", params: Array("[\"\(address.hex)\",\(pin)]".utf8), kind: .call)
        }
        let answers = await requester.perform(requests, each: 50)
        try await confirm()
        return answers.map { answer in
            do throws(RPCError) {
                return .known(try answer.get().hexData())
            } catch {
                return .unknown(.failed("\(error)"))
            }
        }
    }

    /// Where the endpoint cannot pin by hash, makes sure that the height still names the pinned block.
    func confirm() async throws(ChainError) {
        guard !Task.isCancelled else { throw .cancelled }
        guard !capabilities.pinsByHash else { return }
        let result: RPCResult
        do {
            result = try await requester.client.call(Probe.block(.number(block.number)))
        } catch {
            throw .endpoint(error)
        }
        let now = try Block.decode(result, endpoint: endpoint)
        guard now?.hash == block.hash else {
            throw .wrongBlock(endpoint: endpoint, expected: block.hash, got: now?.hash.hex ?? "none")
        }
    }
}
