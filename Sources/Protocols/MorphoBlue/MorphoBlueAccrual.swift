public import Ethereum
import JSON
public import Lending

extension MorphoBlue.Market {
    /// `_isHealthy` in a block of another time, after one `accrueInterest` from the totals that are stored now.
    ///
    /// A rate model that is none of ours states its rate for the pinned block alone: of later ones nothing is said.
    ///
    /// Source: morpho-org/morpho-blue src/Morpho.sol `_accrueInterest`@30856519.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? {
        guard position.debt.count == 1,
            let words = position.details["storedTotals"]?.array?.compactMap({
                $0.string.flatMap { UInt256(decimal: $0) }
            }), let totals = MorphoBlue.Totals(words: words), let model = MorphoBlue.model(position.details["irm"])
        else { return nil }
        var later = position
        do throws(MathError) {
            let accrued = try totals.accrued(at: timestamp, by: model).totals
            let borrowed = try MorphoBlue.Math.toAssetsUp(
                position.debt[0].raw, accrued.borrowAssets, accrued.borrowShares)
            later.hfDen = borrowed
            later.debt[0].amount = borrowed
        } catch {
            return nil
        }
        return revalue(later, at: prices)
    }
}

extension MorphoBlue {
    /// The rate model that details tell of; `nil` where it is not one of ours.
    fileprivate static func model(_ details: JSONValue?) -> RateModel? {
        switch details?["kind"]?.string {
        case "none": RateModel.none
        case "adaptive-curve":
            (details?["rateAtTarget"]?.string).flatMap { Int256(decimal: $0) }.map { .adaptiveCurve(rateAtTarget: $0) }
        default: nil
        }
    }
}
