public import Chain
import Ethereum

/// Proves the numbers behind positions by `eth_getProof` under the header of their block.
///
/// What is proven is what contracts store; that the header is the chain's is the caller's trust, and what a slot means
/// is its contract's layout.
public struct StateVerifier: Sendable {
    private let snapshot: Snapshot
    private let header: VerifiedHeader

    /// Proves at `snapshot`'s block, whose header this is.
    public init(_ snapshot: Snapshot, header: VerifiedHeader) {
        self.snapshot = snapshot
        self.header = header
    }

    /// One outcome for each position of `market`, in their order.
    ///
    /// - Throws: where nothing can be asked; a proof that is missing leaves its positions not proven.
    public func prove(
        _ positions: [Position], of market: any LendingMarket
    ) async throws(LendingError) -> [StateProof] {
        guard !positions.isEmpty else { return [] }
        try checkHeader()
        let claims = try await market.claims(of: positions, on: snapshot)
        guard claims.accounts.count == positions.count else {
            return positions.map { _ in .notProven(["the market claims nothing of it"]) }
        }
        return try await prove(claims)
    }

    /// One outcome for each account of `claims`, in their order.
    public func prove(_ claims: StateClaims) async throws(LendingError) -> [StateProof] {
        try checkHeader()
        let (told, proven) = (snapshot.block, header.header.block)
        guard told.number == proven.number, told.timestamp == proven.timestamp else {
            return claims.accounts.map { _ in .contradicted([.block(told: told, proven: proven)]) }
        }
        // The answer is evidence where it shows something else than was told.
        var expected: [Address: [UInt256: [ProvableSlot]]] = [:]
        func expect(_ slot: ProvableSlot) { expected[slot.contract, default: [:]][slot.slot, default: []].append(slot) }
        for slot in Set(claims.accounts.flatMap(\.slots)) { expect(slot) }
        for slot in claims.witnesses.values.flatMap(\.self) { expect(slot) }
        let queries = expected.map { StorageQuery($0.key, slots: Array($0.value.keys)) }
        let proofs: StorageProofs
        do throws(ChainError) {
            proofs = try await snapshot.proofs(queries, in: header) { account in
                account.storage.contains { slot, value in
                    expected[account.address]?[slot]?.contains { $0.contradicts(value, account.codeHash) } ?? false
                }
            }
        } catch {
            throw .chain(error)
        }
        let layouts = claims.witnesses.mapValues { Self.doubt($0, proofs) }
        return claims.accounts.map { Self.outcome($0, proofs, layouts) }
    }

    /// Another block's header proves nothing of this one.
    private func checkHeader() throws(LendingError) {
        guard header.hash == snapshot.block.hash else {
            throw .chain(
                .wrongBlock(
                    endpoint: snapshot.endpointName, expected: snapshot.block.hash, got: header.hash.hex))
        }
    }

    /// Why a contract's storage is not known to be laid out as assumed; `nil` where it is.
    private static func doubt(_ witnesses: [ProvableSlot], _ proofs: StorageProofs) -> String? {
        var doubt: String?
        for witness in witnesses {
            switch proofs.outcome(witness.contract, witness.slot) {
            case .proven(let value, _, _):
                if witness.compare(with: value) == .equal { return nil }
                doubt = doubt ?? "the storage of \(witness.contract) is not laid out as its version's is known to be"
            case .unanswered(let reason): doubt = doubt ?? "no proof of the storage of \(witness.contract): \(reason)"
            case .refuted: break
            }
        }
        return doubt ?? "no valid proof shows how the storage of \(witnesses.first?.contract ?? .zero) is laid out"
    }

    private static func outcome(
        _ claims: StateClaims.AccountClaims, _ proofs: StorageProofs, _ doubts: [Address: String?]
    ) -> StateProof {
        var contradictions: [StateContradiction] = []
        var reasons = claims.unprovable
        var refuted: [VerificationError] = []
        func say(_ reason: String) {
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        for slot in claims.slots {
            switch proofs.outcome(slot.contract, slot.slot) {
            case .unanswered(let reason): say("no proof from \(slot.contract): \(reason)")
            case .refuted(let error, let evidence):
                guard !refuted.contains(error) else { continue }
                refuted.append(error)
                contradictions.append(.proof(slot, error, evidence))
            case .proven(let value, let codeHash, let evidence):
                if let code = slot.code, code != codeHash {
                    contradictions.append(.code(slot, proven: codeHash, evidence))
                    continue
                }
                if let doubt = doubts[slot.contract] ?? nil {
                    say(doubt)
                    continue
                }
                switch slot.compare(with: value) {
                case .equal: continue
                case .unclear: say("\(slot.what): the code that reads it is not known")
                case .different: contradictions.append(.slot(slot, proven: value, evidence))
                }
            }
        }
        if !contradictions.isEmpty { return .contradicted(contradictions) }
        guard reasons.isEmpty else { return .notProven(reasons) }
        return claims.slots.isEmpty ? .notProven(["nothing was claimed"]) : .proven(slots: claims.slots.count)
    }
}

extension ProvableSlot {
    /// Whether a proven value shows that something else was told.
    fileprivate func contradicts(_ value: UInt256, _ codeHash: Hash32) -> Bool {
        compare(with: value) == .different || code.map { $0 != codeHash } ?? false
    }
}
