public import Ethereum

extension AaveV4.LiquidationCase {
    private static let whole: UInt256 = 10_000

    /// `_calculateLiquidationAmounts`: what a call of `liquidationCall` would move.
    ///
    /// - Throws: `.mustCover` where the liquidator would leave dust; `.reverts`.
    ///
    /// Source: aave/aave-v4 `src/spoke/libraries/LiquidationLogic.sol@cdacec50`.
    public func amounts() throws(AaveV4.LiquidationRefusal) -> AaveV4.LiquidationAmounts {
        let amounts: AaveV4.LiquidationAmounts
        let needed: UInt256
        do throws(MathError) {
            amounts = try wanted()
            needed =
                try UInt256.rayMulCeil(amounts.drawnShares, drawnIndex)
                + AaveV4.Math.unitsUp(amounts.premiumRay)
        } catch {
            throw .reverts(error)
        }
        guard debtToCover >= needed else { throw .mustCover(needed) }
        return amounts
    }

    /// What to seize and what to repay, before the liquidator's limit is held against it.
    private func wanted() throws(MathError) -> AaveV4.LiquidationAmounts {
        let bonus = try configuration.bonus(healthFactor: healthFactor, maxBonus: terms.maxLiquidationBonus)
        var (drawn, premium) = try debtToLiquidate(bonus)
        var seized = try collateral(drawn, premium, bonus)
        var leavesDust = false
        if seized < suppliedShares {
            let rest = try assets(suppliedShares - seized, .down)
            leavesDust =
                try AaveV4.Math.value(of: rest, price: collateralPrice, decimals: collateralDecimals)
                < AaveV4.LiquidationConfiguration.dustThreshold
        }
        if seized > suppliedShares || (leavesDust && drawn < drawnShares) {
            seized = suppliedShares
            let debtRay = try debtRay(of: seized, bonus)
            if debtRay <= premiumRay {
                premium = min(try Self.roundedUp(debtRay), premiumRay)
                drawn = .zero
            } else {
                premium = premiumRay
                drawn = try (debtRay - premium).divided(by: drawnIndex, .up)
                if drawn > drawnShares {
                    drawn = drawnShares
                    seized = min(try collateral(drawn, premium, bonus), suppliedShares)
                }
            }
        }
        let fee = try UInt256.mulDivChecked(
            seized, terms.liquidationFee * (bonus - Self.whole), by: bonus * Self.whole, .up)
        return AaveV4.LiquidationAmounts(
            collateralShares: seized, collateralSharesToLiquidator: try seized - fee, drawnShares: drawn,
            premiumRay: premium)
    }

    /// `_calculateDebtToTargetHealthFactor`: the debt that restores the target, in rays of the debt's token, up.
    public func debtRayToTarget(bonus: UInt256) throws(MathError) -> UInt256 {
        let penalty = try UInt256.percentMulCeil(
            bonus * AaveV4.Math.wadsInBasisPoint, terms.collateralFactor)
        return try .mulDiv(
            totalDebtValueRay, debtUnit * (configuration.targetHealthFactor - healthFactor),
            (configuration.targetHealthFactor - penalty) * (debtPrice * .wad), .up)
    }

    /// `_calculateDebtToLiquidate`: premium debt first, as much as restores the target; all where dust would remain.
    private func debtToLiquidate(_ bonus: UInt256) throws(MathError) -> (drawn: UInt256, premium: UInt256) {
        let target = try debtRayToTarget(bonus: bonus)
        var premium = min(try Self.roundedUp(target), premiumRay)
        if debtToCover < AaveV4.Math.unitsUp(premium) { premium = try debtToCover * .ray }
        var drawn = UInt256.zero
        if premium == premiumRay && premium < target {
            let toTarget = try (target - premium).divided(by: drawnIndex, .up)
            let toCover = try UInt256.mulDiv(
                debtToCover - AaveV4.Math.unitsUp(premium), .ray, drawnIndex, .down)
            drawn = min(toTarget, toCover, drawnShares)
        }
        let rest = try (drawnShares - drawn) * drawnIndex + premiumRay - premium
        let dust = try AaveV4.LiquidationConfiguration.dustThreshold * .ray
        if drawn < drawnShares,
            try AaveV4.Math.value(of: rest, price: debtPrice, decimals: debtDecimals) < dust
        {
            return (drawnShares, premiumRay)
        }
        return (drawn, premium)
    }

    /// `_calculateCollateralToLiquidate`: the shares that pay for a debt, down twice.
    private func collateral(
        _ drawn: UInt256, _ premium: UInt256, _ bonus: UInt256
    ) throws(MathError) -> UInt256 {
        let amount = try UInt256.mulDiv(
            drawn * drawnIndex + premium, debtPrice * collateralUnit * bonus,
            debtUnit * collateralPrice * Self.whole * .ray, .down)
        return try AaveV4.Math.shares(ofAssets: amount, totalAssets: pool.assets, totalShares: pool.shares)
    }

    /// The debt that all of the collateral pays for, in rays, up twice.
    private func debtRay(of seized: UInt256, _ bonus: UInt256) throws(MathError) -> UInt256 {
        try .mulDiv(
            assets(seized, .up), collateralPrice * debtUnit * Self.whole * .ray, debtPrice * collateralUnit * bonus,
            .up)
    }

    private func assets(_ shares: UInt256, _ rounding: Rounding) throws(MathError) -> UInt256 {
        try AaveV4.Math.assets(ofShares: shares, totalAssets: pool.assets, totalShares: pool.shares, rounding)
    }

    private static func roundedUp(_ rays: UInt256) throws(MathError) -> UInt256 {
        try AaveV4.Math.unitsUp(rays) * .ray
    }

    private var debtUnit: UInt256 { Aave.Math.assetUnit(decimals: debtDecimals) }
    private var collateralUnit: UInt256 { Aave.Math.assetUnit(decimals: collateralDecimals) }
}

extension UInt256 {
    /// `mulDivUp` and `mulDivDown` of the contract's own library: the product has to fit 256 bits.
    fileprivate static func mulDivChecked(
        _ a: UInt256, _ b: UInt256, by divisor: UInt256, _ rounding: Rounding
    ) throws(MathError) -> UInt256 {
        try (a * b).divided(by: divisor, rounding)
    }
}
