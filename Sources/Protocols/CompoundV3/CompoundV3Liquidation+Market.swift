import Chain
import Ethereum
import JSON
public import Lending

extension CompoundV3 {
    /// A Comet once an account is absorbed.
    struct Absorbed {
        /// What the account becomes.
        var absorption: Math.Absorption
        /// The Comet's own collateral, the account's included.
        var lots: [(asset: Asset, amount: UInt256)]
        /// Its reserves of base; `nil` where they were not read.
        var reserves: Int256?
        /// Why nothing is sold then; `nil` where it is.
        var refusal: LiquidationRefusal?
    }
}

extension CompoundV3.Math {
    /// At what a collateral is sold.
    struct SaleTerms {
        var basePrice: UInt256
        var baseScale: UInt256
        var discounted: UInt256
        var scale: UInt256

        func quote(_ base: UInt256) throws(MathError) -> UInt256 {
            try CompoundV3.Math.quote(
                baseAmount: base, basePrice: basePrice, baseScale: baseScale, discounted: discounted, scale: scale)
        }

        func largestPurchase(of reserves: UInt256) throws(MathError) -> UInt256 {
            try CompoundV3.Math.largestPurchase(
                of: reserves, basePrice: basePrice, baseScale: baseScale, discounted: discounted, scale: scale)
        }

        /// The least base whose quote is `amount`, which is a quote: `amount · discounted · baseScale /
        /// (basePrice · scale)`, up.
        func leastBase(for amount: UInt256) throws(MathError) -> UInt256 {
            try (amount * discounted * baseScale).divided(by: basePrice * scale, .up)
        }
    }
}

extension CompoundV3.Market {
    /// What `absorb` makes of the Comet, from the numbers that the position states.
    func absorbed(_ position: Position) throws(LiquidationRefusal) -> CompoundV3.Absorbed {
        guard let principal = position.details["principal"]?.string.flatMap({ Int256(decimal: $0) }),
            principal.isNegative, let accrued = state.accrued,
            let basePrice = position.debt.first?.priceRaw ?? state.base.price.value,
            !position.unknown.contains(where: { $0.field == "collateral" })
        else { throw LiquidationRefusal("what absorb would do is not known") }
        var seized: [(value: UInt256, liquidationFactor: UInt256)] = []
        var lots: [(asset: CompoundV3.Asset, amount: UInt256)] = []
        let own = position.details["collateralReserves"]?.array ?? []
        for (place, asset) in state.assets.enumerated() {
            let isSkipped = state.rules.skipsZeroFactors && asset.liquidationFactor.isZero
            let leg = isSkipped ? nil : position.collateral.first { $0.asset == asset.token }
            if let leg { seized.append((leg.value, asset.liquidationFactor)) }
            guard place < own.count, let held = own[place].string.flatMap({ UInt256(decimal: $0) }) else { continue }
            lots.append((asset, held.addingOrMax(leg?.amount ?? .zero)))
        }
        do throws(MathError) {
            let absorption = try CompoundV3.Math.absorb(
                principal: principal, seized: seized, basePrice: basePrice, baseScale: state.base.scale, accrued)
            var absorbed = CompoundV3.Absorbed(absorption: absorption, lots: lots)
            guard let reserves = position.details["reserves"]?.string.flatMap({ Int256(decimal: $0) }) else {
                absorbed.refusal = LiquidationRefusal("the Comet's reserves were not read")
                return absorbed
            }
            let after = try reserves + change(accrued, principal, absorption)
            absorbed.reserves = after
            if state.totals.buyPaused {
                absorbed.refusal = LiquidationRefusal("buyCollateral is paused")
            } else if !after.isNegative, after.magnitude >= state.base.targetReserves {
                absorbed.refusal = LiquidationRefusal("the Comet keeps its collateral: its reserves suffice")
            }
            return absorbed
        } catch {
            throw LiquidationRefusal("absorb reverts: a number leaves its type")
        }
    }

    /// What the reserves gain by the totals' change; less than nothing as a rule.
    private func change(
        _ totals: CompoundV3.Totals, _ principal: Int256, _ absorption: CompoundV3.Math.Absorption
    ) throws(MathError) -> Int256 {
        typealias Math = CompoundV3.Math
        let supplied = try Math.presentValue(totals.totalSupplyBase, index: totals.baseSupplyIndex)
        let borrowed = try Math.presentValue(totals.totalBorrowBase, index: totals.baseBorrowIndex)
        let suppliedAfter = try Math.presentValue(
            totals.totalSupplyBase + absorption.newPrincipal.magnitude, index: totals.baseSupplyIndex)
        let borrowedAfter = try Math.presentValue(
            totals.totalBorrowBase - principal.magnitude, index: totals.baseBorrowIndex)
        let before = try Math.signed(supplied) - Math.signed(borrowed)
        let after = try Math.signed(suppliedAfter) - Math.signed(borrowedAfter)
        return try before - after
    }

    /// The account once it is absorbed: without debt, and without collateral but what the service patch leaves it.
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? {
        let absorbed: CompoundV3.Absorbed
        do throws(LiquidationRefusal) {
            absorbed = try self.absorbed(position)
        } catch {
            return nil
        }
        var after = position
        // The bits of everything are cleared: what is left over counts no more.
        after.collateral = []
        after.debt = []
        after.debtValue = .zero
        after.collateralValue = .zero
        after.hfNum = .zero
        after.hfDen = .zero
        after.hfProtocol = .max
        after.liquidatable = false
        after.match = .notCompared
        after.details["principal"] = .string(absorbed.absorption.newPrincipal.description)
        after.details["assetsIn"] = 0
        return after
    }
}
