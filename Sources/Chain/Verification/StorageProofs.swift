public import Ethereum

/// Storage of one contract that is to be proven.
public struct StorageQuery: Hashable, Sendable {
    /// The contract.
    public let contract: Address
    /// Its slots.
    public let slots: [UInt256]

    /// Names slots of a contract.
    public init(_ contract: Address, slots: [UInt256]) {
        self.contract = contract
        self.slots = slots
    }
}

/// One answer to `eth_getProof` as it was asked for and told, for whoever runs the endpoint to see.
public struct ProofEvidence: Hashable, Sendable {
    /// Who answered.
    public let endpoint: String
    /// The parameters of the request, JSON.
    public let params: [UInt8]
    /// The result, JSON.
    public let result: [UInt8]
}

/// What became of asking for the proof of one slot.
public enum SlotOutcome: Sendable {
    /// The slot's value after the block, and the hash of the contract's code. The answer, where it was to be kept.
    case proven(UInt256, codeHash: Hash32, ProofEvidence?)
    /// There is no proof: the slot is not known to be anything, zero included.
    case unanswered(Reason)
    /// There is an answer, and it contradicts itself or the header.
    case refuted(VerificationError, ProofEvidence)
}

/// The answers about the storage of several contracts, under one header.
public struct StorageProofs: Sendable {
    /// What became of one request.
    enum Part: Sendable {
        case answered(ProvenAccount, refuted: [UInt256: VerificationError], ProofEvidence?)
        case unanswered(Reason)
        case refuted(VerificationError, ProofEvidence)
    }

    private var parts: [Part] = []
    private var places: [Address: [UInt256: Int]] = [:]

    init() {}

    mutating func take(_ part: Part, for query: StorageQuery) {
        for slot in query.slots { places[query.contract, default: [:]][slot] = parts.count }
        parts.append(part)
    }

    /// What became of one slot.
    public func outcome(_ contract: Address, _ slot: UInt256) -> SlotOutcome {
        guard let place = places[contract]?[slot] else { return .unanswered(.failed("its proof was not asked for")) }
        switch parts[place] {
        case .unanswered(let reason): return .unanswered(reason)
        case .refuted(let error, let evidence): return .refuted(error, evidence)
        case .answered(let account, let refuted, let evidence):
            if let error = refuted[slot], let evidence { return .refuted(error, evidence) }
            guard let value = account.storage[slot] else { return .unanswered(.failed("its proof has no value")) }
            return .proven(value, codeHash: account.codeHash, evidence)
        }
    }
}
