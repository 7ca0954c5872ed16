public import Ethereum

/// An account and some of its storage, proven under the state root of a header.
public struct ProvenAccount: Equatable, Sendable {
    /// Whose it is.
    public let address: Address
    /// Whether the state has the account; where not, all its numbers are zero.
    public let exists: Bool
    /// How many transactions it sent, or contracts it created.
    public let nonce: UInt64
    /// Wei.
    public let balance: UInt256
    /// Root of its storage.
    public let storageHash: Hash32
    /// Hash of its code.
    public let codeHash: Hash32
    /// The value of each storage slot that was asked for; zero where the slot is proven absent.
    public let storage: [UInt256: UInt256]

    /// Checks that `code` is the account's.
    public func checkCode(_ code: [UInt8]) throws(VerificationError) {
        let hash = Keccak256.hash(code.span)
        guard hash == codeHash else {
            throw .account(address, "its code was told with the hash \(hash), and is proven to have \(codeHash)")
        }
    }
}

extension AccountProof {
    /// The hash of no code.
    static let emptyCodeHash = Keccak256.hash([])

    /// Proves the account and its slots in the state after the header's block.
    ///
    /// - Parameter slots: those that were asked for; each has to be answered once, in any order.
    /// - Throws: `.accountNodes` or `.slotNodes` where the nodes prove nothing, `.account` or `.slot` where they prove
    ///   something else, `.slots` where the answer is about other slots.
    public func verify(
        _ address: Address, slots wanted: [UInt256], in header: VerifiedHeader
    ) throws(VerificationError) -> ProvenAccount {
        try verify(address, slots: wanted, stateRoot: header.header.stateRoot)
    }

    /// As ``verify(_:slots:in:)``, under a state root that the caller trusts.
    public func verify(
        _ address: Address, slots wanted: [UInt256], stateRoot: Hash32
    ) throws(VerificationError) -> ProvenAccount {
        let exists = try verifyAccount(address, stateRoot)
        var storage: [UInt256: UInt256] = [:]
        let wanted = Set(wanted)
        // An account that is not there has no storage, whatever it is said to be.
        let root = exists ? storageHash : MerkleProof.emptyRoot
        for slot in slots {
            guard wanted.contains(slot.key) else {
                throw .slots(address, "\(Hex.quantity(slot.key)) was not asked for")
            }
            guard storage.updateValue(slot.value, forKey: slot.key) == nil else {
                throw .slots(address, "\(Hex.quantity(slot.key)) is answered twice")
            }
            try verify(slot, of: address, root)
        }
        if let missing = wanted.filter({ storage[$0] == nil }).min() {
            throw .slots(address, "\(Hex.quantity(missing)) is not answered")
        }
        return ProvenAccount(
            address: address, exists: exists, nonce: nonce, balance: balance, storageHash: root,
            codeHash: exists ? codeHash : AccountProof.emptyCodeHash, storage: storage)
    }

    /// Whether the state has the account, which is then as it was told.
    private func verifyAccount(_ address: Address, _ stateRoot: Hash32) throws(VerificationError) -> Bool {
        let outcome: MerkleProof.Outcome
        do throws(MerkleProofError) {
            outcome = try MerkleProof.verify(
                root: stateRoot, key: Keccak256.hash(address.bytes).bytes, nodes: nodes, limits: .account)
        } catch {
            throw .accountNodes(address, error)
        }
        switch outcome {
        case .present(let value):
            var writer = RLPWriter()
            let list = writer.beginList()
            writer.append(nonce)
            writer.append(balance)
            writer.append(storageHash)
            writer.append(codeHash)
            writer.endList(list)
            guard writer.bytes == value else {
                throw .account(address, "nonce, balance, storage and code are not those that were told")
            }
            return true
        case .absent:
            guard nonce == 0, balance.isZero, storageHash == .zero || storageHash == MerkleProof.emptyRoot,
                codeHash == .zero || codeHash == AccountProof.emptyCodeHash
            else { throw .account(address, "it does not exist, and was told to hold something") }
            return false
        }
    }

    private func verify(_ slot: Slot, of address: Address, _ root: Hash32) throws(VerificationError) {
        let outcome: MerkleProof.Outcome
        do throws(MerkleProofError) {
            outcome = try MerkleProof.verify(
                root: root, key: Keccak256.hash(slot.key.bigEndianBytes).bytes, nodes: slot.nodes)
        } catch {
            throw .slotNodes(address, slot: slot.key, error)
        }
        // A slot that is set to zero is removed from the trie: zero in it would be no state that the EVM can reach.
        let isProven =
            switch outcome {
            case .present(let value): !slot.value.isZero && value == RLP.quantity(slot.value).encoded()
            case .absent: slot.value.isZero
            }
        guard isProven else { throw .slot(address, slot: slot.key, claimed: slot.value) }
    }
}
