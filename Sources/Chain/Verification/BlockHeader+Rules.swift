public import Ethereum

/// How a chain's base fee follows from the block before: EIP-1559's two numbers.
public struct BaseFeeRule: Hashable, Sendable {
    /// The gas limit is so many times the target.
    public var elasticity: UInt64
    /// A full block raises the fee by one part in so many.
    public var denominator: UInt64
    /// No fee is below this, wei: Optimism's chains since Jovian.
    public var lowest: UInt64

    /// Makes a rule of two positive numbers, and a lowest fee where there is one.
    public init(elasticity: UInt64, denominator: UInt64, lowest: UInt64 = 0) {
        precondition(elasticity > 0 && denominator > 0, "a base fee rule divides by both numbers")
        self.elasticity = elasticity
        self.denominator = denominator
        self.lowest = lowest
    }

    /// Ethereum's: twice the target, one eighth. OP stack, Bor and BSC have others; Arbitrum's fee follows no such rule.
    public static let ethereum = BaseFeeRule(elasticity: 2, denominator: 8)
    /// The fee of the first block with one, in wei.
    public static let initial: UInt256 = 1_000_000_000
}

extension BlockHeader {
    /// Checks that this is the block after `parent`: height, hash, and a timestamp that does not go back.
    ///
    /// Timestamps may be equal: Arbitrum and others seal many blocks a second.
    public func checkFollows(_ parent: BlockHeader) throws(VerificationError) {
        guard parent.number < .max, number == parent.number + 1 else {
            throw .headerRule(number: number, "it does not follow block \(parent.number)")
        }
        guard parentHash == parent.hash else {
            throw .headerRule(number: number, "its parent is \(parentHash), not \(parent.hash)")
        }
        guard timestamp >= parent.timestamp else {
            throw .headerRule(number: number, "its timestamp \(timestamp) is before its parent's \(parent.timestamp)")
        }
    }

    /// Checks that no more gas was used than the block may use.
    public func checkGas() throws(VerificationError) {
        guard gasUsed <= gasLimit else {
            throw .headerRule(number: number, "it used \(gasUsed) gas of \(gasLimit)")
        }
    }

    /// Checks that the base fee is the one that EIP-1559 computes from `parent`.
    ///
    /// Rounding: down at both divisions; a rise is at least 1.
    /// Source: ethereum/EIPs `EIPS/eip-1559.md`.
    public func checkBaseFee(
        after parent: BlockHeader, rule: BaseFeeRule = .ethereum
    ) throws(VerificationError) {
        guard let expected = try parent.nextBaseFee(rule) else {
            // The parent is from before the fork: either this one is too, or it has the fee to begin with.
            guard let baseFeePerGas, baseFeePerGas != BaseFeeRule.initial else { return }
            throw .headerRule(number: number, "its base fee \(baseFeePerGas) is not the first one's")
        }
        guard baseFeePerGas == expected else {
            throw .headerRule(
                number: number, "its base fee is \(baseFeePerGas.map { "\($0)" } ?? "missing"), not \(expected)")
        }
    }

    /// The base fee of the next block; nil before EIP-1559.
    private func nextBaseFee(_ rule: BaseFeeRule) throws(VerificationError) -> UInt256? {
        guard let baseFeePerGas else { return nil }
        let target = gasLimit / rule.elasticity  // floor
        guard target > 0 else { throw .headerRule(number: number, "its gas limit \(gasLimit) has no target") }
        let distance = target > gasUsed ? target - gasUsed : gasUsed - target
        do {
            let change = try UInt256.mulDiv(baseFeePerGas, UInt256(distance), UInt256(target), .down)
                .divided(by: UInt256(rule.denominator), .down)
            if gasUsed > target { return try baseFeePerGas + max(change, .one) }
            return baseFeePerGas.subtractingOrZero(change)
        } catch {
            throw .headerRule(number: number, "its base fee \(baseFeePerGas) is beyond 256 bits at the next block")
        }
    }
}
