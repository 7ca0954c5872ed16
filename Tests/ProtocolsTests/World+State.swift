import Chain
import Ethereum
import Lending
import Protocols

extension World {
    var rules: Aave.Rules { Aave.Rules.table[revision - 1] }

    /// The market as the product holds it in memory.
    var state: Aave.MarketState {
        Aave.MarketState(
            rules: rules, timestamp: timestamp, reserves: reserves.map(\.reserve),
            categories: Dictionary(uniqueKeysWithValues: categories.map { ($0.id, .known($0.category(rules))) }))
    }

    /// The balances of one account, in the order that the evaluation wants them.
    func balances(of user: UserRow) throws(MathError) -> [UInt256] {
        var balances: [UInt256] = []
        for reserve in reserves {
            if let supply = user.supplies[reserve.id] { balances.append(supply) }
            guard let debt = user.debts[reserve.id] else { continue }
            let owesAmount = rules.unaccountedDebtByBalance && !reserve.configuration[bit: 252]
            balances.append(owesAmount ? user.debtBalances[reserve.id] ?? .zero : debt)
            guard rules.stableDebt else { continue }
            let stable = user.stable[reserve.id]
            guard let stable else {
                balances.append(.zero)
                continue
            }
            balances.append(
                try Aave.Math.stableDebt(
                    principal: stable.principal, rate: stable.rate, updated: stable.updated, at: timestamp))
        }
        return balances
    }

    /// The totals of one account, from the table.
    func totals(_ table: Aave.HealthTable, _ user: UserRow) throws(Aave.Halt) -> Aave.AccountTotals {
        let balances: [UInt256]
        do throws(MathError) {
            balances = try self.balances(of: user)
        } catch {
            throw .reverts(error)
        }
        let row = table.row(category: user.category) ?? -1
        return try table.evaluate(configuration: user.configuration, row: row, balances: balances.span, at: 0)
    }
}

extension World.ReserveRow {
    var reserve: Aave.Reserve {
        Aave.Reserve(
            id: id, asset: asset, symbol: "T\(id)", configuration: Aave.ReserveConfiguration(word: configuration),
            liquidityIndex: liquidityIndex, variableBorrowIndex: borrowIndex, liquidityRate: liquidityRate,
            variableBorrowRate: borrowRate, lastUpdate: updated, aToken: aToken, stableDebtToken: stableToken,
            variableDebtToken: variableToken, price: .known(price), source: PriceSource(.feed))
    }
}

extension World.CategoryRow {
    func category(_ rules: Aave.Rules) -> Aave.Category {
        Aave.Category(
            id: id, ltv: ltv.asInt() ?? 0, liquidationThreshold: threshold.asInt() ?? 0,
            liquidationBonus: bonus.asInt() ?? 0, priceSource: priceSource,
            price: priceSource.isZero || !rules.categoryPrices ? nil : .known(price),
            collateralBitmap: collateralBitmap,
            zeroLTVBitmap: zeroLTVBitmap, isIsolated: isIsolated)
    }
}
