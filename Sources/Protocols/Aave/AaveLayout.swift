import Ethereum

extension Aave {
    /// Where the contracts of one release keep what a health factor stands on: slots, and bits in them.
    ///
    /// The pool, its tokens and the provider are proxies or live as long as the market, so a release never moves what an
    /// older one stored.
    ///
    /// Source: aave/aave-v3-core v1.16.2 to v1.19.4 (revision 1); aave-dao/aave-v3-origin v3.1.0 to v3.6.0 and @4fbd7442
    /// (revisions 4 to 11): `VersionedInitializable.sol`, `PoolStorage.sol`, `DataTypes.sol`, `IncentivizedERC20.sol`,
    /// `DebtTokenBase.sol`, `AToken.sol`, `VariableDebtToken.sol`, `StableDebtToken.sol`, `AaveOracle.sol`,
    /// `PoolAddressesProvider.sol`. Revisions 1 and 5 are compared with their bytecode by the differential tests.
    struct Layout: Sendable {
        // MARK: Pool

        /// `lastInitializedRevision`: what `POOL_REVISION` was when the proxy was last upgraded.
        let revision: UInt256 = 0
        /// `_reserves`: asset → `ReserveData`.
        let reserves: UInt256 = 52
        /// `_usersConfig`: account → configuration.
        let accountConfigurations: UInt256 = 53
        /// `_reservesList`: number → asset.
        let reservesList: UInt256 = 54
        /// `_eModeCategories`: number → category.
        let categories: UInt256 = 55
        /// `_usersEModeCategory`: account → number of its category.
        let accountCategories: UInt256 = 56

        // MARK: Tokens

        /// `_userState` of an aToken: account → balance and index.
        let supplies: UInt256 = 52
        /// `_underlyingAsset` of an aToken.
        let suppliedAsset: UInt256 = 61
        /// `_userState` of a debt token: account → balance and index, or balance and rate where the rate is stable.
        let debts: UInt256 = 56
        /// `_underlyingAsset` of a debt token.
        let owedAsset: UInt256 = 55
        /// `_timestamps` of a stable debt token: account → time of its last update.
        let stableTimes: UInt256 = 62
        /// How many bits of `_userState` are the balance.
        var balanceBits = 128
        /// Bits of a balance that tokens with votes use for delegation: they were upgraded on their own until 3.4.
        var unclearBalance: UInt256 = UInt256.mask(bits: 8) << 120
        /// Whether the stable debt tokens count: in 3.1 they may be stubs that answer zero whatever is stored.
        var countsStableDebt = false

        // MARK: Oracle and provider

        /// `assetsSources` of the oracle: asset → source.
        let sources: UInt256 = 0
        /// `_addresses` of the provider: name → address.
        let addresses: UInt256 = 2

        /// The layout under these rules; `nil` for revisions whose source was not read.
        static func of(_ rules: Rules) -> Layout? {
            guard rules.generation == .v3 else { return nil }
            switch rules.revision {
            case 1: return Layout(countsStableDebt: true)
            case 4...7: return Layout()
            case 8...11: return Layout(balanceBits: 120, unclearBalance: .zero)
            default: return nil
            }
        }
    }

    /// Where a price source keeps its answer, by the hash of its code: adapters and aggregators differ too much to be
    /// known by anything less.
    struct FeedLayout: Sendable {
        /// The slot that is `latestAnswer()` as it stands.
        let answer: UInt256

        /// The sources that are known.
        static let known: [Hash32: FeedLayout] = [
            // The feed of the development chain, Tests/DevChain/devchain/assembly.py.
            Hash32(
                word: UInt256(
                    words: 0x5948_925d_0862_850f, 0xcc49_00aa_8bb0_c964, 0x0ab1_b1c6_d89b_6e68, 0x8562_3f57_66c2_b3ec)
            ): FeedLayout(answer: 0)
        ]
    }
}
