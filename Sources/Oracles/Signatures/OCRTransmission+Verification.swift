public import Ethereum

extension OCRTransmission {
    /// Checks a report as the aggregator would, save who transmits it.
    ///
    /// - Parameters:
    ///   - set: who may sign.
    ///   - bounds: the aggregator's `minAnswer` and `maxAnswer`; outside them a report is refused, not clamped.
    ///   - latest: the `epochAndRound` that the aggregator last took; the report's has to be larger.
    /// - Returns: who signed.
    /// - Throws: the first reason for which the contract would revert.
    public func verify(
        by set: OCRSignerSet, bounds: ClosedRange<Int256>? = nil, after latest: UInt64? = nil
    ) throws(SignedDataError) -> [Address] {
        guard let digest else { throw .malformed("an event carries no signatures") }
        if let expected = set.configDigest, expected != configDigest {
            throw .unexpectedOrigin("the report is of another configuration")
        }
        if let latest, epochAndRound <= latest { throw .untimely("epoch and round are not newer than the stored ones") }
        try checkCounts(faulty: set.faulty)
        var tally = SignerTally(allowed: Set(set.signers))
        for (index, signature) in signatures.enumerated() {
            // ecrecover's v is parity + 27; anything but 27 and 28 recovers nobody.
            guard signature.parity < 2 else { throw .invalidSignature(index: index) }
            try tally.add(r: signature.r, s: signature.s, v: 27 + signature.parity, over: digest, index: index)
        }
        if generation == .ocr1 { try checkOrder() }
        if let bounds, !bounds.contains(answer) { throw .outOfBounds(answer) }
        return tally.signers
    }

    /// How many signatures and observations there have to be.
    private func checkCounts(faulty: Int) throws(SignedDataError) {
        switch generation {
        case .ocr1:
            guard signatures.count > faulty else {
                throw .signatureCount(found: signatures.count, needed: faulty + 1)
            }
            guard observations.count > 2 * faulty else {
                throw .belowThreshold(found: observations.count, needed: 2 * faulty + 1)
            }
            var seen: Set<UInt8> = []
            for observation in observations {
                guard Int(observation.observer) < OCRSignerSet.most, seen.insert(observation.observer).inserted else {
                    throw .outOfOrder("an observer is unknown or repeated")
                }
            }
        case .ocr2:
            guard signatures.count == faulty + 1 else {
                throw .signatureCount(found: signatures.count, needed: faulty + 1)
            }
            guard observations.count > faulty else {
                throw .belowThreshold(found: observations.count, needed: faulty + 1)
            }
        }
    }

    /// OCR1 alone checks on chain that observations ascend; in OCR2 the signers vouch for it.
    private func checkOrder() throws(SignedDataError) {
        for (earlier, later) in zip(observations, observations.dropFirst()) where later.value < earlier.value {
            throw .outOfOrder("observations do not ascend")
        }
    }
}
