import Chain
import Ethereum
import Lending

extension MorphoBlue {
    /// One market at one block.
    struct MarketState: Sendable {
        let id: Hash32
        var params: Reading<MarketParams>
        /// As stored: interest is accrued up to their `lastUpdate`.
        var totals: Reading<Totals>
        /// Where the rate comes from.
        var model: Reading<RateModel> = .unknown(.failed("it was not asked"))
        /// The average rate that the model states for the time since the last update; zero where there is no model.
        var statedRate: Reading<UInt256> = .known(.zero)
        /// The totals with interest up to the block.
        var accrued: Reading<Totals> = .unknown(.failed("they were not computed"))
        /// The rate that was applied for that.
        var rate: UInt256?
        /// What the singleton says after `accrueInterest`, where that was asked.
        var check = Check.notAsked
        var price: Reading<UInt256> = .unknown(.failed("it was not asked"))
        var loan = Token(decimals: 0)
        var collateral = Token(decimals: 0)
        var oracle = OracleFacts()
        var preLiquidations: [PreLiquidation] = []

        /// Whether the contract's own accrual gives the same six numbers.
        enum Check: Sendable, Equatable {
            /// They are the same.
            case equal
            /// They are not: in words.
            case differs(String)
            /// The path makes one call at a time; the stated rate is compared instead.
            case notAsked
        }
    }

    /// One account in one market.
    struct Member: Sendable {
        let account: Account
        let address: Address
        let id: Hash32
        var holding: Reading<Holding>
        /// What `liquidate` says of one share, where that was asked: whether the position is healthy.
        var isHealthyOnchain: Reading<Bool>?
        /// For each pre-liquidation contract of the market, whether the account lets it act.
        var authorizations: [Reading<Bool>] = []
    }

    /// Everything that the positions of some accounts depend on, at one block.
    struct Book: Sendable {
        var timestamp: UInt64
        var markets: [Hash32: MarketState] = [:]
        var members: [Member] = []
        /// Σ of the shares that all accounts that were asked for owe, by market.
        var owed: [Hash32: Reading<UInt256>] = [:]
        /// Slots that were read and not remembered.
        var fresh: [Account: UInt256] = [:]
        var notices: [String] = []
    }
}

extension MorphoBlue.MarketState {
    /// What keeps the debts of this market from being known; `nil` where they are.
    var issue: Unknown? {
        if let reason = params.reason { return Unknown("market", "idToMarketParams: \(reason)") }
        if let reason = totals.reason { return Unknown("market", "market(): \(reason)") }
        if let reason = model.reason { return Unknown("debt", "the interest rate: \(reason)") }
        if let reason = accrued.reason { return Unknown("debt", "accrueInterest: \(reason)") }
        return nil
    }

    /// Accrues interest up to the block, and compares where only the stated rate can be compared.
    mutating func accrue(at timestamp: UInt64) {
        guard case .known(let totals) = totals, case .known(let model) = model else { return }
        do throws(MathError) {
            let (after, rate) = try totals.accrued(at: timestamp, by: model)
            accrued = .known(after)
            self.rate = rate
        } catch {
            accrued = .unknown(.reverted("a number leaves its width"))
        }
    }
}
