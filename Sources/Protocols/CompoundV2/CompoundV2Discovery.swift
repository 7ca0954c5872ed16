import Bindings
import Chain
public import Ethereum
public import Lending

extension CompoundV2.Market {
    /// Nothing but `Borrow` opens a debt, and debts cannot be transferred: the borrowers are those of these events, and
    /// with Venus those of `MintVAI`. Source: compound.md A2.
    ///
    /// The row of an account changes with its tokens, of which `Transfer` tells also when a market mints, redeems and
    /// seizes; with the tokens that count, where a market caps them; and with the markets that it enters and leaves.
    public var events: MarketEvents {
        let cTokens = state.markets.map(\.address)
        let controller = state.vaiController.isZero ? [] : [state.vaiController]
        let debtors = Set(cTokens + controller)
        let borrow = CompoundCToken.BorrowEvent.topic0
        let repay = CompoundCToken.RepayBorrowEvent.topic0
        let mintVAI = VenusVAIController.MintVAIEvent.topic0
        let transfer = ERC20.TransferEvent.topic0
        let entered = CompoundComptroller.MarketEnteredEvent.topic0
        let exited = CompoundComptroller.MarketExitedEvent.topic0
        let selected = CompoundComptroller.PoolSelectedEvent.topic0
        let collateral = CompoundCToken.UserCollateralChangedEvent.topic0
        // A comptroller without markets has no debts; a query needs somebody to ask.
        let opening = debtors.isEmpty ? [comptroller] : debtors.sorted()
        return MarketEvents(
            from: deployBlock, opening: LogQuery(addresses: opening, topics: [[borrow, mintVAI]]),
            touching: LogQuery(
                addresses: Set(opening + [comptroller]).sorted(),
                topics: [[borrow, mintVAI, repay, transfer, entered, exited, selected, collateral]])
        ) { log, touches in
            func touch(topic: Int, word: Int, _ what: String, opens: Bool = false) {
                guard let address = CompoundV2.address(of: log, topic: topic, word: word) else {
                    touches.broken.append(
                        LogGap(from: log.blockNumber, to: log.blockNumber, why: "\(what) names no account"))
                    return
                }
                guard !address.isZero else { return }
                touches.touched.append(Account(address))
                if opens { touches.borrowers.append((Account(address), log.blockNumber)) }
            }
            switch log.topic(0) {
            case borrow where debtors.contains(log.address):
                touch(topic: 1, word: 0, "a Borrow event", opens: true)
            case mintVAI where debtors.contains(log.address):
                touch(topic: 1, word: 0, "a MintVAI event", opens: true)
            case repay: touch(topic: 2, word: 1, "a RepayBorrow event")
            case transfer:
                touch(topic: 1, word: 0, "a Transfer event")
                touch(topic: 2, word: 1, "a Transfer event")
            case entered, exited: touch(topic: 2, word: 1, "an event of the comptroller")
            case selected: touch(topic: 1, word: 0, "a PoolSelected event")
            case collateral: touch(topic: 1, word: 0, "a UserCollateralChanged event")
            default: break
            }
        }
    }

    /// The rules, and which contracts count for which number.
    public var fingerprint: Hash32 {
        var bytes = Array("compound row 1 \(state.rules.name)".utf8)
        for market in state.markets { bytes += market.address.word.bigEndianBytes }
        return Keccak256.hash(bytes)
    }
}

extension CompoundV2 {
    /// An address that an event names: the forks index it, or do not.
    static func address(of log: Log, topic: Int, word: Int) -> Address? {
        if let topic = log.topic(topic) { return Address(checkedWord: topic.word) }
        // Indexed parameters stand before the others: a log that has some, but not this one, is another event.
        guard log.topicCount == 1 else { return nil }
        return log.word(word).flatMap { Address(checkedWord: $0) }
    }
}

extension CompoundV2.Book {
    /// How much of each market's debt the members explain, as stored.
    ///
    /// Both sides round down at other places. The total loses less than a unit with each accrual, of which a block has
    /// one at most; the index loses less than 1e-18 of itself with each; an account loses less than a unit each time it
    /// borrows more or repays, for which 64 times an account are allowed.
    ///
    /// Source: compound-finance/compound-protocol `CToken.accrueInterest`, `borrowFresh`, `repayBorrowFresh@a3214f6`.
    func coverage(from start: UInt64, to end: UInt64) -> [CoverageResidual] {
        state.markets.enumerated().map { place, market in
            let total = market.totalBorrows
            let explained = explained[place]
            let blocks = UInt256(end > start ? end - start + 1 : 1)
            var bound = blocks &+ UInt256(UInt64(64 * (asked + 1)))
            if let total = total.value, total.high == 0 {
                // A total below 2^128 times a block number stays below 2^192.
                do throws(MathError) {
                    bound = try bound + .mulDiv(total, blocks, .wad, .up)
                } catch {
                    bound = blocks
                }
            }
            return CoverageResidual(
                asset: market.underlying, symbol: market.underlyingSymbol, debtToken: market.address, unit: "amount",
                total: total.value, explained: explained.value, bound: bound,
                boundReason:
                    "the market's total and each debt are rounded down at other times: a unit a block, 64 units an account, 1e-18 of the total a block",
                unknown: (total.reason ?? explained.reason).map(\.description))
        }
    }

    /// What should be said aloud.
    var notices: [String] {
        var notices: [String] = []
        for market in state.markets {
            switch market.accrual {
            case .stuck(let why):
                notices.append("\(market.name) accrues no interest, so nobody can repay or seize there: \(why)")
            case .unknown(let reason): notices.append("whether \(market.name) accrues is not known: \(reason)")
            case .accrued:
                if market.accruesAsComputed == false {
                    notices.append("\(market.name) accrues by rules of its own; the contract's numbers are used")
                }
            }
            if let reason = market.flagIssue {
                notices.append("whether \(market.name) is paused is not known: \(reason)")
            }
            if let supply = market.totals?.supply, !supply.isZero, supply < 10_000, market.isListed {
                notices.append("\(market.name) has \(supply) tokens in all: its exchange rate can be raised by a gift")
            }
        }
        if state.isPaused { notices.append("the protocol is paused") }
        return notices
    }
}
