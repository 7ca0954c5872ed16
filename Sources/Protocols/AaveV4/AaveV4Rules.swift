public import Ethereum

extension AaveV4 {
    /// What differs between revisions of hub and spoke.
    public struct Rules: Hashable, Sendable {
        /// What `SPOKE_REVISION` answers.
        public let revision: UInt64
        /// What `HUB_REVISION` of every hub has to answer.
        public let hubRevision: UInt64
        /// Decimal places of the oracle's prices.
        public let oracleDecimals: UInt64
        /// Where the spoke keeps its accounts.
        public let layout: Layout

        /// The version as it stands in a record: the family's generation and the spoke's revision.
        public var version: String { "4.\(revision)" }
    }

    /// What a spoke says of itself.
    public struct Fingerprints: Hashable, Sendable {
        /// What `SPOKE_REVISION()` answers; `nil` where there is no such function.
        public var revision: UInt256?
        /// Whether `MAX_USER_RESERVES_LIMIT()` answers.
        public var hasUserReservesLimit: Bool
        /// Whether `getLiquidationLogic()` names a contract.
        public var hasLiquidationLogic: Bool
        /// What `getUserAccountData` answers of the zero address, which nobody can borrow for.
        public var emptyAccount: [UInt256]
        /// How many decimal places the oracle's prices have; `nil` where it does not say.
        public var oracleDecimals: UInt64?

        /// Makes a set of answers.
        public init(
            revision: UInt256?, hasUserReservesLimit: Bool, hasLiquidationLogic: Bool, emptyAccount: [UInt256],
            oracleDecimals: UInt64?
        ) {
            self.revision = revision
            self.hasUserReservesLimit = hasUserReservesLimit
            self.hasLiquidationLogic = hasLiquidationLogic
            self.emptyAccount = emptyAccount
            self.oracleDecimals = oracleDecimals
        }
    }

    /// Why no rules can be chosen for a spoke.
    public struct RulesRefusal: Error, Hashable, Sendable {
        /// What was read, in words.
        public let read: String
        /// What would have been understood, in words.
        public let expected: String
    }
}

extension AaveV4.Rules {
    /// One row for each revision. Source: aave/aave-v4 @cdacec50 (v0.5.11, the release that was deployed first).
    public static let table = [
        AaveV4.Rules(revision: 1, hubRevision: 1, oracleDecimals: 8, layout: AaveV4.Layout())
    ]

    /// The rules of a spoke by its revision; what else it answers has to agree.
    ///
    /// - Throws: with what was read.
    public static func select(_ read: AaveV4.Fingerprints) throws(AaveV4.RulesRefusal) -> AaveV4.Rules {
        guard let rules = table.first(where: { UInt256($0.revision) == read.revision }) else {
            throw AaveV4.RulesRefusal(
                read: read.description,
                expected: "SPOKE_REVISION \(table.map { "\($0.revision)" }.joined(separator: ", "))")
        }
        let expected = AaveV4.Fingerprints(
            revision: UInt256(rules.revision), hasUserReservesLimit: true, hasLiquidationLogic: true,
            emptyAccount: [.zero, .zero, .max, .zero, .zero, .zero, .zero], oracleDecimals: rules.oracleDecimals)
        guard read == expected else {
            throw AaveV4.RulesRefusal(read: read.description, expected: expected.description)
        }
        return rules
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension AaveV4.Fingerprints: CustomStringConvertible {
    public var description: String {
        let words = emptyAccount.map { $0 == .max ? "2^256-1" : "\($0)" }.joined(separator: ", ")
        return "SPOKE_REVISION \(revision.map { "\($0)" } ?? "none")"
            + (hasUserReservesLimit ? ", MAX_USER_RESERVES_LIMIT" : ", no MAX_USER_RESERVES_LIMIT")
            + (hasLiquidationLogic ? ", getLiquidationLogic" : ", no getLiquidationLogic")
            + ", getUserAccountData of nobody (\(words)), oracle decimals \(oracleDecimals.map { "\($0)" } ?? "none")"
    }
}
