public import Ethereum
import JSON
public import Lending

extension CompoundV3.Market {
    /// What `absorb` will find in a block of another time: the borrow index grown at the rate of the stored totals.
    ///
    /// Whether the indexes of rewards leave their types by then is not looked at.
    ///
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a `accruedInterestIndices`.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? {
        guard timestamp >= state.timestamp, position.debt.count == 1,
            let principal = position.details["principal"]?.string.flatMap({ Int256(decimal: $0) }),
            principal.isNegative
        else { return nil }
        var later = position
        do throws(MathError) {
            let rates = try CompoundV3.Math.rates(
                state.totals, supply: state.supplyCurve, borrow: state.borrowCurve, state.rules, baseBalance: nil)
            let totals = try CompoundV3.Math.accrue(state.totals, to: timestamp, rates: rates)
            later.debt[0].amount = try CompoundV3.Math.presentValue(
                principal.magnitude, index: totals.baseBorrowIndex)
        } catch {
            return nil
        }
        return revalue(later, at: prices)
    }
}
