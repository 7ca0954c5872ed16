public import Ethereum

extension Aave {
    /// What the pool's `getUserAccountData` returns, and the sums behind it.
    public struct AccountTotals: Hashable, Sendable {
        /// Collateral that counts, in base units.
        public var collateral: UInt256
        /// Debt, in base units.
        public var debt: UInt256
        /// Σ collateral · threshold, in base units · bps.
        public var weightedCollateral: UInt256
        /// What may still be borrowed, in base units.
        public var availableBorrows: UInt256
        /// The average liquidation threshold, whole bps, rounded down.
        public var liquidationThreshold: UInt256
        /// The average loan to value, whole bps, rounded down.
        public var ltv: UInt256
        /// A wad: below 1e18 the account can be liquidated. `.max` without debt.
        public var healthFactor: UInt256

        /// An account that uses no reserve.
        public static let empty = AccountTotals(
            collateral: .zero, debt: .zero, weightedCollateral: .zero, availableBorrows: .zero,
            liquidationThreshold: .zero, ltv: .zero, healthFactor: .max)
    }

    /// Why an account has no totals.
    public enum Halt: Error, Hashable, Sendable {
        /// The contract reverts in its own arithmetic.
        case reverts(MathError)
        /// The index of a reserve's supplies cannot be computed: the contract reverts there.
        case liquidityIndex(reserve: Int)
        /// The index of a reserve's debt cannot be computed: the contract reverts there.
        case borrowIndex(reserve: Int)
        /// The price of a reserve is not known.
        case price(reserve: Int)
        /// A reserve is in use about which nothing could be read.
        case reserve(Int)
    }

    /// One pool at one block, ready to evaluate any number of accounts from memory.
    ///
    /// Everything that does not depend on the account is computed once, for each category that accounts are in.
    public struct HealthTable: Sendable {
        /// How one reserve counts for the accounts of one category.
        struct Column: Sendable {
            var liquidityIndex = UInt256.zero
            var borrowIndex = UInt256.zero
            var price = UInt256.zero
            var unit = FixedDivisor(.one)
            var liquidationThreshold = UInt256.zero
            var ltv = UInt256.zero
            var isListed = false
            var isUnreadable = false
            var countsAsCollateral = false
            var hasPrice = false
            var hasLiquidityIndex = false
            var hasBorrowIndex = false
            /// The debt token's answer is the amount itself.
            var owesAmounts = false
        }

        /// A row of columns for each category, row 0 for accounts in none.
        let columns: ContiguousArray<Column>
        /// Columns in a row.
        let width: Int
        /// The row of each category whose values are known.
        let rows: [Int: Int]
        let roundsHalfUp: Bool
        let roundsDebtValueUp: Bool
        let skipsZeroDebt: Bool
        let sums: Bool
        let stableDebt: Bool
    }
}

extension Aave.HealthTable {
    /// The row of a category; `nil` where its values are not known. Category 0 stands for none.
    public func row(category: Int) -> Int? { category == 0 ? 0 : rows[category] }

    /// The totals of one account, as the pool's `getUserAccountData` computes them.
    ///
    /// - Parameters:
    ///   - configuration: the account's configuration word.
    ///   - row: of the account's category.
    ///   - balances: what the tokens store for the account, for each listed reserve in use, ascending: the scaled
    ///     supply
    ///     where the reserve secures; the scaled variable debt where it is owed and then, under rules with stable
    ///     debt, the
    ///     amount owed at stable rates.
    ///   - start: where the account's balances begin.
    /// - Throws: where the contract reverts, and where something that the account depends on is not known.
    ///
    /// Source: aave-dao/aave-v3-origin `GenericLogic.calculateUserAccountData`.
    public func evaluate(
        configuration: UInt256, row: Int, balances: borrowing Span<UInt256>, at start: Int
    ) throws(Aave.Halt) -> Aave.AccountTotals {
        guard !configuration.isZero else { return .empty }
        var sums = Sums(next: start)
        try add(configuration.word0, first: 0, row, balances, &sums)
        if configuration.word1 != 0 { try add(configuration.word1, first: 32, row, balances, &sums) }
        if configuration.high != 0 {
            try add(configuration.word2, first: 64, row, balances, &sums)
            try add(configuration.word3, first: 96, row, balances, &sums)
        }
        do throws(MathError) {
            return try totals(of: sums)
        } catch {
            throw .reverts(error)
        }
    }

    /// What the loop over reserves adds up.
    struct Sums {
        var next: Int
        var collateral = UInt256.zero
        var debt = UInt256.zero
        var weightedCollateral = UInt256.zero
        var weightedLTV = UInt256.zero

        init(next: Int) { self.next = next }
    }

    /// Adds the 32 reserves whose bits are in one word of the configuration.
    @inline(__always)
    private func add(
        _ word: UInt64, first: Int, _ row: Int, _ balances: borrowing Span<UInt256>, _ sums: inout Sums
    ) throws(Aave.Halt) {
        var bits = word
        while bits != 0 {
            let place = bits.trailingZeroBitCount & ~1
            let flags = bits &>> UInt64(truncatingIfNeeded: place)
            bits &= ~(3 &<< UInt64(truncatingIfNeeded: place))
            let id = first &+ place / 2  // floor
            // A number beyond the list names no reserve: the contract passes over it.
            guard id < width else { return }
            let column = row &* width &+ id
            guard columns[column].isListed else {
                if columns[column].isUnreadable { throw .reserve(id) }
                continue
            }
            guard columns[column].hasPrice else { throw .price(reserve: id) }
            if flags & 2 != 0 { try addCollateral(id, column, balances, &sums) }
            if flags & 1 != 0 { try addDebt(id, column, balances, &sums) }
        }
    }

    @inline(__always)
    private func addCollateral(
        _ id: Int, _ column: Int, _ balances: borrowing Span<UInt256>, _ sums: inout Sums
    ) throws(Aave.Halt) {
        let scaled = balances[sums.next]
        sums.next &+= 1
        guard columns[column].countsAsCollateral else { return }
        guard columns[column].hasLiquidityIndex else { throw .liquidityIndex(reserve: id) }
        do throws(MathError) {
            let index = columns[column].liquidityIndex
            let amount = roundsHalfUp ? try UInt256.rayMul(scaled, index) : try UInt256.rayMulFloor(scaled, index)
            let value = try columns[column].unit.quotient(of: amount * columns[column].price)
            try sums.collateral += value
            try sums.weightedLTV += value * columns[column].ltv
            try sums.weightedCollateral += value * columns[column].liquidationThreshold
        } catch {
            throw .reverts(error)
        }
    }

    @inline(__always)
    private func addDebt(
        _ id: Int, _ column: Int, _ balances: borrowing Span<UInt256>, _ sums: inout Sums
    ) throws(Aave.Halt) {
        var amount = balances[sums.next]
        sums.next &+= 1
        guard columns[column].hasBorrowIndex || (skipsZeroDebt && amount.isZero) else {
            throw .borrowIndex(reserve: id)
        }
        do throws(MathError) {
            if !columns[column].owesAmounts {
                let index = columns[column].borrowIndex
                amount = roundsHalfUp ? try UInt256.rayMul(amount, index) : try UInt256.rayMulCeil(amount, index)
            }
            if stableDebt {
                try amount += balances[sums.next]
                sums.next &+= 1
            }
            let product = try amount * columns[column].price
            let unit = columns[column].unit
            try sums.debt += roundsDebtValueUp ? unit.quotientUp(of: product) : unit.quotient(of: product)
        } catch {
            throw .reverts(error)
        }
    }

    private func totals(of sums: Sums) throws(MathError) -> Aave.AccountTotals {
        var totals = Aave.AccountTotals(
            collateral: sums.collateral, debt: sums.debt, weightedCollateral: sums.weightedCollateral,
            availableBorrows: .zero, liquidationThreshold: .zero, ltv: .zero, healthFactor: .max)
        if !sums.collateral.isZero {
            totals.liquidationThreshold =
                try sums.weightedCollateral.quotientAndRemainder(dividingBy: sums.collateral).quotient
            totals.ltv = try sums.weightedLTV.quotientAndRemainder(dividingBy: sums.collateral).quotient
        }
        if self.sums {
            totals.healthFactor = try Aave.Math.summedHealthFactor(
                weightedCollateral: sums.weightedCollateral, debt: sums.debt)
        } else if !sums.debt.isZero {
            totals.healthFactor = try Aave.Math.averagedHealthFactor(
                adjustedCollateral: .percentMul(sums.collateral, totals.liquidationThreshold), debt: sums.debt)
        }
        totals.availableBorrows = try Aave.Math.availableBorrows(
            collateral: sums.collateral, debt: sums.debt, ltv: totals.ltv, roundsDown: self.sums)
        return totals
    }
}
