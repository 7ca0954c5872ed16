import Chain
import JSONRPC
import Networks

/// What to do about what an endpoint cannot do, in words.
enum EndpointAdvice {
    /// The advice on one endpoint, the most important first.
    static func lines(_ report: EndpointReport, in diagnosis: Diagnosis) -> [String] {
        if let failure = report.failure { return ["It cannot be used: \(failure)."] }
        guard report.chainId == diagnosis.network.chainId else {
            return [
                "It serves chain \(report.chainId.map(String.init) ?? "?"), and \(diagnosis.network.name) is chain "
                    + "\(diagnosis.network.chainId): take it out, or correct its URL."
            ]
        }
        return freshness(report, diagnosis) + reads(report) + history(report, diagnosis)
    }

    private static func freshness(_ report: EndpointReport, _ diagnosis: Diagnosis) -> [String] {
        var lines: [String] = []
        if let lag = diagnosis.lag(report), lag > 2 {
            lines.append("It is \(lag) blocks behind another endpoint: it is asked only for older blocks.")
        }
        let patience = max(120, diagnosis.network.blockTime / 1_000 * 10)
        if let age = DoctorRecord.headAge(report, diagnosis), age > patience {
            lines.append(
                "Its head is \(FixedPointText.grouped(age)) s old: it no longer follows the chain, or the chain stands still."
            )
        }
        if report.finalized == nil {
            lines.append("It knows no finalized block: a fixed depth has to stand in for it.")
        }
        return lines
    }

    private static func reads(_ report: EndpointReport) -> [String] {
        func lacks(_ capability: EndpointCapability) -> Bool {
            if case .fails? = report.trials[capability] { true } else { false }
        }
        var lines: [String] = []
        if lacks(.batch) {
            lines.append("It takes no batches: every read is an exchange of its own, and scans are slow.")
        }
        if lacks(.stateOverride) {
            lines.append("It runs no code by state override: reads go through Multicall3, at twice the gas.")
        }
        if lacks(.blockByHash) {
            lines.append("It takes no block by its hash: reads name the height, and the hash is confirmed after each.")
        }
        if lacks(.proof) {
            lines.append("It gives no proofs of the head: what it says is confirmed by other endpoints alone.")
        }
        if lacks(.blockReceipts) {
            lines.append("It gives no receipts of a block: that no event is missing cannot be proven with it.")
        }
        if lacks(.simulate) { lines.append("It simulates no transactions: plans are checked elsewhere.") }
        if let passed = report.batchSize.passed, let refused = report.batchSize.refused, passed < 50 {
            lines.append("It takes batches of \(passed), not of \(refused): scans need more exchanges.")
        }
        if let passed = report.returnBytes.passed, passed < 100_000 {
            lines.append("It returns at most \(passed) bytes from a call: bulk reads are cut into smaller ones.")
        }
        return lines
    }

    private static func history(_ report: EndpointReport, _ diagnosis: Diagnosis) -> [String] {
        var lines: [String] = []
        if let head = report.head, report.logRange.refused != nil {
            if let range = report.logRange.passed {
                let first = diagnosis.network.markets.map(\.deployBlock).min() ?? 0
                let queries = (head.number - min(first, head.number)) / max(range, 1) + 1
                if queries > 1_000 {
                    lines.append(
                        "Its log queries span at most \(FixedPointText.grouped(range)) blocks: the first scan takes about "
                            + "\(FixedPointText.grouped(queries)) of them. Give it company with a wider range.")
                }
            } else {
                lines.append(
                    "It answers no log queries, so that it cannot find borrowers: \(report.logRange.why ?? "no reason given")."
                )
            }
        }
        if case .fails? = report.trials[.archive] {
            lines.append("It keeps no state of the past: scans of earlier blocks need an archive node.")
        }
        return lines
    }
}
