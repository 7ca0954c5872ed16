import Chain
public import Ethereum

extension Aave.MarketState {
    /// The table that evaluates accounts at this block.
    public var healthTable: Aave.HealthTable {
        let known = categories.keys.sorted().compactMap { id -> Aave.Category? in
            guard let category = categories[id]?.value else { return nil }
            // The contract asks for the replacing price before it looks at any reserve.
            if rules.categoryPrices, let price = category.price, price.value == nil { return nil }
            return category
        }
        let width = unreadable.isEmpty ? (reserves.map(\.id).max() ?? -1) + 1 : 128
        var columns = ContiguousArray<Aave.HealthTable.Column>()
        columns.reserveCapacity(width * (known.count + 1))
        for category in [nil] + known.map(Optional.some) {
            var row = ContiguousArray(repeating: Aave.HealthTable.Column(), count: width)
            for id in row.indices { row[id].isUnreadable = !unreadable.isEmpty }
            for reserve in reserves where row.indices.contains(reserve.id) {
                row[reserve.id] = column(of: reserve, in: category)
            }
            columns += row
        }
        return Aave.HealthTable(
            columns: columns, width: width,
            rows: Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1.id, $0 + 1) }),
            roundsHalfUp: rules.balanceRounding == .halfUp, roundsDebtValueUp: rules.roundsDebtValueUp,
            skipsZeroDebt: rules.skipsZeroDebt, sums: rules.healthFormula == .summed, stableDebt: rules.stableDebt)
    }

    private func column(of reserve: Aave.Reserve, in category: Aave.Category?) -> Aave.HealthTable.Column {
        let terms = terms(of: reserve, in: category)
        var column = Aave.HealthTable.Column()
        column.isListed = true
        column.unit = Aave.Math.unit(decimals: reserve.configuration.decimals)
        column.liquidationThreshold = UInt256(UInt64(terms.liquidationThreshold))
        column.ltv = UInt256(UInt64(terms.ltv))
        column.countsAsCollateral = terms.countsAsCollateral
        if let price = price(of: reserve, in: category).price.value {
            column.price = price
            column.hasPrice = true
        }
        if let index = liquidityIndex(of: reserve) {
            column.liquidityIndex = index
            column.hasLiquidityIndex = true
        }
        if owesAmounts(reserve) {
            column.owesAmounts = true
            column.hasBorrowIndex = true
        } else if let index = borrowIndex(of: reserve) {
            column.borrowIndex = index
            column.hasBorrowIndex = true
        }
        return column
    }

    /// Whether the contract takes the debt token's own `balanceOf` for the debt.
    public func owesAmounts(_ reserve: Aave.Reserve) -> Bool {
        rules.unaccountedDebtByBalance && !reserve.configuration.hasVirtualAccounting
    }

    /// The liquidity index at the block's time, a ray; `nil` where the contract reverts.
    public func liquidityIndex(of reserve: Aave.Reserve) -> UInt256? { liquidityIndex(of: reserve, at: timestamp) }

    /// The variable borrow index at the block's time, a ray; `nil` where the contract reverts.
    public func borrowIndex(of reserve: Aave.Reserve) -> UInt256? { borrowIndex(of: reserve, at: timestamp) }

    /// The liquidity index at a time, such as a later block's, a ray; `nil` where the contract would revert.
    public func liquidityIndex(of reserve: Aave.Reserve, at timestamp: UInt64) -> UInt256? {
        do throws(MathError) {
            return try Aave.Math.normalizedIncome(
                index: reserve.liquidityIndex, rate: reserve.liquidityRate, updated: reserve.lastUpdate, at: timestamp)
        } catch {
            return nil
        }
    }

    /// The variable borrow index at a time, such as a later block's, a ray; `nil` where the contract would revert.
    public func borrowIndex(of reserve: Aave.Reserve, at timestamp: UInt64) -> UInt256? {
        do throws(MathError) {
            return try Aave.Math.normalizedDebt(
                index: reserve.variableBorrowIndex, rate: reserve.variableBorrowRate, updated: reserve.lastUpdate,
                at: timestamp, rules.compounding)
        } catch {
            return nil
        }
    }
}
