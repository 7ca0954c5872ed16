import Chain
public import Ethereum
import JSON
public import Lending

extension AaveV4.Market {
    /// The spoke's comparison in a block of another time: every drawn index grown at the rate that its hub stores now.
    ///
    /// Source: aave/aave-v4 `src/hub/libraries/AssetLogic.sol@cdacec50`, as in ``AaveV4/HubAsset``.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? {
        guard timestamp >= state.timestamp,
            let supplies = position.details["collateralReserves"]?.array,
            supplies.count == position.collateral.count,
            let debts = position.details["debtReserves"]?.array, debts.count == position.debt.count
        else { return nil }
        var later = position
        do throws(MathError) {
            for (place, facts) in supplies.enumerated() where later.collateral[place].enabled {
                guard let asset = asset(facts) else { return nil }
                later.collateral[place].amount = try AaveV4.Math.assets(
                    ofShares: later.collateral[place].raw, totalAssets: asset.totalAddedAssets(at: timestamp),
                    totalShares: asset.addedShares)
            }
            for (place, facts) in debts.enumerated() {
                guard let asset = asset(facts) else { return nil }
                later.debt[place].index = try asset.drawnIndex(at: timestamp)
            }
        } catch {
            return nil
        }
        return revalue(later, at: prices)
    }

    private func asset(_ facts: JSONValue) -> AaveV4.HubAsset? {
        guard let id = facts["reserveId"]?.int, state.reserves.indices.contains(id) else { return nil }
        return state.reserves[id].value?.asset.value
    }
}
