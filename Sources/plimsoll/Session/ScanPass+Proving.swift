import Chain
import Ethereum
import JSONRPC
import Lending

extension ScanPass {
    /// Most positions whose storage is proven in one scan, those closest to their line first.
    private static let mostProven = 1_000

    /// Proves the storage that the verdicts closest to the line stand on.
    ///
    /// What contradicts its proof has no verdict, and who told it is not asked any more. What cannot be proven keeps its
    /// verdict and says why it is not.
    func proveState(
        _ market: inout ScanOutcome.Market, of opened: any LendingMarket, _ snapshot: Snapshot,
        _ header: VerifiedHeader, _ notices: inout [String]
    ) async throws {
        // Those without debt come last: that there is none is a claim like any other.
        let known = market.reading.positions.indices.filter { !market.reading.positions[$0].isUnknown }
        let chosen = known.sorted {
            (market.reading.positions[$0].hfProtocol ?? .max) < (market.reading.positions[$1].hfProtocol ?? .max)
        }.prefix(Self.mostProven)
        if chosen.count < known.count {
            notices.append(
                "\(market.id.deployment): the storage of \(chosen.count) positions is proven, the closest to their line; "
                    + "\(known.count - chosen.count) others are not")
        }
        guard !chosen.isEmpty else { return }
        let proofs = try await StateVerifier(snapshot, header: header)
            .prove(chosen.map { market.reading.positions[$0] }, of: opened)
        var evidence: Contradiction?
        for (index, proof) in zip(chosen, proofs) {
            switch proof {
            case .proven: market.reading.positions[index].verified.append("state")
            case .notProven(let reasons):
                market.reading.positions[index].unknown += reasons.map { Unknown("verified", $0) }
            case .contradicted(let contradictions):
                let reasons = contradictions.map { "contradicted by a proof: \($0)" }
                market.reading.positions[index].liquidatable = nil
                market.reading.positions[index].unknown += reasons.map { Unknown("liquidatable", $0) }
                evidence = evidence ?? contradictions.compactMap(\.contradiction).first
            }
        }
        if let evidence { notices.append(await session.quarantine(evidence)) }
    }
}

extension StateContradiction {
    /// The same with what shows it, for the evidence that is kept.
    fileprivate var contradiction: Contradiction? {
        guard let evidence else { return nil }
        let error: VerificationError =
            switch self {
            case .proof(_, let error, _): error
            case .slot(let slot, _, _): .slot(slot.contract, slot: slot.slot, claimed: slot.expected)
            case .code(let slot, _, _): .account(slot.contract, "its code is not the one that was told")
            case .block(_, let proven): .wrongBlock(expected: proven.hash, got: proven.hash)
            }
        return Contradiction(
            endpoint: evidence.endpoint, error: error,
            request: RPCRequest(method: "eth_getProof", params: evidence.params, kind: .proof),
            response: evidence.result)
    }
}
