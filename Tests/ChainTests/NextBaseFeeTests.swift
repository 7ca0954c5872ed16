import Ethereum
import Testing

@testable import Chain

/// Base fees of EIP-1559, in whole wei.
@Suite struct NextBaseFeeTests {
    private static func block(
        _ number: UInt64, fee: UInt256, used: UInt64, limit: UInt64, rule: BaseFeeRule? = nil
    ) -> Block {
        Block(
            number: number, hash: Hash32(word: UInt256(number)), parentHash: Hash32(word: UInt256(number &- 1)),
            timestamp: 1_700_000_000 + 12 * number, baseFeePerGas: fee, gasUsed: used, gasLimit: limit, feeRule: rule)
    }

    /// ethereum/go-ethereum `consensus/misc/eip1559/eip1559_test.go` TestCalcBaseFee, and the edges of the rule.
    @Test func vectors() {
        let rows: [(fee: UInt256, used: UInt64, next: UInt256)] = [
            (1_000_000_000, 10_000_000, 1_000_000_000), (1_000_000_000, 9_000_000, 987_500_000),
            (1_000_000_000, 11_000_000, 1_012_500_000), (1_000_000_000, 20_000_000, 1_125_000_000),
            (1_000_000_000, 0, 875_000_000), (7, 10_000_001, 8), (7, 20_000_000, 8), (7, 9_999_999, 7),
            (0, 20_000_000, 1),
            (0, 0, 0),
        ]
        for row in rows {
            let next = BaseFeeRule.ethereum.next(after: row.fee, gasUsed: row.used, gasLimit: 20_000_000)
            #expect(next == row.next, "\(row)")
        }
        #expect(BaseFeeRule.ethereum.next(after: 1, gasUsed: 2, gasLimit: 1) == nil)
        #expect(BaseFeeRule.ethereum.next(after: 1, gasUsed: 0, gasLimit: 1) == nil)
        #expect(BaseFeeRule.ethereum.next(after: .max, gasUsed: 20, gasLimit: 20) == nil)
        // Canyon: six times the target, one part in 250.
        let canyon = BaseFeeRule(elasticity: 6, denominator: 250)
        #expect(canyon.next(after: 1_000_000, gasUsed: 30_000_000, gasLimit: 30_000_000) == 1_020_000)
    }

    /// Which rule it is shows between a block and its parent.
    @Test func theChainShowsItsRule() {
        for rule in BaseFeeRule.known {
            let parent = Self.block(9, fee: 1_000_000_007, used: 29_000_000, limit: 30_000_000)
            guard let fee = rule.next(after: parent) else {
                Issue.record("\(rule)")
                continue
            }
            let block = Self.block(10, fee: fee, used: 1, limit: 30_000_000)
            #expect(BaseFeeRule.between(parent, block) == rule)
            #expect(BaseFeeRule.between(parent, Self.block(10, fee: fee &+ .one, used: 1, limit: 30_000_000)) == nil)
            #expect(BaseFeeRule.between(Self.block(8, fee: 1, used: 1, limit: 2), block) == nil)
        }
        let stated = BaseFeeRule(elasticity: 3, denominator: 77)
        let parent = Self.block(9, fee: 1_000_000_007, used: 29_000_000, limit: 30_000_000)
        let block = Self.block(10, fee: stated.next(after: parent) ?? 0, used: 1, limit: 30_000_000, rule: stated)
        #expect(BaseFeeRule.between(parent, block) == stated)
    }

    /// Since Jovian a header states a lowest fee: an empty block leads no lower.
    @Test func aLowestFee() {
        let rule = BaseFeeRule.stated(in: [1, 0, 0, 0, 250, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40])
        #expect(rule == BaseFeeRule(elasticity: 6, denominator: 250, lowest: 1_000_000))
        #expect(rule?.next(after: 1_000_001, gasUsed: 0, gasLimit: 30_000_000) == 1_000_000)
        #expect(rule?.next(after: 7, gasUsed: 5_000_000, gasLimit: 30_000_000) == 1_000_000)
        #expect(rule?.next(after: 7, gasUsed: 30_000_000, gasLimit: 30_000_000) == 1_000_000)
        #expect(rule?.next(after: 10_000_000, gasUsed: 30_000_000, gasLimit: 30_000_000) == 10_200_000)
        // The parent's statement is what made the block's fee, and the block's own what makes the next.
        let parent = Self.block(9, fee: 1_000_000, used: 0, limit: 30_000_000, rule: rule)
        let block = Self.block(10, fee: 1_000_000, used: 0, limit: 30_000_000)
        #expect(BaseFeeRule.between(parent, block) == rule)
    }

    @Test func headersThatSayIt() {
        #expect(BaseFeeRule.stated(in: [0, 0, 0, 0, 250, 0, 0, 0, 6]) == BaseFeeRule(elasticity: 6, denominator: 250))
        #expect(
            BaseFeeRule.stated(in: [1, 0, 0, 0, 50, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 8))
                == BaseFeeRule(elasticity: 2, denominator: 50))
        #expect(BaseFeeRule.stated(in: [0, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(BaseFeeRule.stated(in: Array("geth".utf8)) == nil && BaseFeeRule.stated(in: []) == nil)
    }
}
