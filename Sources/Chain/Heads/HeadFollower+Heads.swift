import Ethereum
import JSONRPC

extension HeadFollower {
    /// A notification of a socket.
    mutating func heard(_ result: RPCResult, _ index: Int) {
        do throws(ChainError) {
            guard let block = try header(result, endpoint: name(index + 1)) else {
                throw .malformedBlock(endpoint: name(index + 1), expected: "a header")
            }
            consider(block, from: index + 1)
        } catch {
            reject(index + 1, "\(error)")
        }
    }

    /// A header, checked; nil where the endpoint does not have it.
    func header(_ result: RPCResult, endpoint: String) throws(ChainError) -> Block? {
        guard let block = try Block.decode(result, endpoint: endpoint) else { return nil }
        try options.verify(result)
        return block
    }

    /// A source said what cannot be: a socket is given up, a client is only named.
    mutating func reject(_ source: Int, _ what: String) {
        note(.dishonest(what), source)
        guard source != Self.poll else { return }
        let error = RPCError.dishonest(endpoint: name(source), what: what)
        for output in sockets[source - 1].reject(error, at: now, on: transport) { take(output, of: source - 1) }
    }

    private mutating func note(_ drift: HeadDrift?, _ source: Int) {
        switch self.drift.note(drift, of: source) {
        case .began(let drift)?: ready.append(.status(.drifting(endpoint: name(source), drift)))
        case .ended?: ready.append(.status(.recovered(endpoint: name(source))))
        case nil: break
        }
    }

    private mutating func consider(_ block: Block, from source: Int) {
        let clock = transport.session.startedAt / 1_000 &+ UInt64(max(0, now.components.seconds))
        if let drift = drift.drift(of: block, at: clock) { return note(drift, source) }
        switch tracker.announce(block, from: source) {
        case .accepted: note(nil, source)
        case .absurd: reject(source, "a block of the height \(block.number)")
        case .tooFarBehind(let blocks): note(.behindHead(blocks: blocks), source)
        case .known, .rival:
            let tip = tracker.tip?.number ?? 0
            let lag = tip - min(tip, block.number)
            note(lag > options.lag ? .behindHead(blocks: lag) : nil, source)
        }
    }

    /// Asks for the newest block.
    mutating func poll() async throws(ChainError) {
        let block: Block
        do throws(ChainError) {
            if !isClientChecked { try await checkChain() }
            let result = try await ask(Probe.block(.latest))
            guard let newest = try header(result, endpoint: client.name) else {
                throw .noBlock(endpoint: client.name, selector: .latest)
            }
            block = newest
        } catch {
            let failure = try survived(error)
            isClientChecked = false
            polls.failed(failure, at: now)
            return lost(Self.poll, failure)
        }
        if !isClientChecked {
            isClientChecked = true
            found(Self.poll)
        }
        consider(block, from: Self.poll)
        let isWatched = !isStalled && sockets.contains(where: \.isLive)
        polls.answered(at: now, lastBlock: lastBlock, hasLiveSocket: isWatched)
    }

    private func checkChain() async throws(ChainError) {
        let request = RPCRequest(method: "eth_chainId", params: Array("[]".utf8), kind: .head)
        let result = try await ask(request)
        let got: UInt256
        do {
            got = try result.quantity()
        } catch {
            throw .endpoint(error)
        }
        guard got == UInt256(options.chainId) else {
            throw .wrongChain(endpoint: client.name, expected: options.chainId, got: got.asUInt64() ?? .max)
        }
    }

    /// One call of the client.
    func ask(_ request: RPCRequest) async throws(ChainError) -> RPCResult {
        do {
            return try await client.call(request)
        } catch {
            throw .endpoint(error)
        }
    }

    /// The failure of an endpoint, to go on after.
    ///
    /// - Throws: what is none: the wrong chain, a recording that does not hold this, a cancelled task.
    func survived(_ error: ChainError) throws(ChainError) -> RPCError {
        switch error {
        case .wrongChain, .cancelled, .endpoint(.notRecorded), .endpoint(.transcript): throw error
        case .endpoint(.cancelled): throw .cancelled
        case .endpoint(let error): return error
        default: return .malformed(endpoint: client.name, what: "\(error)")
        }
    }
}
