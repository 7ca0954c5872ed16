import Chain
public import Ethereum
import Lending

extension AaveV4 {
    /// What an account holds in one reserve that it uses.
    public struct Holding: Hashable, Sendable {
        /// The reserve's number.
        public var reserve: Int
        /// Whether what it supplied secures its debt.
        public var isCollateral: Bool
        /// Whether it owes the reserve.
        public var isBorrowed: Bool
        /// Shares of drawn debt.
        public var drawnShares: UInt256
        /// Shares of premium debt.
        public var premiumShares: UInt256
        /// Subtracted from what the premium shares are worth, in rays; may be negative.
        public var premiumOffsetRay: Int256
        /// Shares of supply.
        public var suppliedShares: UInt256
        /// Which configuration of the reserve counts for this account.
        public var configurationKey: UInt64

        /// Makes a holding.
        public init(
            reserve: Int, isCollateral: Bool, isBorrowed: Bool, drawnShares: UInt256 = .zero,
            premiumShares: UInt256 = .zero, premiumOffsetRay: Int256 = .zero, suppliedShares: UInt256 = .zero,
            configurationKey: UInt64 = 0
        ) {
            self.reserve = reserve
            self.isCollateral = isCollateral
            self.isBorrowed = isBorrowed
            self.drawnShares = drawnShares
            self.premiumShares = premiumShares
            self.premiumOffsetRay = premiumOffsetRay
            self.suppliedShares = suppliedShares
            self.configurationKey = configurationKey
        }
    }

    /// Which reserves an account uses; reserve r: bit 2r owes, bit 2r + 1 secures, 128 reserves to a word.
    ///
    /// Source: aave/aave-v4 `src/spoke/libraries/PositionStatusMap.sol@cdacec50`.
    struct Status: Hashable, Sendable {
        var words: [UInt256]

        func owes(_ reserve: Int) -> Bool { bit(reserve, 0) }
        func secures(_ reserve: Int) -> Bool { bit(reserve, 1) }

        private func bit(_ reserve: Int, _ place: Int) -> Bool {
            words.indices.contains(reserve / 128) && words[reserve / 128][bit: 2 * (reserve % 128) + place]
        }

        /// The reserves in use, ascending. Bits of reserves that are not listed count for nothing.
        func used(of count: Int) -> [Int] {
            guard words.contains(where: { !$0.isZero }) else { return [] }
            return (0..<count).filter { owes($0) || secures($0) }
        }
    }

    /// The spoke's own answer about an account.
    struct AccountData: Hashable, Sendable {
        /// Risk premium, average collateral factor, health factor, both values, both counts.
        var words: [UInt256]

        static let names = [
            "riskPremium", "avgCollateralFactor", "healthFactor", "totalCollateralValue", "totalDebtValueRay",
            "activeCollateralCount", "borrowCount",
        ]

        var healthFactor: UInt256 { words[2] }

        /// Reads seven words; `nil` for bytes of another shape.
        init?(_ bytes: some Collection<UInt8>) {
            guard bytes.count == 224 else { return nil }
            let bytes = Array(bytes)
            words = (0..<7).compactMap { UInt256(bigEndian: bytes.span, at: $0 * 32) }
        }

        init(_ words: [UInt256]) { self.words = words }

        var bytes: [UInt8] { words.flatMap(\.bigEndianBytes) }
    }

    /// One account of a spoke.
    struct Member: Sendable {
        /// Who it is.
        let account: Account
        /// Which reserves it uses.
        var status = Status(words: [])
        /// The risk premium that its premium debt was last computed with, bps.
        var riskPremium = UInt256.zero
        /// What it holds in the reserves that it uses, ascending.
        var holdings: [Holding] = []
        /// Whether all of it came from a remembered row.
        var isRemembered = false
        /// What could not be read.
        var issues: [Unknown] = []
        /// What the spoke says of it.
        var accountData: Reading<AccountData> = .unknown(.failed("it was not asked"))

        init(_ account: Account) { self.account = account }

        /// Whether it owes something, as far as is known; true where that is not known.
        var mayOwe: Bool { !issues.isEmpty || holdings.contains { $0.isBorrowed } }
    }

    /// Everything that the positions of some accounts depend on, at one block.
    struct Book: Sendable {
        /// The spoke.
        var state: MarketState
        /// The accounts.
        var members: [Member]
        /// The configurations that their keys name.
        var configurations: [ConfigurationKey: Reading<DynamicConfiguration>]
    }
}
