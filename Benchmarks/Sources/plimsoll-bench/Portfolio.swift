import Chain
import Dispatch
import Ethereum
import Lending
import Protocols
import Risk
import Synchronization

/// A million accounts of one pool over eight reserves, each with a root of its own: two that secure, two that are owed.
private struct Portfolio: Sendable {
    static let accounts = 1_000_000
    static let threads = 2
    let configurations: [UInt256]
    let balances: [UInt256]

    init() {
        var configurations: [UInt256] = []
        var balances: [UInt256] = []
        configurations.reserveCapacity(Self.accounts)
        balances.reserveCapacity(4 * Self.accounts)
        for account in 0..<Self.accounts {
            var word = UInt256.zero
            var amounts = [UInt256](repeating: .zero, count: 8)
            for step in 0..<4 {
                let id = (account + step * 2 + account / 8 % 2) % 8
                word = word | UInt256(step % 2 == 0 ? 2 : 1 as UInt64) << (2 * id)
                // Debts of three fifths of the collateral, more or less.
                let noise = (UInt64(account) &* 0x9E37_79B9_7F4A_7C15) >> 40
                amounts[id] =
                    UInt256(1_000_000_000_000_000_000 + noise * 60_000_000_000)
                    &* UInt256(step % 2 == 0 ? 5 : 3 as UInt64)
            }
            configurations.append(word)
            // In the order of the reserves, as a scan reads them.
            for id in 0..<8 where !amounts[id].isZero { balances.append(amounts[id]) }
        }
        self.configurations = configurations
        self.balances = balances
    }

    /// The pool with these prices of its reserves.
    static func table(_ prices: [UInt64]) -> Aave.HealthTable {
        let reserves = prices.enumerated().map { id, price in
            Aave.Reserve(
                id: id, asset: .zero, symbol: nil,
                configuration: Aave.ReserveConfiguration(
                    word: UInt256(7_500 as UInt64) | UInt256(8_000 as UInt64) << 16 | UInt256(10_500 as UInt64) << 32
                        | UInt256(18 as UInt64) << 48 | UInt256.one << 252),
                liquidityIndex: UInt256.ray &+ UInt256(UInt64(id)) &* 31_415_926_535_897_932,
                variableBorrowIndex: UInt256.ray &+ UInt256(UInt64(id)) &* 27_182_818_284_590_452,
                liquidityRate: 25_000_000_000_000_000_000_000_000,
                variableBorrowRate: 41_000_000_000_000_000_000_000_000,
                lastUpdate: 1_700_000_000, aToken: .zero, stableDebtToken: .zero, variableDebtToken: .zero,
                price: .known(UInt256(price)), source: PriceSource(.feed))
        }
        return Aave.MarketState(rules: Aave.Rules.table[10], timestamp: 1_700_003_600, reserves: reserves).healthTable
    }

    /// How many fall: every account by the contract's own integers, on two threads.
    func fallen(_ prices: [UInt64]) -> Int {
        let table = Self.table(prices)
        let total = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: Self.threads) { part in
            let range = part * Self.accounts / Self.threads..<(part + 1) * Self.accounts / Self.threads
            var count = 0
            for index in range {
                do throws(Aave.Halt) {
                    let totals = try table.evaluate(
                        configuration: configurations[index], row: 0, balances: balances.span, at: 4 * index)
                    if totals.healthFactor < .wad { count += 1 }
                } catch {
                    fatalError("\(error)")
                }
            }
            total.withLock { $0 += count }
        }
        return total.withLock { $0 }
    }

    /// What reading the same memory takes, on the same threads.
    func touch() -> UInt256 {
        let total = Mutex(UInt256.zero)
        DispatchQueue.concurrentPerform(iterations: Self.threads) { part in
            var sum = UInt256.zero
            for index in part * Self.accounts / Self.threads..<(part + 1) * Self.accounts / Self.threads {
                sum = sum ^ configurations[index]
            }
            for index in part * balances.count / Self.threads..<(part + 1) * balances.count / Self.threads {
                sum = sum ^ balances[index]
            }
            total.withLock { $0 = $0 ^ sum }
        }
        return total.withLock { $0 }
    }
}

private let portfolio = Portfolio()

/// Prices that differ from run to run.
private let clock = Mutex<UInt64>(0)

private func prices() -> [UInt64] {
    let tick = clock.withLock { clock in
        clock += 1
        return clock
    }
    return (0..<8).map { 200_000_000_000 + (tick &* 0x9E37_79B9 &+ UInt64($0) &* 0x85EB_CA6B) % 20_000_000_000 }
}

/// A million positions by the price of one root at which each turns.
private let thresholds: [ThresholdIndex.Entry] = (0..<1_000_000).map { number in
    let place = (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 30
    return ThresholdIndex.Entry(price: UInt256(place), debt: UInt256(UInt64(number) &* 1_000_003))
}
private let sorted = ThresholdIndex(falling: thresholds)

private func scenarios(_ index: ThresholdIndex) {
    var count = 0
    for scenario in 0..<10_000 as Range<UInt64> { count &+= index.fall(at: UInt256(scenario &* 1_717_986)).count }
    consume(count)
}

let portfolioBenchmarks: [Benchmark] = [
    Benchmark("portfolio/memory of 1,000,000 positions", operations: 1) { consume(portfolio.touch()) },
    Benchmark(
        "portfolio/re-price 1,000,000 × 8 roots", operations: 1, baseline: "portfolio/memory of 1,000,000 positions",
        bar: 250_000_000
    ) { consume(portfolio.fallen(prices())) },
    Benchmark("portfolio/sort 1,000,000 thresholds", operations: 1) { consume(ThresholdIndex(falling: thresholds)) },
    Benchmark("portfolio/10,000 scenarios, sorted", operations: 1, bar: 1_000_000_000) { scenarios(sorted) },
]
