import Foundation

/// Pairs that are meant to stand still, such as a staked token against its coin: a band that the basis swings in, and
/// rare jumps out of it. The table of volatile prices does not hold for them.
public struct PeggedPair: Sendable {
    /// What kind of peg it is; each has its own hazard.
    public enum Kind: String, CaseIterable, Sendable {
        /// Claims on dollars in a bank.
        case fiatStable
        /// Dollars backed by crypto.
        case cryptoStable
        /// Staked coins.
        case staked
        /// Staked coins that are staked again.
        case restaked
        /// Bitcoin on another chain.
        case wrappedBitcoin

        /// Losses of the peg in a year: chosen, with a handful of events behind them.
        public var hazard: Double {
            switch self {
            case .fiatStable, .staked: 0.5
            case .cryptoStable: 1
            case .restaked: 2
            case .wrappedBitcoin: 0.25
            }
        }

        /// The volatility of the basis in a year, where no history is to be had.
        public var basisVolatility: Double {
            switch self {
            case .fiatStable, .cryptoStable: 0.02
            case .staked, .restaked, .wrappedBitcoin: 0.03
            }
        }
    }

    /// What the price feed follows.
    public enum Feed: String, Sendable {
        /// The market: a lost peg liquidates.
        case dynamic
        /// The rate of redemption: a lost peg liquidates nobody and is a hidden loss of lenders.
        case exchange
        /// A constant: the same.
        case fixed
    }

    /// The basis volatility in a year.
    public var volatility: Double
    /// How fast the basis comes back, in a year; 0 for never.
    public var reversion: Double
    /// Jumps in a year, each with the share of the distance that one unit of jump uses up.
    public var hazards: [(rate: Double, weight: Double)]
    /// What the feed follows.
    public var feed: Feed

    /// The smallest jump, and how fast larger ones become rare.
    public static let smallestJump = 0.01
    static let exponent = 1.1

    /// Makes a pair.
    public init(volatility: Double, reversion: Double = 0, hazards: [(rate: Double, weight: Double)], feed: Feed) {
        self.volatility = volatility
        self.reversion = reversion
        self.hazards = hazards
        self.feed = feed
    }

    /// The probability that a jump is at least so large.
    public static func exceeding(_ jump: Double) -> Double {
        jump <= smallestJump ? 1 : pow(smallestJump / jump, exponent)
    }

    /// The probability that the band alone reaches the line; 0 where the feed does not follow the market.
    public func band(_ distance: Double, within years: Double) -> Double {
        guard feed == .dynamic else { return distance > 0 ? 0 : 1 }
        guard distance > 0 else { return 1 }
        let spread =
            reversion * years > 1 ? volatility / (2 * reversion).squareRoot() : volatility * years.squareRoot()
        return spread > 0 ? min(1, 2 * NormalLaw.below(-distance / spread)) : 0
    }

    /// The probability that a jump reaches the line at market prices, whatever the feed says.
    public func jump(_ distance: Double, within years: Double) -> Double {
        let rate = hazards.reduce(0.0) { sum, hazard in
            hazard.weight > 0 ? sum + hazard.rate * PeggedPair.exceeding(distance / hazard.weight) : sum
        }
        return -expm1(-rate * years)
    }

    /// The probability of liquidation.
    public func probability(_ distance: Double, within years: Double) -> Double {
        guard feed == .dynamic else { return distance > 0 ? 0 : 1 }
        return 1 - (1 - band(distance, within: years)) * (1 - jump(distance, within: years))
    }
}
