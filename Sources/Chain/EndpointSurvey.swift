import Ethereum
import JSON
public import JSONRPC

/// Tries what one endpoint can do. Nothing is taken on its word.
public struct EndpointSurvey: Sendable {
    /// How much is tried.
    public enum Depth: Sendable, Hashable {
        /// What a session needs to choose whom to ask: three exchanges.
        case brief
        /// Also how far each limit goes: some thirty exchanges.
        case full
    }

    private let client: any RPCCalling
    private let operatorName: String
    private let depth: Depth
    private let archiveBlock: UInt64?
    private let now: @Sendable () -> Duration

    /// Makes a survey.
    ///
    /// - Parameters:
    ///   - client: of this endpoint alone.
    ///   - archiveBlock: the block whose state shows whether history is there; nil to leave that out.
    ///   - now: time since some fixed moment.
    public init(
        _ client: any RPCCalling, operatorName: String, depth: Depth, archiveBlock: UInt64?,
        now: @escaping @Sendable () -> Duration
    ) {
        self.client = client
        self.operatorName = operatorName
        self.depth = depth
        self.archiveBlock = archiveBlock
        self.now = now
    }

    /// Tries everything, as far as the endpoint answers.
    public func run() async -> EndpointReport {
        var report = EndpointReport(name: client.name, operatorName: operatorName)
        var probe = Probe(client: client)
        do throws(ChainError) {
            let head = try await meet(&probe, &report)
            let found = try await probe.capabilities(at: head, chainId: report.chainId ?? 0, multicall: nil)
            report.callGas = found.overridesState ? found.callGas : nil
            report.trials[.batch] =
                probe.batches ? .works : .fails("several requests at once are refused, single ones pass")
            report.trials[.blockByHash] = found.pinsByHash ? .works : .fails("a block object is refused")
            report.trials[.stateOverride] =
                found.overridesState ? .works : .fails("code placed by override did not run")
            let survey = Trials(client: client, batches: probe.batches, head: head, capabilities: found)
            await survey.features(archiveBlock, into: &report)
            if probe.batches { await survey.batches(upTo: depth == .full ? 1_000 : 50, into: &report) }
            if depth == .full {
                await survey.logRanges(into: &report)
                await survey.returnSizes(into: &report)
            }
        } catch {
            report.failure = error
        }
        return report
    }

    /// The first exchange: who it is, and where its chain stands.
    private func meet(_ probe: inout Probe, _ report: inout EndpointReport) async throws(ChainError) -> Block {
        let start = now()
        let results = try await probe.firstContact([
            RPCRequest(method: "eth_chainId", params: Array("[]".utf8), kind: .head), Probe.block(.latest),
            RPCRequest(method: "web3_clientVersion", params: Array("[]".utf8), kind: .head), Probe.block(.safe),
            Probe.block(.finalized),
        ])
        report.latency = now() - start
        let head: Block?
        do {
            report.chainId = try results[0].get().quantity().asUInt64()
            if case .success(let version) = results[2] {
                report.client = String((try version.json().string ?? "").prefix(128))
            }
            head = try Block.decode(try results[1].get(), endpoint: client.name)
        } catch let error as RPCError {
            throw .endpoint(error)
        } catch let error as ChainError {
            throw error
        } catch {
            throw .malformedBlock(endpoint: client.name, expected: "what a block has")
        }
        guard let head else { throw .noBlock(endpoint: client.name, selector: .latest) }
        report.head = head
        report.safe = height(results[3])
        report.finalized = height(results[4])
        return head
    }

    /// The height of a tag's block; nil where the endpoint knows no such tag.
    private func height(_ result: Result<RPCResult, RPCError>) -> UInt64? {
        do {
            return try Block.decode(try result.get(), endpoint: client.name)?.number
        } catch {
            return nil
        }
    }
}
