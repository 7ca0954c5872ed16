public import Ethereum

/// Why something that a node said is not proven.
public enum VerificationError: Error, Equatable, Sendable {
    /// The answer has not the form that the specification allows.
    case malformed(String)
    /// The chain hashes what this program does not know how to hash: nothing is proven, and nothing is disproven.
    case unsupported(String)
    /// The header does not hash to the hash that it came with.
    case headerHash(claimed: Hash32, computed: Hash32)
    /// The header is another block's than the one that was asked for.
    case wrongBlock(expected: Hash32, got: Hash32)
    /// The header breaks a rule that its parent or its own fields set.
    case headerRule(number: UInt64, String)
    /// The receipts are not those that the header names.
    case receiptsRoot(header: Hash32, computed: Hash32)
    /// The header's bloom is not the one of its own receipts' logs.
    case bloom(Hash32)
    /// The logs are not those of the block.
    case logs(LogDishonesty)
    /// The nodes for the account prove nothing.
    case accountNodes(Address, MerkleProofError)
    /// The nodes for a storage slot prove nothing.
    case slotNodes(Address, slot: UInt256, MerkleProofError)
    /// What was said of an account is not what its proof says.
    case account(Address, String)
    /// What was said of a storage slot is not what its proof says; zero where the slot is proven absent.
    case slot(Address, slot: UInt256, claimed: UInt256)
    /// The answer is about other storage slots than those that were asked for.
    case slots(Address, String)
}

extension VerificationError {
    /// Whether what was said contradicts itself or what was proven, rather than being of a form not known here.
    public var isContradiction: Bool {
        switch self {
        case .malformed, .unsupported: false
        case .headerHash, .wrongBlock, .headerRule, .receiptsRoot, .bloom, .logs, .accountNodes, .slotNodes, .account,
            .slot, .slots:
            true
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension VerificationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let what): what
        case .unsupported(let why): "not verifiable: \(why)"
        case .headerHash(let claimed, let computed):
            "the header of block \(claimed) hashes to \(computed)"
        case .wrongBlock(let expected, let got): "the header is of block \(got), and \(expected) was asked for"
        case .headerRule(let number, let rule): "the header of block \(number) breaks a rule: \(rule)"
        case .receiptsRoot(let header, let computed):
            "the receipts have the root \(computed), and the header names \(header)"
        case .bloom(let block): "the bloom in the header of block \(block) is not the one of its receipts"
        case .logs(let dishonesty): "\(dishonesty)"
        case .accountNodes(let address, let error): "account \(address) is not proven: \(error)"
        case .slotNodes(let address, let slot, let error):
            "storage slot \(Hex.quantity(slot)) of \(address) is not proven: \(error)"
        case .account(let address, let what): "account \(address) is not as its proof says: \(what)"
        case .slot(let address, let slot, let claimed):
            "storage slot \(Hex.quantity(slot)) of \(address) is proven to hold another value than \(Hex.quantity(claimed))"
        case .slots(let address, let what): "the proof for \(address) is about other slots: \(what)"
        }
    }
}
