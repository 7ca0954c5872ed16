import Chain
public import Ethereum
import Lending

extension CompoundV3 {
    /// What the loop of `isLiquidatable` comes to.
    public struct Health: Hashable, Sendable {
        /// What the loop ends with; it stops as soon as it is not negative.
        public var liquidity: Int256
        /// The debt's value, 1e8 of the market's currency; zero without debt.
        public var debt: UInt256
        /// Σ value · liquidate collateral factor over everything held; `nil` where the loop stopped before a price
        /// that is not known.
        public var weighted: UInt256?
        /// What the contract answers.
        public var liquidatable: Bool

        /// The health factor, a wad: the weighted collateral over the debt, down. `.max` where the debt is worth
        /// nothing.
        public var factor: UInt256? {
            if debt.isZero { return .max }
            guard let weighted else { return nil }
            do throws(MathError) {
                return try .mulDiv(weighted, .wad, debt, .down)
            } catch {
                return .max
            }
        }
    }

    /// Why an account has no health.
    public enum Halt: Error, Hashable, Sendable {
        /// The contract reverts in its own arithmetic.
        case reverts(MathError)
        /// Interest cannot be accrued: the contract reverts there.
        case accrual
        /// The price of the base asset is not known.
        case basePrice
        /// The price of a collateral asset is not known.
        case price(asset: Int)
    }
}

extension CompoundV3.MarketState {
    /// `isLiquidatable` with the indexes of `totals`: the contract's loop, with its early returns.
    ///
    /// - Parameters:
    ///   - assetsIn: bit i: collateral i counts (bits 16 to 23 come from `_reserved`).
    ///   - balances: what is held of each counting asset, ascending.
    /// - Throws: where the contract reverts, and where a price that it reads is not known.
    ///
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a.
    public func health(
        principal: Int256, assetsIn: UInt32, balances: [UInt256], _ totals: CompoundV3.Totals?
    ) throws(CompoundV3.Halt) -> CompoundV3.Health {
        guard principal.isNegative else {
            return CompoundV3.Health(liquidity: .zero, debt: .zero, weighted: nil, liquidatable: false)
        }
        guard let totals else { throw .accrual }
        guard let basePrice = base.price.value else { throw .basePrice }
        let loan = try checked { () throws(MathError) in
            try CompoundV3.Math.signedMulPrice(
                CompoundV3.Math.presentValue(principal, totals), basePrice, scale: base.scale)
        }
        var health = CompoundV3.Health(
            liquidity: loan, debt: loan.magnitude, weighted: .zero, liquidatable: false)
        var isDecided = false
        for (asset, balance) in zip(held(assetsIn), balances) {
            // The contract returns here; what follows is only summed up.
            if !health.liquidity.isNegative { isDecided = true }
            if rules.skipsZeroFactors, asset.liquidateCollateralFactor.isZero { continue }
            guard let price = asset.price.value else {
                guard isDecided else { throw .price(asset: asset.offset) }
                health.weighted = nil
                continue
            }
            let value: UInt256
            do throws(MathError) {
                value = try CompoundV3.Math.mulFactor(
                    CompoundV3.Math.mulPrice(balance, price, scale: asset.scale), asset.liquidateCollateralFactor)
                if let sum = health.weighted { health.weighted = try sum + value }
                if !isDecided { health.liquidity = try health.liquidity + CompoundV3.Math.signed(value) }
            } catch {
                guard isDecided else { throw .reverts(error) }
                health.weighted = nil
            }
        }
        health.liquidatable = health.liquidity.isNegative
        return health
    }

    /// The assets whose bits are set, ascending.
    func held(_ assetsIn: UInt32) -> [CompoundV3.Asset] {
        assets.filter { $0.offset < 24 && assetsIn & (1 << UInt32($0.offset)) != 0 }
    }

    private func checked<Value>(_ body: () throws(MathError) -> Value) throws(CompoundV3.Halt) -> Value {
        do throws(MathError) {
            return try body()
        } catch {
            throw .reverts(error)
        }
    }

    /// Why an account has no health, in words.
    func why(_ halt: CompoundV3.Halt) -> String {
        switch halt {
        case .reverts: "the contract reverts: a number leaves its type"
        case .accrual: "the contract reverts: interest cannot be accrued"
        case .basePrice: "the price of \(base.name): \(base.price.reason.map(\.description) ?? "not known")"
        case .price(let offset):
            "the price of \(assets.first { $0.offset == offset }?.name ?? "asset \(offset)"): "
                + (assets.first { $0.offset == offset }?.price.reason.map(\.description) ?? "not known")
        }
    }
}
