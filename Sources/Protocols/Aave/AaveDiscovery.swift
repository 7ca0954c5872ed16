import Bindings
import Chain
import Ethereum
import Lending

extension Aave {
    /// Finds everybody who may owe something to a pool.
    ///
    /// Nothing but `Borrow` opens a debt, flash loans that end as one included, and debt tokens cannot be
    /// transferred: the
    /// borrowers are the `onBehalfOf` of these events. Source: aave.md §2.1.
    struct Borrowers: Sendable {
        /// The pool that emits the events.
        let pool: Address
        /// The first block to read.
        let from: UInt64

        /// Every account once, in ascending order.
        func discover(
            on snapshot: Snapshot, progress: @escaping @Sendable (LogScanner.Progress) -> Void
        ) async throws(LendingError) -> Discovery {
            let query = LogQuery(addresses: [pool], topics: [[AavePool.BorrowEvent.topic0]])
            var found: Set<Address> = []
            var broken: [LogGap] = []
            do throws(ChainError) {
                let outcome = try await LogScanner(snapshot).scan(query, from: from, progress: progress) { logs in
                    for log in logs {
                        // Topic 2 is onBehalfOf, who owes; the caller only receives.
                        if log.topics.count > 2, let account = Address(checkedWord: log.topics[2].word) {
                            found.insert(account)
                        } else {
                            broken.append(
                                LogGap(
                                    from: log.blockNumber, to: log.blockNumber,
                                    why: "a Borrow event names no account on whose behalf"))
                        }
                    }
                }
                return Discovery(
                    accounts: found.sorted().map { Account($0) }, logs: outcome.logs, gaps: outcome.gaps + broken)
            } catch {
                throw .chain(error)
            }
        }
    }
}

extension Aave.Book {
    /// How much of each debt token the members explain.
    ///
    /// Variable debt is counted in scaled balances, which the token adds up itself: every mint and burn changes an
    /// account
    /// and the total by the same amount, so nothing may be left. Stable debt accrues at each account's own rate while
    /// the
    /// total accrues at the average one; the difference grows with the spread of the rates s and time t as s²·t²/2,
    /// which
    /// stays within one part in 128 for a spread of 10 % over 15 months.
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
        let bound = (larger >> 7) &+ UInt256(UInt64(members.count))
        return CoverageResidual(
            asset: reserve.asset, symbol: reserve.symbol, debtToken: reserve.stableDebtToken, unit: "amount",
            total: total.value, explained: sum?.value, bound: bound,
            boundReason:
                "accounts accrue at their own stable rates, the total at their average: one part in 128 and one unit an account",
            unknown: (total.reason ?? sum?.reason).map(\.description))
    }
}
