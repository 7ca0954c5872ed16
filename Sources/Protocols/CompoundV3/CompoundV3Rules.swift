/// Compound III has no revision number: what differs between its generations is data here, chosen by the functions
/// that a Comet answers.
extension CompoundV3 {
    /// What differs between the generations of Comet.
    public struct Rules: Hashable, Sendable {
        /// `3.0`: the first Comet; `3.1`: with an extended asset list; `3.2`: the service patch of 2026.
        public var version: String
        /// Whether collateral whose factor is zero is passed over without its price being read.
        public var skipsZeroFactors: Bool
        /// Whether a side of the market that is empty earns or pays nothing.
        public var emptySidesRest: Bool
    }
}

extension CompoundV3.Rules {
    /// `Comet.sol`, at most 15 assets. Source: compound-finance/comet contracts/Comet.sol@d5a30b0a.
    public static let first = CompoundV3.Rules(version: "3.0", skipsZeroFactors: false, emptySidesRest: false)
    /// `CometWithExtendedAssetList.sol`, at most 24 assets, otherwise the same arithmetic.
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a.
    public static let extended = CompoundV3.Rules(version: "3.1", skipsZeroFactors: false, emptySidesRest: false)
    /// The service patch. Source: Certora/woof-software-comet contracts/CometWithExtendedAssetList.sol@2f458e46;
    /// woof-software/comet@852226c4.
    public static let patched = CompoundV3.Rules(version: "3.2", skipsZeroFactors: true, emptySidesRest: true)

    /// The rules of a Comet, by whether it answers `assetList()` and `MAX_SUPPORTED_UTILIZATION()`.
    static func select(hasAssetList: Bool, limitsUtilization: Bool) -> CompoundV3.Rules {
        if limitsUtilization { return patched }
        return hasAssetList ? extended : first
    }
}
