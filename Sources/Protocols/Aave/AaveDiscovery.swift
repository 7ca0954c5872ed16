import Bindings
import Chain
public import Ethereum
public import Lending

extension Aave.Market {
    /// Nothing but `Borrow` opens a debt, flash loans that end as one included, and debt tokens cannot be transferred:
    /// the borrowers are the `onBehalfOf` of these events, which is their second topic in both generations.
    ///
    /// The row of an account changes with its scaled balances, of which every token tells by `Transfer` also when it
    /// mints and burns, and with its collateral flags and its category, of which the pool tells.
    public var events: MarketEvents {
        let pool = addresses.pool
        let tokens = state.reserves.flatMap { [$0.aToken, $0.stableDebtToken, $0.variableDebtToken] }
        let borrow = rules.generation == .v2 ? AaveV2LendingPool.BorrowEvent.topic0 : AavePool.BorrowEvent.topic0
        let transfer = ERC20.TransferEvent.topic0
        let category = AavePool.UserEModeSetEvent.topic0
        return MarketEvents(
            from: deployBlock, opening: LogQuery(addresses: [pool], topics: [[borrow]]),
            touching: LogQuery(
                addresses: [pool] + Set(tokens.filter { !$0.isZero }).sorted(),
                topics: [
                    [
                        borrow, category, transfer, AavePool.ReserveUsedAsCollateralEnabledEvent.topic0,
                        AavePool.ReserveUsedAsCollateralDisabledEvent.topic0,
                    ]
                ])
        ) { log, touches in
            func account(_ place: Int) -> Account? {
                log.topic(place).flatMap { Address(checkedWord: $0.word) }.map { Account($0) }
            }
            func miss(_ what: String) {
                touches.broken.append(
                    LogGap(from: log.blockNumber, to: log.blockNumber, why: "\(what) names no account"))
            }
            switch log.topic(0) {
            case borrow where log.address == pool:
                // Topic 2 is onBehalfOf, who owes; the caller only receives.
                guard let debtor = account(2) else { return miss("a Borrow event") }
                touches.borrowers.append((debtor, log.blockNumber))
                touches.touched.append(debtor)
            case transfer:
                guard let from = account(1), let to = account(2) else { return miss("a Transfer event") }
                touches.touched += [from, to].filter { !$0.address.isZero }
            case category where log.address == pool:
                guard let user = account(1) else { return miss("a UserEModeSet event") }
                touches.touched.append(user)
            default:
                // Both collateral flags: the reserve, then the user.
                guard let user = account(2) else { return miss("a collateral flag's event") }
                touches.touched.append(user)
            }
        }
    }

    /// The rules, and which contracts count for which number.
    public var fingerprint: Hash32 {
        var bytes = Array("aave row 1 \(rules.version)".utf8)
        for reserve in state.reserves {
            bytes += UInt256(UInt64(reserve.id)).bigEndianBytes
            bytes += reserve.aToken.word.bigEndianBytes + reserve.variableDebtToken.word.bigEndianBytes
            bytes += reserve.stableDebtToken.word.bigEndianBytes
            bytes.append(state.owesAmounts(reserve) ? 1 : 0)
        }
        return Keccak256.hash(bytes)
    }
}

extension Aave.Book {
    /// How much of each debt token the members explain.
    ///
    /// Variable debt is counted in scaled balances, which the token adds up itself: every mint and burn changes an
    /// account and the total by the same amount, so nothing may be left. Stable debt accrues at each account's own rate
    /// while the total accrues at the average one. The accounts then owe more than the total says, by s²·t²/2 for a
    /// spread of rates s and a time t, or by anything once a token has set its average to zero (`StableDebtToken.burn`
    /// does where the last accounts owe more than is left): more than the total is no sign that somebody is missing.
    /// Less may be one, beyond one part in 128, and what the cubes leave of compound interest (`stableRemainder`) where
    /// accounts have rested long at high rates and the total did not.
    var coverage: [CoverageResidual] {
        var residuals: [CoverageResidual] = []
        for reserve in state.reserves {
            residuals.append(variableResidual(reserve))
            if state.rules.stableDebt, let residual = stableResidual(reserve) { residuals.append(residual) }
        }
        for (asset, reason) in state.unreadable {
            residuals.append(
                CoverageResidual(
                    asset: asset, symbol: nil, debtToken: .zero, unit: "scaled", total: nil, explained: nil,
                    bound: .zero, boundReason: "", unknown: "the reserve cannot be read: \(reason)"))
        }
        return residuals
    }

    private func variableResidual(_ reserve: Aave.Reserve) -> CoverageResidual {
        let sum = scaledDebt[reserve.id]
        let total = totals[reserve.id]?.variable
        return CoverageResidual(
            asset: reserve.asset, symbol: reserve.symbol, debtToken: reserve.variableDebtToken, unit: "scaled",
            total: total?.value, explained: sum?.value, bound: .zero,
            boundReason: "the token changes an account and its total by the same scaled amount",
            unknown: (total?.reason ?? sum?.reason).map(\.description))
    }

    /// `nil` where the reserve has no stable debt token, or nobody uses it.
    private func stableResidual(_ reserve: Aave.Reserve) -> CoverageResidual? {
        guard let total = totals[reserve.id]?.stable else { return nil }
        let sum = stableDebt[reserve.id]
        if total.value?.isZero == true, sum?.value?.isZero != false { return nil }
        let larger = max(total.value ?? .zero, sum?.value ?? .zero)
        let rest = sheet.stableRemainder[reserve.id] ?? .zero
        let excess = (sum?.value ?? .zero).subtractingOrZero(total.value ?? .zero)
        let bound = max(((larger >> 7) &+ UInt256(UInt64(members.count))).addingOrMax(rest), excess)
        return CoverageResidual(
            asset: reserve.asset, symbol: reserve.symbol, debtToken: reserve.stableDebtToken, unit: "amount",
            total: total.value, explained: sum?.value, bound: bound,
            boundReason:
                "accounts accrue at their own stable rates, the total at their average: an account's excess, or one part in 128, one unit an account and what third-order interest leaves out",
            unknown: (total.reason ?? sum?.reason).map(\.description))
    }
}
