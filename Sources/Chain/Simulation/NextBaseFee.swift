public import Ethereum

extension BaseFeeRule {
    /// What chains are known to use; which one it is shows on the chain itself.
    ///
    /// Ethereum; Optimism's chains since Canyon and before (ethereum-optimism/op-geth `params/config.go`); Polygon since
    /// Delhi (PIP-6) and since Bhilai (PIP-58).
    public static let known = [(2, 8), (6, 250), (6, 50), (2, 16), (2, 64)].map {
        BaseFeeRule(elasticity: $0.0, denominator: $0.1)
    }

    /// The base fee of the block after one of base fee `fee`, wei. Source: ethereum/EIPs `EIPS/eip-1559.md@f767a1e`.
    ///
    /// - Returns: `nil` where the numbers are no block's, or do not fit.
    public func next(after fee: UInt256, gasUsed: UInt64, gasLimit: UInt64) -> UInt256? {
        let target = gasLimit / elasticity
        guard target > 0, gasUsed <= gasLimit else { return nil }
        let lowest = UInt256(lowest)
        guard gasUsed != target else { return max(fee, lowest) }
        let distance = gasUsed > target ? gasUsed - target : target - gasUsed
        do throws(MathError) {
            let part = try UInt256.mulDiv(fee, UInt256(distance), UInt256(target), .down)
                .divided(by: UInt256(denominator), .down)
            return max(gasUsed > target ? try fee + max(part, .one) : try fee - part, lowest)
        } catch {
            return nil
        }
    }

    /// The base fee of the block after this one; `nil` where it does not say enough.
    public func next(after block: Block) -> UInt256? {
        guard let fee = block.baseFeePerGas, let used = block.gasUsed, let limit = block.gasLimit else { return nil }
        return next(after: fee, gasUsed: used, gasLimit: limit)
    }

    /// The rule by which `block` follows from its parent: the one that the parent's header states, or the first known
    /// one that gives the block's own base fee.
    public static func between(_ parent: Block, _ block: Block) -> BaseFeeRule? {
        guard parent.hash == block.parentHash, let fee = block.baseFeePerGas else { return nil }
        // A header states the rule for the block after it.
        return ([parent.feeRule, block.feeRule].compactMap(\.self) + known).first { $0.next(after: parent) == fee }
    }

    /// What Optimism's chains write into a header since Holocene: a version, denominator and elasticity of four bytes
    /// each, and since Jovian a lowest fee.
    ///
    /// Source: ethereum-optimism/specs `specs/protocol/holocene/exec-engine.md`, `specs/protocol/jovian/exec-engine.md`.
    static func stated(in extraData: [UInt8]) -> BaseFeeRule? {
        guard (extraData.count == 9 && extraData[0] == 0) || (extraData.count == 17 && extraData[0] == 1) else {
            return nil
        }
        func number(_ range: Range<Int>) -> UInt64 { extraData[range].reduce(0) { $0 << 8 | UInt64($1) } }
        guard number(1..<5) > 0, number(5..<9) > 0 else { return nil }
        return BaseFeeRule(
            elasticity: number(5..<9), denominator: number(1..<5),
            lowest: extraData.count == 17 ? number(9..<17) : 0)
    }
}

extension Snapshot {
    /// The base fee of the block after the pinned one, by the rule that gave the pinned one's own from its parent.
    ///
    /// - Returns: unknown where no known rule does, or the parent was not read.
    public func nextBaseFee() async throws(ChainError) -> Reading<UInt256> {
        guard block.baseFeePerGas != nil else { return .unknown(.failed("the block names no base fee")) }
        guard block.number > 0, let parent = try await blocks(at: [block.number - 1]).first ?? nil else {
            return .unknown(.failed("the block's parent was not read"))
        }
        // What the block's own header states is for the next one, where the rules are stated at all.
        guard let usual = BaseFeeRule.between(parent, block), let fee = (block.feeRule ?? usual).next(after: block)
        else {
            return .unknown(.failed("no known rule gives the block's base fee from its parent's"))
        }
        return .known(fee)
    }
}
