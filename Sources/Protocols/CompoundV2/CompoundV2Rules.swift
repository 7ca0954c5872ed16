extension CompoundV2 {
    /// In which order the contract multiplies, and how it rounds, what collateral counts.
    public enum Rounding: String, Sendable, CaseIterable {
        /// `(factor · rate / 1e18) · price / 1e18`, each down: Compound from 2020-12 (compound-finance/compound-protocol
        /// `Comptroller.sol@a5591d5`), and nearly every fork.
        case truncating
        /// The same with each product rounded half up: Compound before that (`mulExp3`, `Exponential.sol@4caf72a`).
        case halfUp
        /// `threshold · (rate · price / 1e18) / 1e18`, each down: Venus' isolated pools.
        case weightLast
    }

    /// What differs between the forks, as data.
    ///
    /// Source: compound.md A7; the repositories and versions are named there and in `abis/`.
    public struct Rules: Hashable, Sendable {
        /// The fork's name in a network file.
        public var name: String
        /// The roundings that its code may have; the contract's own answers tell which.
        public var roundings: [Rounding] = [.truncating, .halfUp]
        /// The word of `markets(cToken)` that weighs collateral.
        public var weightWord = 1
        /// The word that holds a market's own liquidation incentive; `nil` where there is one for all.
        public var incentiveWord: Int?
        /// Whether a market without tokens and debt of the account is passed over, its price unasked.
        public var passesOverEmpty = false
        /// Whether markets that were taken off the list no longer count.
        public var passesOverDelisted = false
        /// Whether a missing price is answered with an error code; otherwise the call reverts.
        public var answersErrors = true
        /// Whether accounts choose pools with parameters of their own (`userPoolId`).
        public var pools = false
        /// Whether the comptroller adds VAI to the debt.
        public var mintsVAI = false
        /// Whether bad debt counts among a market's assets, and its rate model takes it.
        public var countsBadDebt = false
        /// Whether `liquidateBorrow` leaves small accounts to other calls (`minLiquidatableCollateral`).
        public var hasMinimumCollateral = false
        /// Whether some accounts owe on credit and cannot be liquidated (`creditLimits`).
        public var hasCreditAccounts = false
        /// The currency of its oracle's prices.
        public var currency = "USD"

        /// Every fork whose deviations are known.
        public static let known: [Rules] = [
            Rules(name: "compound"),
            Rules(
                name: "venus", roundings: [.truncating], weightWord: 3, incentiveWord: 4, pools: true, mintsVAI: true),
            Rules(
                name: "venus-isolated", roundings: [.weightLast], weightWord: 2, answersErrors: false,
                countsBadDebt: true, hasMinimumCollateral: true),
            Rules(name: "moonwell", roundings: [.truncating]),
            Rules(name: "benqi", roundings: [.truncating]),
            Rules(
                name: "ironbank", roundings: [.truncating], passesOverEmpty: true, passesOverDelisted: true,
                answersErrors: false, hasCreditAccounts: true),
            Rules(name: "cream", roundings: [.truncating, .halfUp]),
            Rules(name: "sonne"),
        ]

        /// The rules by the name of a fork; `nil` for a name that is not known.
        public static func named(_ name: String) -> Rules? { known.first { $0.name == name } }
    }
}
