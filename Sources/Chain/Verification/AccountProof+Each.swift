import Ethereum

extension AccountProof {
    /// Proves the account, and each slot by itself: a slot whose proof fails does not take the others with it.
    ///
    /// - Throws: as ``verify(_:slots:in:)``, where the failure is not that of one slot.
    func verifyEach(
        _ address: Address, slots: [UInt256], in header: VerifiedHeader
    ) throws(VerificationError) -> (account: ProvenAccount, refuted: [UInt256: VerificationError]) {
        var proof = self
        var wanted = Set(slots)
        var refuted: [UInt256: VerificationError] = [:]
        while true {
            do throws(VerificationError) {
                return (try proof.verify(address, slots: Array(wanted), in: header), refuted)
            } catch {
                let failed: UInt256
                switch error {
                case .slot(_, let slot, _), .slotNodes(_, let slot, _): failed = slot
                default: throw error
                }
                // Each round gives one slot up, so the rounds end.
                guard wanted.remove(failed) != nil else { throw error }
                refuted[failed] = error
                proof.slots.removeAll { $0.key == failed }
            }
        }
    }
}
