import Chain
public import Ethereum

extension AaveV4 {
    /// What the spoke's `getUserAccountData` returns, and the sum behind its health factor.
    public struct AccountTotals: Hashable, Sendable {
        /// What the account's collateral adds to the price of its debt, bps.
        public var riskPremium = UInt256.zero
        /// The average collateral factor, a wad.
        public var averageCollateralFactor = UInt256.zero
        /// A wad: below 1e18 the account can be liquidated. `.max` without debt.
        public var healthFactor = UInt256.max
        /// Collateral that counts, 10^26 to a unit of the oracle's currency.
        public var collateralValue = UInt256.zero
        /// Debt, in the same unit times a ray.
        public var debtValueRay = UInt256.zero
        /// How many reserves count as collateral.
        public var activeCollateralCount = 0
        /// How many reserves are owed.
        public var borrowCount = 0
        /// Σ collateral factor · value, in values · bps.
        public var weightedCollateral = UInt256.zero

        /// An account that uses no reserve.
        public init() {}

        /// The contract's whole values of debt, up.
        public var debtValue: UInt256 { AaveV4.Math.unitsUp(debtValueRay) }
    }

    /// Why an account has no totals.
    public enum Halt: Error, Hashable, Sendable {
        /// The contract reverts in its own arithmetic.
        case reverts(MathError)
        /// The hub reverts where it values this reserve's supplies or debt.
        case hub(reserve: Int)
        /// The price of a reserve is not known.
        case price(reserve: Int)
        /// The configuration that the account's key names is not known.
        case configuration(reserve: Int)
        /// Nothing is known about the reserve.
        case reserve(Int)
    }

    /// A spoke at one block, ready to evaluate any number of accounts from memory.
    public struct HealthTable: Sendable {
        /// What one reserve means for every account.
        struct Column: Sendable {
            var isKnown = false
            var decimals = 0
            var risk = UInt256.zero
            var price: UInt256?
            var drawnIndex: UInt256?
            var totalAssets: UInt256?
            var totalShares = UInt256.zero
        }

        let columns: [Column]
        var configurations: [ConfigurationKey: DynamicConfiguration]
    }
}

extension AaveV4.MarketState {
    /// The table that evaluates accounts at this block.
    ///
    /// - Parameter configurations: what the keys of the accounts name.
    public func healthTable(
        _ configurations: [AaveV4.ConfigurationKey: AaveV4.DynamicConfiguration]
    ) -> AaveV4.HealthTable {
        let columns = reserves.map { reading in
            var column = AaveV4.HealthTable.Column()
            guard let reserve = reading.value else { return column }
            column.isKnown = true
            column.decimals = reserve.decimals
            column.risk = reserve.collateralRisk
            column.price = reserve.price.value
            column.drawnIndex = drawnIndex(of: reserve)
            column.totalAssets = totalAssets(of: reserve)
            column.totalShares = reserve.asset.value?.addedShares ?? .zero
            return column
        }
        return AaveV4.HealthTable(columns: columns, configurations: configurations)
    }

    /// The drawn index at the block's time, a ray; `nil` where the hub reverts or was not read.
    public func drawnIndex(of reserve: AaveV4.Reserve) -> UInt256? {
        do throws(MathError) {
            return try reserve.asset.value?.drawnIndex(at: timestamp)
        } catch {
            return nil
        }
    }

    /// What all supplies at the hub are worth at the block's time; `nil` where the hub reverts or was not read.
    public func totalAssets(of reserve: AaveV4.Reserve) -> UInt256? {
        do throws(MathError) {
            return try reserve.asset.value?.totalAddedAssets(at: timestamp)
        } catch {
            return nil
        }
    }
}

extension AaveV4.HealthTable {
    /// The totals of one account, as the spoke's `getUserAccountData` computes them.
    ///
    /// Collateral is rounded down once, from shares to tokens; debt is not rounded at all.
    ///
    /// - Parameter holdings: the reserves that the account uses.
    /// - Throws: where the contract reverts, and where something that the account depends on is not known.
    ///
    /// Source: aave/aave-v4 `src/spoke/Spoke.sol@cdacec50`, `_processUserAccountData`.
    public func evaluate(_ holdings: [AaveV4.Holding]) throws(AaveV4.Halt) -> AaveV4.AccountTotals {
        var totals = AaveV4.AccountTotals()
        var collateral: [(risk: UInt256, value: UInt256)] = []
        for holding in holdings {
            guard columns.indices.contains(holding.reserve), columns[holding.reserve].isKnown else {
                throw .reserve(holding.reserve)
            }
            let column = columns[holding.reserve]
            // The price is asked for whatever the reserve is used for.
            guard let price = column.price else { throw .price(reserve: holding.reserve) }
            if holding.isCollateral, let value = try add(holding, column, price, to: &totals) {
                collateral.append((column.risk, value))
            }
            guard holding.isBorrowed else { continue }
            guard let index = column.drawnIndex else { throw .hub(reserve: holding.reserve) }
            do throws(MathError) {
                let debtRay = try holding.drawnShares * index + holding.premiumRay(at: index)
                try totals.debtValueRay += AaveV4.Math.value(of: debtRay, price: price, decimals: column.decimals)
            } catch {
                throw .reverts(error)
            }
            totals.borrowCount += 1
        }
        do throws(MathError) {
            try finish(&totals, collateral)
        } catch {
            throw .reverts(error)
        }
        return totals
    }

    /// Adds a collateral; its value, or `nil` where the contract passes over it.
    private func add(
        _ holding: AaveV4.Holding, _ column: Column, _ price: UInt256, to totals: inout AaveV4.AccountTotals
    ) throws(AaveV4.Halt) -> UInt256? {
        let key = AaveV4.ConfigurationKey(reserve: holding.reserve, key: holding.configurationKey)
        guard let factor = configurations[key]?.collateralFactor else {
            throw .configuration(reserve: holding.reserve)
        }
        guard !factor.isZero, !holding.suppliedShares.isZero else { return nil }
        guard let totalAssets = column.totalAssets else { throw .hub(reserve: holding.reserve) }
        do throws(MathError) {
            let amount = try AaveV4.Math.assets(
                ofShares: holding.suppliedShares, totalAssets: totalAssets, totalShares: column.totalShares)
            let value = try AaveV4.Math.value(of: amount, price: price, decimals: column.decimals)
            try totals.collateralValue += value
            // What the list of collaterals has room for: KeyValueList.sol.
            guard value < .mask(bits: 224) else { throw MathError.overflow }
            try totals.weightedCollateral += factor * value
            totals.activeCollateralCount += 1
            return value
        } catch {
            throw .reverts(error)
        }
    }

    private func finish(
        _ totals: inout AaveV4.AccountTotals, _ collateral: [(risk: UInt256, value: UInt256)]
    ) throws(MathError) {
        totals.healthFactor = try AaveV4.Math.healthFactor(
            weightedCollateral: totals.weightedCollateral, debtValueRay: totals.debtValueRay)
        if !totals.collateralValue.isZero {
            totals.averageCollateralFactor = try (totals.weightedCollateral * AaveV4.Math.wadsInBasisPoint)
                .divided(by: totals.collateralValue, .down)
        }
        totals.riskPremium = try AaveV4.Math.riskPremium(debtValue: totals.debtValue, collateral)
    }
}

extension AaveV4.Math {
    /// The average risk of the collateral that covers a debt, the safest first and of equals the largest, bps, up.
    ///
    /// - Throws: `.overflow`.
    static func riskPremium(
        debtValue: UInt256, _ collateral: [(risk: UInt256, value: UInt256)]
    ) throws(MathError) -> UInt256 {
        var left = debtValue
        var premium = UInt256.zero
        for (risk, value) in collateral.sorted(by: { $0.risk == $1.risk ? $0.value > $1.value : $0.risk < $1.risk }) {
            guard !left.isZero else { break }
            let part = min(value, left)
            try premium += part * risk
            left = left &- part
        }
        guard left < debtValue else { return premium }
        return try premium.divided(by: debtValue &- left, .up)
    }
}

extension AaveV4.Holding {
    /// Premium debt in rays.
    ///
    /// - Throws: where the contract reverts.
    func premiumRay(at index: UInt256) throws(MathError) -> UInt256 {
        try AaveV4.Math.premiumRay(shares: premiumShares, offset: premiumOffsetRay, index: index)
    }
}
