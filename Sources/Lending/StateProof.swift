public import Chain
public import Ethereum

/// How far the numbers behind one position are proven under a block's state root.
public enum StateProof: Sendable {
    /// All of them, by so many storage slots.
    case proven(slots: Int)
    /// At least one is not what the contract stores, or a proof contradicts itself: the position must not be acted on.
    case contradicted([StateContradiction])
    /// Nothing is contradicted, and not everything is proven: why, in words.
    case notProven([String])
}

/// One contradiction between what an endpoint told and what is proven.
public enum StateContradiction: Sendable {
    /// The block was told with other numbers than its header has.
    case block(told: Block, proven: Block)
    /// A slot holds another value than the calls told.
    case slot(ProvableSlot, proven: UInt256, ProofEvidence?)
    /// A contract has other code than the one that was told.
    case code(ProvableSlot, proven: Hash32, ProofEvidence?)
    /// The answer to `eth_getProof` contradicts itself or the header.
    case proof(ProvableSlot, VerificationError, ProofEvidence)

    /// The answer that shows it, where it was kept.
    public var evidence: ProofEvidence? {
        switch self {
        case .block: nil
        case .slot(_, _, let evidence), .code(_, _, let evidence): evidence
        case .proof(_, _, let evidence): evidence
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension StateContradiction: CustomStringConvertible {
    public var description: String {
        switch self {
        case .block(let told, let proven):
            "block \(proven.hash) was told with height \(told.number) and time \(told.timestamp); its header has \(proven.number) and \(proven.timestamp)"
        case .slot(let slot, let proven, _):
            "\(slot.what): told \(Hex.quantity(slot.expected)), proven \(Hex.quantity(proven & slot.mask)) (slot \(Hex.quantity(slot.slot)) of \(slot.contract))"
        case .code(let slot, let proven, _):
            "\(slot.what): the code of \(slot.contract) is proven to have the hash \(proven), and other code was told"
        case .proof(let slot, let error, _): "\(slot.what): the proof contradicts itself: \(error)"
        }
    }
}
