public import Ethereum
public import Lending

extension MorphoBlue.Market {
    /// `_isHealthy` where the market's oracle answers other prices; a price is that of the collateral, as `price()`
    /// has it.
    ///
    /// The loan token is what prices are stated in: one given for it changes nothing.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match == .equal, let borrowed = position.hfDen else { return nil }
        guard let leg = position.collateral.first else {
            let isCovered = borrowed.isZero
            return Verdict(
                hfNum: .zero, hfDen: borrowed, hfProtocol: isCovered ? .max : .zero, liquidatable: !isCovered)
        }
        guard let lltv = leg.factorRaw else { return nil }
        do throws(MathError) {
            typealias Math = MorphoBlue.Math
            let value = try Math.mulDivDown(leg.amount, prices[leg.asset] ?? leg.priceRaw, Math.oraclePriceScale)
            let maxBorrow = try Math.wMulDown(value, lltv)
            return Verdict(
                hfNum: maxBorrow, hfDen: borrowed,
                hfProtocol: borrowed.isZero ? .max : try .mulDiv(maxBorrow, .wad, borrowed, .down),
                liquidatable: maxBorrow < borrowed)
        } catch {
            return nil
        }
    }
}
