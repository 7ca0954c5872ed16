public import Chain
public import Ethereum
public import Lending

extension CompoundV3 {
    /// `TotalsBasic`: two packed words that the whole market shares.
    public struct Totals: Hashable, Sendable {
        /// Multiplier of positive principals, 1e15.
        public var baseSupplyIndex: UInt256
        /// Multiplier of negative principals, 1e15.
        public var baseBorrowIndex: UInt256
        /// Rewards a unit of supply has earned; they never enter a health, and revert all accrual when they overflow.
        public var trackingSupplyIndex: UInt256
        /// Rewards a unit of debt has earned.
        public var trackingBorrowIndex: UInt256
        /// Σ of all positive principals.
        public var totalSupplyBase: UInt256
        /// Σ of the magnitudes of all negative principals.
        public var totalBorrowBase: UInt256
        /// When the indexes were stored, seconds since 1970.
        public var lastAccrualTime: UInt64
        /// Bits: supply, transfer, withdraw, absorb, buy.
        public var pauseFlags: UInt8

        /// Makes totals.
        public init(
            baseSupplyIndex: UInt256, baseBorrowIndex: UInt256, trackingSupplyIndex: UInt256 = .zero,
            trackingBorrowIndex: UInt256 = .zero, totalSupplyBase: UInt256, totalBorrowBase: UInt256,
            lastAccrualTime: UInt64, pauseFlags: UInt8 = 0
        ) {
            self.baseSupplyIndex = baseSupplyIndex
            self.baseBorrowIndex = baseBorrowIndex
            self.trackingSupplyIndex = trackingSupplyIndex
            self.trackingBorrowIndex = trackingBorrowIndex
            self.totalSupplyBase = totalSupplyBase
            self.totalBorrowBase = totalBorrowBase
            self.lastAccrualTime = lastAccrualTime
            self.pauseFlags = pauseFlags
        }

        /// Whether supplying has stopped.
        public var supplyPaused: Bool { pauseFlags & 1 != 0 }
        /// Whether `absorb` has stopped: nobody is liquidated.
        public var absorbPaused: Bool { pauseFlags & 8 != 0 }
        /// Whether `buyCollateral` has stopped.
        public var buyPaused: Bool { pauseFlags & 16 != 0 }
    }

    /// One interest rate model: per second, 1e18.
    public struct Curve: Hashable, Sendable {
        /// The utilisation at which the slope changes, 1e18.
        public var kink: UInt256
        /// Slope up to the kink.
        public var slopeLow: UInt256
        /// Slope above it.
        public var slopeHigh: UInt256
        /// Rate at a utilisation of zero.
        public var base: UInt256

        /// Makes a model.
        public init(kink: UInt256, slopeLow: UInt256, slopeHigh: UInt256, base: UInt256) {
            self.kink = kink
            self.slopeLow = slopeLow
            self.slopeHigh = slopeHigh
            self.base = base
        }
    }

    /// How fast rewards are tracked; needed only to know when accrual reverts.
    public struct Tracking: Hashable, Sendable {
        /// To suppliers, a second.
        public var supplySpeed: UInt256 = .zero
        /// To borrowers, a second.
        public var borrowSpeed: UInt256 = .zero
        /// The least total for which rewards accrue.
        public var minimum: UInt256 = .max

        /// No rewards.
        public init() {}
    }

    /// The asset that is supplied and borrowed.
    public struct Base: Sendable {
        /// The token.
        public var token: Address
        /// Its symbol; `nil` where it names none.
        public var symbol: String?
        /// Decimal places of one whole token.
        public var decimals: Int
        /// `10 ** decimals`.
        public var scale: UInt256
        /// Where its price comes from.
        public var priceFeed: Address
        /// `getPrice(baseTokenPriceFeed)`, 1e8 of the market's currency.
        public var price: Reading<UInt256>
        /// The smallest debt that an action may leave.
        public var borrowMin: UInt256
        /// Reserves from which on collateral is kept instead of sold.
        public var targetReserves: UInt256
        /// The share of the liquidation penalty that buyers of collateral get, 1e18.
        public var storeFrontPriceFactor: UInt256

        /// The symbol, or the address where there is none.
        public var name: String { symbol ?? token.checksummed }
    }

    /// One collateral asset, as `getAssetInfo` describes it.
    public struct Asset: Sendable {
        /// Its number: the bit in an account's `assetsIn`.
        public var offset: Int
        /// The token.
        public var token: Address
        /// Its symbol; `nil` where it names none.
        public var symbol: String?
        /// Decimal places of one whole token.
        public var decimals: Int
        /// Where its price comes from.
        public var priceFeed: Address
        /// What the Comet divides an amount by.
        public var scale: UInt256
        /// The share of its value that may be borrowed, 1e18.
        public var borrowCollateralFactor: UInt256
        /// The share of its value that counts before the line, 1e18.
        public var liquidateCollateralFactor: UInt256
        /// The share of its value that an absorbed account is credited with, 1e18.
        public var liquidationFactor: UInt256
        /// `getPrice(priceFeed)`, 1e8 of the market's currency.
        public var price: Reading<UInt256>
        /// Whether the market has withdrawn it (service patch).
        public var isDeactivated: Bool

        /// The symbol, or the address where there is none.
        public var name: String { symbol ?? token.checksummed }
    }

    /// A Comet at one block, as far as accounts depend on it.
    public struct MarketState: Sendable {
        /// The rules of the block.
        public var rules: Rules
        /// `block.timestamp`, seconds since 1970.
        public var timestamp: UInt64
        /// What the Comet stores.
        public var totals: Totals
        /// The same after `accrueInternal` at `timestamp`; `nil` where it reverts.
        public var accrued: Totals?
        /// The asset that is owed.
        public var base: Base
        /// The collateral, in the order of the contract's loop.
        public var assets: [Asset]
        /// What prices are stated in, with 8 decimal places.
        public var valueUnit: ValueUnit
        /// Rates for suppliers.
        public var supplyCurve: Curve
        /// Rates for borrowers.
        public var borrowCurve: Curve
        /// What should be said aloud.
        public var notices: [String] = []
    }
}
