public import Chain
public import Ethereum
import Lending

extension CompoundV2 {
    /// What a market becomes once interest is accrued to the pinned block.
    public enum Accrual: Hashable, Sendable {
        /// The exchange rate and, where it could be computed, the borrow index.
        case accrued(exchangeRate: UInt256, index: UInt256?)
        /// `accrueInterest` reverts: what is stored goes on to count, and nobody can repay or seize here.
        case stuck(String)
        /// Not known.
        case unknown(Reason)
    }

    /// One market of a comptroller at one block.
    public struct CToken: Sendable {
        /// The contract.
        public var address: Address
        /// The symbol of the cToken; `nil` where it names none.
        public var symbol: String?
        /// What is lent; ``CompoundV2/native`` where the contract has no `underlying()`.
        public var underlying: Address
        /// Its symbol.
        public var underlyingSymbol: String?
        /// Decimal places of one whole underlying token.
        public var decimals: Reading<Int>
        /// Whether the comptroller lists it.
        public var isListed = true
        /// Collateral factor or liquidation threshold, 1e18.
        public var weight: Reading<UInt256>
        /// Liquidation incentive, 1e18 including the principal; `nil` where none could be read.
        public var incentive: UInt256?
        /// The oracle's answer, for 1e18 of the underlying's smallest units.
        public var price: Reading<UInt256>
        /// As stored.
        public var exchangeRate: Reading<UInt256>
        /// As stored; `nil` where a number of them could not be read.
        public var totals: Totals?
        /// Σ of all debts, as stored.
        public var totalBorrows: Reading<UInt256>
        /// Whether interest is counted in seconds.
        public var isTimeBased = false
        /// For each slot, 1e18; `nil` where the model answers nothing.
        public var borrowRate: UInt256?
        /// At the pinned block.
        public var accrual: Accrual
        /// The totals with interest up to the pinned block; `nil` where our own accrual is not the contract's.
        public var accruedTotals: Totals?
        /// The share of seized tokens that the market keeps, 1e18.
        public var seizeShare: Reading<UInt256> = .known(.zero)
        /// Whether our own accrual is the contract's; `nil` where there was nothing to compare.
        public var accruesAsComputed: Bool?
        /// Whether anybody may be liquidated here, whatever the health.
        public var isForced: Reading<Bool> = .known(false)
        /// The function that says so.
        public var forcedBy = ""
        /// Why the flags below are not all known; they are false then.
        public var flagIssue: Reason?
        /// Whether nothing new may be borrowed.
        public var isBorrowPaused = false
        /// Whether nothing new may be supplied.
        public var isMintPaused = false
        /// Whether its tokens may not be seized.
        public var isSeizePaused = false
        /// Whether its debts may not be liquidated.
        public var isLiquidationPaused = false

        /// The symbol, or the address where there is none.
        public var name: String { symbol ?? address.checksummed }

        /// The exchange rate that a liquidation at the pinned block finds.
        public var executionRate: Reading<UInt256> {
            switch accrual {
            case .accrued(let rate, _): .known(rate)
            case .stuck: exchangeRate
            case .unknown(let reason): .unknown(reason)
            }
        }
    }

    /// One of Venus' pools: parameters of its own for the accounts that chose it.
    public struct Pool: Hashable, Sendable {
        /// Whether it is in use; otherwise the core parameters hold.
        public var isActive: Bool
        /// Whether markets outside it keep their core parameters; otherwise they count nothing.
        public var fallsBack: Bool
        /// Threshold and incentive of its markets, by cToken, 1e18.
        public var terms: [Address: Terms]

        /// How one market counts.
        public struct Terms: Hashable, Sendable {
            /// What weighs collateral.
            public var weight: UInt256
            /// The liquidation incentive.
            public var incentive: UInt256
        }
    }

    /// A comptroller at one block, as far as accounts depend on it.
    public struct MarketState: Sendable {
        /// What differs by fork.
        public var rules: Rules
        /// The oracle.
        public var oracle: Address
        /// The markets, in the order of the comptroller.
        public var markets: [CToken]
        /// The share of one debt that one liquidation may repay, 1e18.
        public var closeFactor: UInt256?
        /// The collateral, not weighted, that `liquidateBorrow` wants more than; `nil` where there is none.
        public var minimumCollateral: UInt256?
        /// The only caller that may liquidate; zero for anyone.
        public var liquidator = Address.zero
        /// What that caller adds; `nil` where there is none.
        var liquidatorTerms: LiquidatorTerms?
        /// Whether everything has stopped.
        public var isPaused = false
        /// Counts VAI; zero for none.
        public var vaiController = Address.zero
        /// The token that it counts.
        public var vai = Address.zero
        /// The pools that accounts are in, by number.
        public var pools: [Int: Reading<Pool>] = [:]

        /// Places of the markets by address.
        var places: [Address: Int] {
            Dictionary(markets.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Stands for the chain's own coin, which no contract counts.
    public static let native = Address.native
}

extension CompoundV2.MarketState {
    /// How one market counts for accounts in `pool`; 0 stands for none.
    ///
    /// Source: VenusProtocol/venus-protocol `MarketFacet.getLiquidationParams@ce5c8beb`.
    func terms(of market: CompoundV2.CToken, in pool: Int) -> (weight: Reading<UInt256>, incentive: UInt256?) {
        guard pool != 0, rules.pools else { return (market.weight, market.incentive) }
        switch pools[pool] {
        case .known(let pool):
            guard pool.isActive else { return (market.weight, market.incentive) }
            if let terms = pool.terms[market.address] { return (.known(terms.weight), terms.incentive) }
            return pool.fallsBack ? (market.weight, market.incentive) : (.known(.zero), .zero)
        case .unknown(let reason): return (.unknown(reason), nil)
        case nil: return (.unknown(.failed("pool \(pool) was not read")), nil)
        }
    }
}

extension CompoundV2 {
    /// What one account has in one market that it entered.
    struct Holding: Sendable {
        /// The market's place in the state.
        var market: Int
        /// cTokens that count.
        var tokens = UInt256.zero
        /// The debt, as stored.
        var borrow = UInt256.zero
        /// The debt with interest accrued to the pinned block; `nil` where it is not known.
        var accrued: UInt256?
        /// Whether something may be owed: `false` only where a row says that nothing is.
        var mayOwe = true
        /// The code that the snapshot answers, 0 for success.
        var error = UInt256.zero
        /// Whether the account borrows here on credit, so that it cannot be liquidated.
        var isCredit: Reading<Bool> = .known(false)
    }

    /// One account with what it holds.
    struct Member: Sendable {
        /// Which.
        let account: Account
        /// The markets that it entered, in the comptroller's order.
        var holdings: [Holding] = []
        /// The pool that it chose, 0 for none.
        var pool = 0
        /// What it owes in VAI.
        var vai = UInt256.zero
        /// Whether only some may liquidate it, where one contract alone may.
        var isRestricted: Reading<Bool> = .known(false)
        /// The comptroller's answer: error, liquidity, shortfall.
        var answer: Reading<[UInt256]> = .unknown(.failed("it was not asked"))
        /// Whether the holdings are remembered and not read.
        var isRemembered = false
        /// What could not be read.
        var issues: [Unknown] = []
        /// Why the accrued debts are not known.
        var executionIssue: String?

        /// Whether it owes something, as far as was read; true where that is not known.
        var mayOwe: Bool {
            !issues.isEmpty || !vai.isZero || holdings.contains { !$0.borrow.isZero || !$0.error.isZero }
        }
    }

    /// Everything that the positions of some accounts depend on, at one block.
    struct Book: Sendable {
        /// The comptroller.
        var state: MarketState
        /// The accounts.
        var members: [Member]
        /// Σ of stored debts, by the market's place.
        var explained: [Reading<UInt256>]
        /// How many accounts were asked for.
        var asked: Int
        /// How the contract rounds, as its answers tell.
        var rounding: Rounding
    }
}
