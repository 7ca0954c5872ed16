import Chain
import Ethereum
import Lending
import Protocols

/// A pool of 12 reserves and 4,096 accounts, each with two that secure and two that are owed, as memory holds them.
private struct AavePool {
    let table: Aave.HealthTable
    let configurations: [UInt256]
    let balances: [UInt256]

    init(revision: Int) {
        let reserves = (0..<12).map { id in
            Aave.Reserve(
                id: id, asset: .zero, symbol: nil,
                configuration: Aave.ReserveConfiguration(
                    word: UInt256(7_500 as UInt64) | UInt256(8_000 as UInt64) << 16 | UInt256(10_500 as UInt64) << 32
                        | UInt256(id % 3 == 0 ? 6 : 18 as UInt64) << 48 | UInt256.one << 252),
                liquidityIndex: UInt256.ray &+ UInt256(UInt64(id)) &* 31_415_926_535_897_932,
                variableBorrowIndex: UInt256.ray &+ UInt256(UInt64(id)) &* 27_182_818_284_590_452,
                liquidityRate: 25_000_000_000_000_000_000_000_000,
                variableBorrowRate: 41_000_000_000_000_000_000_000_000,
                lastUpdate: 1_700_000_000, aToken: .zero, stableDebtToken: .zero, variableDebtToken: .zero,
                price: .known(UInt256(UInt64(100_000_000 + id * 31_234_567_890))), source: PriceSource(.feed))
        }
        table =
            Aave.MarketState(rules: Aave.Rules.table[revision - 1], timestamp: 1_700_003_600, reserves: reserves)
            .healthTable
        var configurations: [UInt256] = []
        var balances: [UInt256] = []
        for account in 0..<4_096 as Range<Int> {
            var word = UInt256.zero
            for step in 0..<4 {
                let id = (account + step * 3) % 12
                word = word | UInt256(step % 2 == 0 ? 2 : 1 as UInt64) << (2 * id)
                balances.append(UInt256(UInt64(account + 1) &* 0x9E37_79B9_7F4A_7C15) &* UInt256(UInt64(step + 1)))
            }
            configurations.append(word)
        }
        self.configurations = configurations
        self.balances = balances
    }

    func evaluateAll() {
        var sum = UInt256.zero
        for (index, configuration) in configurations.enumerated() {
            do throws(Aave.Halt) {
                let totals = try table.evaluate(
                    configuration: configuration, row: 0, balances: balances.span, at: 4 * index)
                sum = sum ^ totals.healthFactor
            } catch {
                fatalError("\(error)")
            }
        }
        consume(sum)
    }
}

private func positions(_ name: String, revision: Int) -> Benchmark {
    let pool = AavePool(revision: revision)
    // 3 million positions a second on one core.
    return Benchmark("aave-v3/\(name), 4 reserves", operations: 4_096, bar: 333) { pool.evaluateAll() }
}

let aaveBenchmarks: [Benchmark] = [
    positions("position under 3.2", revision: 5), positions("position under 3.7", revision: 11),
]
