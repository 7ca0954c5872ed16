/// The Aave family, versions 2 and 3, and its forks.
///
/// Rules differ between releases in rounding and in what a category of assets means; each release is a row of data
/// here or in ``AaveV2``, and no other room asks for a version.
extension Aave {
    /// What differs between the releases of Aave V2 and V3.
    public struct Rules: Hashable, Sendable {
        /// Which shape the contracts have: their functions, events, structures and storage.
        public enum Generation: String, Sendable {
            /// LendingPool and LendingPoolAddressesProvider.
            case v2
            /// Pool and PoolAddressesProvider.
            case v3
        }

        /// A polynomial that stands for compound interest.
        public enum Compounding: String, Sendable {
            /// The binomial with n, n−1 and n−2 seconds, from a rate cut to one second first.
            case binomialPerSecond
            /// The binomial with n, n−1 and n−2 seconds.
            case binomial
            /// Three terms of the exponential's series.
            case exponential
        }

        /// How scaled balances become amounts.
        public enum BalanceRounding: String, Sendable {
            /// Half up on both sides.
            case halfUp
            /// Collateral down, debt up.
            case againstTheAccount
        }

        /// How the health factor comes from the sums.
        public enum HealthFormula: String, Sendable {
            /// The average threshold, cut to whole basis points, is applied to the total collateral.
            case averaged
            /// The sum of weighted collateral is compared as it is.
            case summed
        }

        /// How an asset belongs to a category of assets.
        public enum CategoryMembership: String, Sendable {
            /// The asset's configuration word names its one category.
            case configurationByte
            /// The category lists its assets in a bitmap.
            case collateralBitmap
        }

        /// Which loan-to-value counts for an asset of the account's category.
        public enum CategoryLTV: String, Sendable {
            /// The category's, unless the asset's own is zero.
            case unlessBaseIsZero
            /// The category's, unless the category itself sets the asset's to zero.
            case unlessListedAsZero
        }

        /// How much of a debt one liquidation may repay.
        public enum CloseFactor: String, Sendable {
            /// Half of the account's debt in the asset.
            case half
            /// Half of it, and all of it at a health factor of 0.95 and below.
            case halfUntilUnhealthy
            /// All of it, but no more than half of everything the account owes while both sides of the pair are large
            /// and the health factor is above 0.95; and nothing small may be left behind.
            case halfOfPosition
        }

        /// How a liquidation rounds what it seizes.
        public enum SeizureRounding: String, Sendable {
            /// The bonus is applied before the division; there is no fee.
            case bonusFirst
            /// Half up throughout.
            case halfUp
            /// Half up, and what has to be repaid for all of a collateral is rounded up.
            case halfUpNeedUp
            /// Each site in the protocol's favour.
            case directed
        }

        /// How much of a debt one liquidation may repay.
        public internal(set) var closeFactor: CloseFactor = .halfUntilUnhealthy
        /// How a liquidation rounds what it seizes.
        public internal(set) var seizureRounding: SeizureRounding = .halfUp
        /// Whether a debt that no collateral secures any more is forgiven.
        public var forgivesBadDebt: Bool { closeFactor == .halfOfPosition }
        /// Which shape the contracts have.
        public internal(set) var generation: Generation = .v3
        /// The release, such as `3.2`.
        public internal(set) var version: String
        /// What `POOL_REVISION` answers, or `LENDINGPOOL_REVISION`.
        public internal(set) var revision: UInt64
        /// How debt grows between two updates of its index.
        public internal(set) var compounding: Compounding
        /// How scaled balances become amounts.
        public internal(set) var balanceRounding: BalanceRounding
        /// Whether the value of a debt is rounded up instead of down.
        public internal(set) var roundsDebtValueUp: Bool
        /// Whether a debt of zero is worth zero without its index being computed, which might overflow.
        public internal(set) var skipsZeroDebt: Bool
        /// How the health factor comes from the sums.
        public internal(set) var healthFormula: HealthFormula
        /// Whether accounts may be in a category of assets.
        public internal(set) var categories = true
        /// How an asset belongs to a category.
        public internal(set) var categoryMembership: CategoryMembership
        /// Whether a category may replace the price of its members, collateral and debt alike.
        public internal(set) var categoryPrices: Bool
        /// Which loan-to-value counts inside a category.
        public internal(set) var categoryLTV: CategoryLTV
        /// Whether collateral with a debt ceiling puts its account into isolation mode; it never enters the health factor.
        public var isolationMode: Bool { categories && !isolatedCategories }
        /// Whether an isolated category takes the loan-to-value of everything outside it.
        public internal(set) var isolatedCategories: Bool
        /// Whether collateral whose own threshold is zero is left out altogether, even for members of a category.
        public internal(set) var ignoresZeroThreshold: Bool
        /// Whether there may be debt at a stable rate.
        public internal(set) var stableDebt: Bool
        /// Whether debt of a reserve without virtual accounting is what the debt token's `balanceOf` says.
        public internal(set) var unaccountedDebtByBalance: Bool
        /// Whether a sentinel may hold liquidations back.
        public internal(set) var sentinel: Bool
        /// What the contract's own functions tell of its release.
        public internal(set) var fingerprints: Fingerprints
    }
}

extension Aave.Rules {
    /// One row for each revision; a row changes what its release changed and keeps the rest.
    ///
    /// Source: aave/aave-v3-core `GenericLogic.sol`, `MathUtils.sol` v1.16.2 and v1.19.4; aave-dao/aave-v3-origin the
    /// same files and `ReserveLogic.sol`, `ValidationLogic.sol`, `PoolInstance.sol` v3.1.0 to v3.6.0 and @fd1fbd91 (3.7).
    public static let table: [Aave.Rules] = {
        var rows = [first]
        func next(_ version: String, _ change: (inout Aave.Rules) -> Void = { _ in }) {
            var rules = rows[rows.count - 1]
            rules.version = version
            rules.revision += 1
            change(&rules)
            rows.append(rules)
        }
        next("3.0")
        next("3.0")
        next("3.1") { $0.fingerprints.virtualBalance = true }
        next("3.2") {
            $0.categoryMembership = .collateralBitmap
            $0.categoryPrices = false
            $0.stableDebt = false
            $0.fingerprints.collateralBitmap = true
        }
        next("3.2")
        next("3.3") {
            $0.unaccountedDebtByBalance = true
            $0.closeFactor = .halfOfPosition
            $0.fingerprints.deficit = true
        }
        next("3.4") {
            $0.compounding = .exponential
            $0.unaccountedDebtByBalance = false
            $0.fingerprints.sharedRateStrategy = true
        }
        next("3.5") {
            $0.balanceRounding = .againstTheAccount
            $0.roundsDebtValueUp = true
            $0.skipsZeroDebt = false
            $0.healthFormula = .summed
            $0.seizureRounding = .halfUpNeedUp
        }
        next("3.6") {
            $0.categoryLTV = .unlessListedAsZero
            $0.ignoresZeroThreshold = false
            $0.fingerprints.zeroLTVBitmap = true
        }
        next("3.7") {
            $0.isolatedCategories = true
            $0.sentinel = false
            $0.seizureRounding = .directed
            $0.fingerprints.isolatedCategory = true
        }
        return rows
    }()

    static let first = Aave.Rules(
        version: "3.0", revision: 1, compounding: .binomial, balanceRounding: .halfUp, roundsDebtValueUp: false,
        skipsZeroDebt: true, healthFormula: .averaged, categoryMembership: .configurationByte, categoryPrices: true,
        categoryLTV: .unlessBaseIsZero, isolatedCategories: false, ignoresZeroThreshold: true, stableDebt: true,
        unaccountedDebtByBalance: false, sentinel: true, fingerprints: Aave.Fingerprints())
}
