public import Chain
public import Ethereum
public import Lending

extension Aave {
    /// A pool at one block, as far as accounts depend on it.
    public struct MarketState: Sendable {
        /// The rules of the block.
        public var rules: Rules
        /// `block.timestamp`, seconds since 1970.
        public var timestamp: UInt64
        /// The listed reserves by ascending id; ids may have gaps.
        public var reserves: [Reserve]
        /// Whether the whole pool has stopped, liquidations included, as only V2 pools can.
        public var isPaused: Bool
        /// Assets of the list that could not be read, so that their ids are not known either.
        public var unreadable: [(asset: Address, reason: Reason)]
        /// The categories that accounts are in, by id.
        public var categories: [Int: Reading<Category>]
        /// How many base units one unit of the base currency has.
        public var baseUnit: UInt256
        /// The base currency.
        public var valueUnit: ValueUnit

        /// Makes a state.
        public init(
            rules: Rules, timestamp: UInt64, reserves: [Reserve], isPaused: Bool = false,
            unreadable: [(asset: Address, reason: Reason)] = [], categories: [Int: Reading<Category>] = [:],
            baseUnit: UInt256 = 100_000_000, valueUnit: ValueUnit = ValueUnit(symbol: "USD", decimals: 8)
        ) {
            self.rules = rules
            self.timestamp = timestamp
            self.reserves = reserves
            self.isPaused = isPaused
            self.unreadable = unreadable
            self.categories = categories
            self.baseUnit = baseUnit
            self.valueUnit = valueUnit
        }

        /// The reserve by its number; `nil` where none is listed under it.
        public func reserve(_ id: Int) -> Reserve? { reserves.first { $0.id == id } }
    }

    /// How one reserve counts for the accounts of one category.
    public struct Terms: Hashable, Sendable {
        /// Whether the reserve is a member of the category.
        public var isMember: Bool
        /// Liquidation threshold, bps.
        public var liquidationThreshold: Int
        /// Loan to value, bps.
        public var ltv: Int
        /// Liquidation bonus, bps including the principal.
        public var liquidationBonus: Int
        /// Whether supplies count as collateral at all.
        public var countsAsCollateral: Bool
    }
}

extension Aave.MarketState {
    /// What should be said aloud of the market as a whole.
    var notices: [String] {
        unreadable.map { "reserve \($0.asset) cannot be read: \($0.reason)" }
            + reserves.filter { $0.price.value?.isZero == true }
            .map { "the oracle's price of \($0.name) is 0: the pool counts neither its collateral nor its debt" }
            + (isPaused ? ["the pool is paused: nobody can be liquidated"] : [])
    }

    /// How `reserve` counts for accounts in `category`; `nil` stands for accounts in none.
    public func terms(of reserve: Aave.Reserve, in category: Aave.Category?) -> Aave.Terms {
        let base = reserve.configuration
        var terms = Aave.Terms(
            isMember: false, liquidationThreshold: base.liquidationThreshold, ltv: base.ltv,
            liquidationBonus: base.liquidationBonus,
            countsAsCollateral: !rules.ignoresZeroThreshold || base.liquidationThreshold != 0)
        guard let category else { return terms }
        terms.isMember = isMember(reserve, of: category)
        if terms.isMember {
            terms.liquidationThreshold = category.liquidationThreshold
            terms.liquidationBonus = category.liquidationBonus
            terms.ltv =
                switch rules.categoryLTV {
                case .unlessBaseIsZero: base.ltv == 0 ? 0 : category.ltv
                case .unlessListedAsZero: category.zeroLTVBitmap[bit: reserve.id] ? 0 : category.ltv
                }
        } else if rules.isolatedCategories && category.isIsolated {
            terms.ltv = 0
        }
        return terms
    }

    /// Whether the reserve belongs to the category.
    private func isMember(_ reserve: Aave.Reserve, of category: Aave.Category) -> Bool {
        switch rules.categoryMembership {
        case .configurationByte: reserve.configuration.category == category.id
        case .collateralBitmap: category.collateralBitmap[bit: reserve.id]
        }
    }

    /// The price that the contract uses for `reserve` in accounts of `category`, with where it comes from.
    public func price(
        of reserve: Aave.Reserve, in category: Aave.Category?
    ) -> (price: Reading<UInt256>, source: PriceSource) {
        guard rules.categoryPrices, let category, isMember(reserve, of: category),
            let price = category.price, price.value?.isZero != true
        else { return (reserve.price, reserve.source) }
        return (price, PriceSource(.substitute, category.priceSource))
    }
}
