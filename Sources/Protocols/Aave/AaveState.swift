public import Chain
public import Ethereum
public import Lending

extension Aave {
    /// The packed configuration of one reserve.
    ///
    /// Source: aave-dao/aave-v3-origin `ReserveConfiguration.sol`; aave.md §3.3.
    public struct ReserveConfiguration: Hashable, Sendable {
        /// The word.
        public let word: UInt256

        /// Reads a word.
        public init(word: UInt256) {
            self.word = word
        }

        private func field(_ position: Int, _ count: Int) -> Int {
            Int(truncatingIfNeeded: word.bits(position, count: count).low)
        }

        /// Loan to value, bps.
        public var ltv: Int { field(0, 16) }
        /// Liquidation threshold, bps.
        public var liquidationThreshold: Int { field(16, 16) }
        /// Liquidation bonus, bps including the principal: 10,500 is 5 %.
        public var liquidationBonus: Int { field(32, 16) }
        /// Decimal places of one whole token, 0 to 255.
        public var decimals: Int { field(48, 8) }
        /// Whether the reserve is in use.
        public var isActive: Bool { word[bit: 56] }
        /// Whether it takes no new supply and no new debt; liquidations go on.
        public var isFrozen: Bool { word[bit: 57] }
        /// Whether everything about it has stopped, liquidations included.
        public var isPaused: Bool { word[bit: 60] }
        /// The protocol's share of the liquidation bonus, bps; V3 alone.
        public var liquidationProtocolFee: Int { field(152, 16) }
        /// The category that the reserve belongs to, until 3.1; stale afterwards.
        public var category: Int { field(168, 8) }
        /// The most that accounts may borrow against the reserve in isolation mode, in hundredths of the base currency;
        /// 0 where the reserve is not isolated. Until 3.6.
        public var debtCeiling: Int { field(212, 40) }
        /// Whether the pool counts the reserve's liquidity itself; false for GHO on Ethereum in 3.1 to 3.3.
        public var hasVirtualAccounting: Bool { word[bit: 252] }
    }

    /// One asset of a pool at one block.
    public struct Reserve: Sendable {
        /// Its number, 0 to 127: the place of its bits in an account's configuration.
        public var id: Int
        /// The token.
        public var asset: Address
        /// The token's symbol; `nil` where it names none.
        public var symbol: String?
        /// The packed configuration.
        public var configuration: ReserveConfiguration
        /// Multiplier of supplied scaled balances when last stored, a ray.
        public var liquidityIndex: UInt256
        /// Multiplier of owed scaled balances when last stored, a ray.
        public var variableBorrowIndex: UInt256
        /// What suppliers earn, a ray a year.
        public var liquidityRate: UInt256
        /// What variable debt costs, a ray a year.
        public var variableBorrowRate: UInt256
        /// When the indexes were stored, seconds since 1970.
        public var lastUpdate: UInt64
        /// Counts supplies.
        public var aToken: Address
        /// Counts debt at stable rates, until 3.1; the zero address or a stub afterwards.
        public var stableDebtToken: Address
        /// Counts debt at the variable rate.
        public var variableDebtToken: Address
        /// What the oracle answers, in base units for one whole token.
        public var price: Reading<UInt256>
        /// Where that answer comes from.
        public var source: PriceSource

        /// Makes a reserve.
        public init(
            id: Int, asset: Address, symbol: String?, configuration: ReserveConfiguration, liquidityIndex: UInt256,
            variableBorrowIndex: UInt256, liquidityRate: UInt256, variableBorrowRate: UInt256, lastUpdate: UInt64,
            aToken: Address, stableDebtToken: Address, variableDebtToken: Address, price: Reading<UInt256>,
            source: PriceSource
        ) {
            self.id = id
            self.asset = asset
            self.symbol = symbol
            self.configuration = configuration
            self.liquidityIndex = liquidityIndex
            self.variableBorrowIndex = variableBorrowIndex
            self.liquidityRate = liquidityRate
            self.variableBorrowRate = variableBorrowRate
            self.lastUpdate = lastUpdate
            self.aToken = aToken
            self.stableDebtToken = stableDebtToken
            self.variableDebtToken = variableDebtToken
            self.price = price
            self.source = source
        }

        /// The symbol, or the address where there is none.
        public var name: String { symbol ?? asset.checksummed }
    }

    /// A set of assets that move together, within which more may be borrowed (the contracts' eMode).
    public struct Category: Sendable {
        /// Its number, 1 to 255.
        public var id: Int
        /// Loan to value of members, bps.
        public var ltv: Int
        /// Liquidation threshold of members, bps.
        public var liquidationThreshold: Int
        /// Liquidation bonus of members, bps including the principal.
        public var liquidationBonus: Int
        /// The asset whose price replaces that of every member, until 3.1; the zero address for none.
        public var priceSource: Address
        /// The replacing price, in base units; `nil` where there is no price source.
        public var price: Reading<UInt256>?
        /// Bit r: reserve r counts with the category's values, from 3.2.
        public var collateralBitmap: UInt256
        /// Bit r: reserve r counts with a loan to value of zero, from 3.6.
        public var zeroLTVBitmap: UInt256
        /// Whether assets outside count with a loan to value of zero, from 3.7.
        public var isIsolated: Bool

        /// Makes a category.
        public init(
            id: Int, ltv: Int, liquidationThreshold: Int, liquidationBonus: Int, priceSource: Address = .zero,
            price: Reading<UInt256>? = nil, collateralBitmap: UInt256 = .zero, zeroLTVBitmap: UInt256 = .zero,
            isIsolated: Bool = false
        ) {
            self.id = id
            self.ltv = ltv
            self.liquidationThreshold = liquidationThreshold
            self.liquidationBonus = liquidationBonus
            self.priceSource = priceSource
            self.price = price
            self.collateralBitmap = collateralBitmap
            self.zeroLTVBitmap = zeroLTVBitmap
            self.isIsolated = isIsolated
        }
    }

    /// Which reserves an account owes and which secure its debt.
    ///
    /// Reserve r: bit 2r owes, bit 2r+1 secures. Source: aave-dao/aave-v3-origin `UserConfiguration.sol`.
    public struct AccountConfiguration: Hashable, Sendable {
        /// The word.
        public let word: UInt256

        /// Reads a word.
        public init(word: UInt256) {
            self.word = word
        }

        /// Whether the account may owe anything.
        public var owes: Bool {
            !(word & UInt256(high: AccountConfiguration.mask, low: AccountConfiguration.mask)).isZero
        }
        /// Whether no reserve is in use.
        public var isEmpty: Bool { word.isZero }
        /// Whether the account may owe the reserve.
        public func owes(_ reserve: Int) -> Bool { word[bit: 2 * reserve] }
        /// Whether the reserve secures the account's debt.
        public func secures(_ reserve: Int) -> Bool { word[bit: 2 * reserve + 1] }
        /// The reserves in use, ascending.
        public var reserves: [Int] { (0..<128).filter { owes($0) || secures($0) } }

        private static let mask: UInt128 = 0x5555_5555_5555_5555_5555_5555_5555_5555
    }
}
