import Chain
import JSONRPC
import Networks

/// Looks at every endpoint, and through the best of them at the network file.
struct Consultation {
    let network: Network
    /// Under names that differ.
    let endpoints: [Endpoint]
    let transport: any Transport
    let selector: BlockSelector
    /// Unix seconds.
    let now: UInt64

    /// Asks everything.
    func run(progress: @Sendable (Int, Int) -> Void) async -> Diagnosis {
        progress(0, endpoints.count)
        // History is needed from the first block of the earliest market on.
        let archiveBlock = network.markets.map(\.deployBlock).min().map { max(1, $0) }
        let clients = endpoints.map { RPCClient(endpoint: $0, transport: transport, retry: Self.retry) }
        let reports = await withTaskGroup(of: (Int, EndpointReport).self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    let survey = EndpointSurvey(
                        client, operatorName: client.endpoint.operatorName, depth: .full, archiveBlock: archiveBlock,
                        now: Self.retry.now)
                    return (index, await survey.run())
                }
            }
            var found: [(Int, EndpointReport)] = []
            for await report in group {
                found.append(report)
                progress(found.count, endpoints.count)
            }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
        var diagnosis = Diagnosis(network: network, now: now, reports: reports)
        guard let best = diagnosis.best else { return diagnosis }
        let examination = NetworkExamination(network: network, client: clients[best], selector: selector)
        await examination.run(into: &diagnosis)
        return diagnosis
    }

    /// An endpoint that needs three attempts is one to hear about.
    private static let retry: RetryPolicy = {
        var policy = RetryPolicy()
        policy.attempts = 2
        policy.deadline = .seconds(60)
        return policy
    }()
}

/// Something about the network file.
struct Finding: Equatable {
    /// How much it matters.
    enum Severity: String {
        /// The file is wrong.
        case wrong
        /// It works, and not as well as it could.
        case worse
        /// It could not be checked.
        case unchecked
    }

    var severity: Severity
    /// The place in the file, a JSON pointer.
    var pointer: String
    var message: String
}

/// What a consultation found.
struct Diagnosis {
    let network: Network
    let now: UInt64
    let reports: [EndpointReport]
    /// The block at which the network file was compared with the chain.
    var block: Block?
    var findings: [Finding] = []

    init(network: Network, now: UInt64, reports: [EndpointReport]) {
        self.network = network
        self.now = now
        self.reports = reports
        // Where all serve one other chain, it is the file that is wrong.
        let chains = Set(reports.compactMap(\.chainId))
        if chains.count == 1, let chain = chains.first, chain != network.chainId {
            findings.append(
                Finding(
                    severity: .wrong, pointer: "/chainId",
                    message: "the file says \(network.chainId), and every endpoint that answers serves chain \(chain)"))
        }
    }

    /// Whether an endpoint can be used for this network.
    func isUsable(_ report: EndpointReport) -> Bool { report.isUsable && report.chainId == network.chainId }

    /// The usable endpoint with the highest head, the first of several.
    var best: Int? {
        reports.indices.filter { isUsable(reports[$0]) }
            .max { (reports[$0].head?.number ?? 0, $1) < (reports[$1].head?.number ?? 0, $0) }
    }

    /// How many blocks an endpoint is behind the highest head; nil where that says nothing.
    func lag(_ report: EndpointReport) -> UInt64? {
        guard isUsable(report), let own = report.head?.number, let best, let highest = reports[best].head?.number else {
            return nil
        }
        return highest - min(own, highest)
    }

    /// How the command ends; nil where everything is in order.
    var stop: CommandStop? {
        guard reports.contains(where: { $0.chainId != nil || $0.isUsable }) else {
            return CommandStop(.noEndpoint, "no endpoint of \(network.name) answered")
        }
        let wrong = findings.count { $0.severity == .wrong }
        if wrong > 0 {
            return CommandStop(.networkFile, "the network file is wrong in \(wrong) \(wrong == 1 ? "place" : "places")")
        }
        let unusable = reports.count { !isUsable($0) }
        if unusable > 0 {
            return CommandStop(.partial, "\(unusable) of \(reports.count) endpoints cannot be used")
        }
        return nil
    }
}
