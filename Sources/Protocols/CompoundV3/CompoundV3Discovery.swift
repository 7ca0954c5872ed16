import Bindings
import Chain
public import Ethereum
public import Lending

extension CompoundV3.Market {
    /// A debt needs collateral at the moment it is opened, and no event need name it: a base `transfer` beyond what the
    /// sender has makes a debt of the difference, and says nothing where the receiver owed as much. So the candidates
    /// are whoever received collateral, by supply or by transfer. `Withdraw` adds those whose debt was worth nothing
    /// when it was opened, which needs no collateral. Operators act under the account's own name.
    ///
    /// The row of an account holds collateral alone, of which every change is told with its name.
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a.
    public var events: MarketEvents {
        let supply = CompoundV3Comet.SupplyCollateralEvent.topic0
        let transfer = CompoundV3Comet.TransferCollateralEvent.topic0
        let withdrawCollateral = CompoundV3Comet.WithdrawCollateralEvent.topic0
        let withdraw = CompoundV3Comet.WithdrawEvent.topic0
        let absorb = CompoundV3Comet.AbsorbCollateralEvent.topic0
        let absorbDebt = CompoundV3Comet.AbsorbDebtEvent.topic0
        return MarketEvents(
            from: deployBlock, opening: LogQuery(addresses: [comet], topics: [[supply, transfer, withdraw]]),
            touching: LogQuery(
                addresses: [comet],
                topics: [[supply, transfer, withdraw, withdrawCollateral, absorb, absorbDebt]])
        ) { log, touches in
            func account(_ place: Int) -> Account? {
                log.topic(place).flatMap { Address(checkedWord: $0.word) }.map { Account($0) }
            }
            func miss(_ what: String) {
                touches.broken.append(
                    LogGap(from: log.blockNumber, to: log.blockNumber, why: "\(what) names no account"))
            }
            switch log.topic(0) {
            case supply:
                guard let receiver = account(2) else { return miss("a SupplyCollateral event") }
                touches.borrowers.append((receiver, log.blockNumber))
                touches.touched.append(receiver)
            case transfer:
                guard let from = account(1), let to = account(2) else { return miss("a TransferCollateral event") }
                touches.borrowers.append((to, log.blockNumber))
                touches.touched += [from, to]
            case withdraw:
                guard let source = account(1) else { return miss("a Withdraw event") }
                touches.borrowers.append((source, log.blockNumber))
                touches.touched.append(source)
            case withdrawCollateral:
                guard let source = account(1) else { return miss("a WithdrawCollateral event") }
                touches.touched.append(source)
            default:
                // Both kinds of absorption: the absorber, then the borrower.
                guard let borrower = account(2) else { return miss("an absorption") }
                touches.touched.append(borrower)
            }
        }
    }

    /// Which asset each bit stands for.
    public var fingerprint: Hash32 {
        var bytes = Array("compound-v3 row 1 \(state.rules.version)".utf8)
        for asset in state.assets {
            bytes += UInt256(UInt64(asset.offset)).bigEndianBytes + asset.token.word.bigEndianBytes
        }
        return Keccak256.hash(bytes)
    }
}
