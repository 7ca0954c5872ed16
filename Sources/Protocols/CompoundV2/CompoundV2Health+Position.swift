import Chain
import Ethereum
import JSON
import Lending

extension CompoundV2.Market {
    /// The position of one member of the book.
    func position(of member: CompoundV2.Member, in book: CompoundV2.Book, at block: Block) -> Position {
        var position = Position(
            market: id, account: member.account, entrypoint: comptroller, block: block, hfUnit: "base1e18",
            predicate: "shortfall > 0", hfScale: .wad,
            valueUnit: ValueUnit(symbol: book.state.rules.currency, decimals: 18))
        position.unknown = member.issues
        position.details["rounding"] = .string(book.rounding.rawValue)
        book.addLegs(of: member, to: &position)
        let stored = book.state.evaluate(member, book.rounding, accrued: false)
        if case .sums(let sums) = stored {
            position.hfNum = sums.collateral
            position.hfDen = sums.debt
            position.collateralValue = sums.total
            position.debtValue = sums.debt
            position.details["liquidity"] = .string(sums.liquidity.description)
            position.details["shortfall"] = .string(sums.shortfall.description)
            do throws(MathError) {
                position.hfProtocol = try sums.health()
            } catch {
                position.unknown.append(Unknown("hfProtocol", "the number leaves 256 bits"))
            }
        }
        compare(&position, stored, with: member.answer)
        let accrued = book.state.evaluate(member, book.rounding, accrued: true)
        position.execution = execution(accrued, member, book)
        decide(&position, stored, accrued, member, book)
        return position
    }

    /// Sets what the comptroller says beside what was computed.
    private func compare(
        _ position: inout Position, _ stored: CompoundV2.Outcome, with answer: Reading<[UInt256]>
    ) {
        switch (answer, stored) {
        case (.unknown(let reason), _):
            position.unknown.append(Unknown("hfOnchain", "getAccountLiquidity: \(reason)"))
        case (.known(let words), .sums(let sums)):
            guard words.count == 3 else { return }
            position.match =
                words[0].isZero && words[1] == sums.liquidity && words[2] == sums.shortfall ? .equal : .differs
            // The comptroller states a difference: with the debt it makes the same fraction.
            if words[0].isZero, let health = CompoundV2.health(debt: sums.debt, words) { position.hfOnchain = health }
        case (.known(let words), .refused(let code, _)):
            guard words.count == 3 else { return }
            position.match = words[0] == code && words[1].isZero && words[2].isZero ? .equal : .differs
        case (.known, .reverts), (.known, .unknown): break
        }
    }

    /// What `liquidateBorrow` finds once every market that the account entered has accrued, which anyone may have done.
    private func execution(
        _ outcome: CompoundV2.Outcome, _ member: CompoundV2.Member, _ book: CompoundV2.Book
    ) -> ExecutionHealth {
        var health = ExecutionHealth(
            verdict: nil, predicate: "shortfall > 0 after accrueInterest() in every entered market",
            match: book.accrualMatch(of: member))
        guard case .sums(let sums) = outcome else { return health }
        var ratio: UInt256?
        do throws(MathError) {
            ratio = try sums.health()
        } catch {
            ratio = nil
        }
        health.verdict = Verdict(
            hfNum: sums.collateral, hfDen: sums.debt, hfProtocol: ratio, liquidatable: !sums.shortfall.isZero)
        return health
    }

    /// The verdict: what the liquidating call would find. Only where the contract agrees with the stored numbers, and
    /// nothing is missing, is there one.
    private func decide(
        _ position: inout Position, _ stored: CompoundV2.Outcome, _ accrued: CompoundV2.Outcome,
        _ member: CompoundV2.Member, _ book: CompoundV2.Book
    ) {
        func unknown(_ why: String) { position.unknown.append(Unknown("liquidatable", why)) }
        guard position.match != .differs else {
            return unknown("the contract disagrees: \(CompoundV2.difference(stored, member.answer))")
        }
        if let forced = book.forced(member) {
            switch forced {
            case .known(let text?):
                position.liquidatable = true
                position.details["forced"] = .string(text)
                position.predicate = "shortfall > 0, or the borrowed market lets anyone be liquidated"
                return
            case .known(nil): break
            case .unknown(let reason): return unknown("whether its debt may be liquidated in any case: \(reason)")
            }
        }
        switch accrued {
        case .sums(let sums):
            guard position.match == .equal else { return }
            let credit = member.holdings.filter { !$0.borrow.isZero }.map(\.isCredit)
            if !sums.shortfall.isZero, let reason = credit.compactMap(\.reason).first {
                return unknown("whether it owes on credit: \(reason)")
            }
            let owesOnCredit = !credit.isEmpty && credit.allSatisfy { $0.value == true }
            if owesOnCredit { position.details["credit"] = true }
            position.liquidatable = !sums.shortfall.isZero && !owesOnCredit
            if let minimum = book.state.minimumCollateral, !sums.shortfall.isZero {
                position.details["path"] = .string(
                    sums.total > minimum ? "liquidateBorrow" : "liquidateAccount or healAccount")
            }
        case .refused(let code, let why): unknown("the contract answers error \(code): \(why); no liquidation passes")
        case .reverts(let why): unknown("the contract reverts: \(why); no liquidation passes")
        case .unknown(let why): unknown(why)
        }
    }
}

extension CompoundV2 {
    /// The normal form of the comptroller's answer; `nil` where it fits no debt of this size.
    static func health(debt: UInt256, _ words: [UInt256]) -> UInt256? {
        do throws(MathError) {
            return try Sums(collateral: debt + words[1] - words[2], debt: debt).health()
        } catch {
            return nil
        }
    }

    /// What differs, in words.
    static func difference(_ stored: Outcome, _ answer: Reading<[UInt256]>) -> String {
        let said = answer.value.map { words in words.map(\.description).joined(separator: ", ") } ?? "nothing"
        let computed =
            switch stored {
            case .sums(let sums): "0, \(sums.liquidity), \(sums.shortfall)"
            case .refused(let code, _): "\(code), 0, 0"
            case .reverts, .unknown: "nothing"
            }
        return "getAccountLiquidity is (\(said)), computed (\(computed))"
    }
}

extension CompoundV2.Book {
    /// Whether a debt of the account may be liquidated whatever its health, and why; `nil` where it has no such debt.
    ///
    /// Source: compound-finance/compound-protocol `Comptroller.liquidateBorrowAllowed@a3214f6`: a deprecated market
    /// skips the shortfall, and `liquidateCalculateSeizeTokens` still wants both prices.
    func forced(_ member: CompoundV2.Member) -> Reading<String?>? {
        guard member.issues.isEmpty else { return nil }
        let debts = member.holdings.filter { !$0.borrow.isZero }.map { state.markets[$0.market] }
        let hasCollateral = member.holdings.contains { holding in
            let market = state.markets[holding.market]
            return !holding.tokens.isZero && market.price.value?.isZero == false && !market.isSeizePaused
        }
        for market in debts where market.isForced.value == true {
            guard market.price.value?.isZero == false, hasCollateral, !market.isLiquidationPaused else { continue }
            return .known("\(market.forcedBy)(\(market.address.checksummed))")
        }
        return debts.compactMap(\.isForced.reason).first.map { .unknown($0) }
    }

    /// Whether the contract accrues as computed: each market's exchange rate, and each debt as far as it can be computed
    /// from the stored balance, which is rounded.
    func accrualMatch(of member: CompoundV2.Member) -> Position.Match {
        guard member.issues.isEmpty, member.executionIssue == nil else { return .notCompared }
        var match = Position.Match.equal
        for holding in member.holdings {
            let market = state.markets[holding.market]
            guard market.accruesAsComputed == true, case .accrued(_, let index) = market.accrual, let index,
                let before = market.totals?.index, let accrued = holding.accrued
            else {
                if case .stuck = market.accrual { continue }
                match = .notCompared
                continue
            }
            guard !holding.borrow.isZero else { continue }
            do throws(MathError) {
                let low = try UInt256.mulDiv(holding.borrow, index, before, .down)
                let high = try UInt256.mulDiv(holding.borrow + .one, index, before, .down)
                if accrued < low || accrued > high { return .differs }
            } catch {
                match = .notCompared
            }
        }
        return match
    }
}
