public import Ethereum

extension AaveV2 {
    /// What a V2 pool answers besides its revision.
    public struct Fingerprints: Hashable, Sendable {
        /// How many bytes `getReserveData` answers for an asset that is not listed: 384 in V2, 480 in V3.
        public var reserveDataBytes: Int
        /// Whether `POOL_REVISION()` answers, which only V3 has.
        public var poolRevision: Bool
        /// Whether `getAddressesProvider()` is the provider that led to the pool.
        public var namesProvider: Bool

        /// Makes a set of answers; a V2 pool's by default.
        public init(reserveDataBytes: Int = 384, poolRevision: Bool = false, namesProvider: Bool = true) {
            self.reserveDataBytes = reserveDataBytes
            self.poolRevision = poolRevision
            self.namesProvider = namesProvider
        }
    }

    /// Why no rules can be chosen for a pool.
    public struct RulesRefusal: Error, Hashable, Sendable {
        /// What `LENDINGPOOL_REVISION` answered.
        public let revision: UInt256
        /// What else was read.
        public let fingerprints: Fingerprints
    }

    /// The rules of V2: those of 3.0 before there were categories, sentinels and a rate for the year in the powers.
    ///
    /// Source: aave/protocol-v2@ce53c4a8 `GenericLogic.sol`, `MathUtils.sol`, `ReserveLogic.sol`, `AToken.sol`,
    /// `VariableDebtToken.sol`, `StableDebtToken.sol`.
    public static let rules: Aave.Rules = {
        var rules = Aave.Rules.first
        rules.generation = .v2
        rules.version = "2"
        rules.compounding = .binomialPerSecond
        rules.categories = false
        rules.categoryPrices = false
        rules.sentinel = false
        rules.closeFactor = .half
        rules.seizureRounding = .bonusFirst
        return rules
    }()

    /// The revisions whose code is known to compute what ``rules`` says.
    ///
    /// 1: forks that count from one. 2: aave/protocol-v2@ce53c4a8. 3 and 4: Ethereum, where 4 added `rescueTokens` to 3
    /// and nothing else (bgd-labs, rescue mission, diff of `v2EthPool/LendingPool.sol`).
    public static let revisions: ClosedRange<UInt64> = 1...4

    /// The rules of a pool, by its revision; what else it answers has to agree.
    ///
    /// - Throws: what was read, where that is no V2 pool of a known revision.
    public static func select(
        revision: UInt256, fingerprints: Fingerprints
    ) throws(RulesRefusal) -> Aave.Rules {
        guard let number = revision.asUInt64(), revisions.contains(number), fingerprints == Fingerprints() else {
            throw RulesRefusal(revision: revision, fingerprints: fingerprints)
        }
        var rules = Self.rules
        rules.revision = number
        return rules
    }
}

extension AaveV2.RulesRefusal {
    /// What was read, in words.
    public var read: String {
        "LENDINGPOOL_REVISION \(revision) with \(fingerprints.reserveDataBytes) bytes of getReserveData, "
            + (fingerprints.poolRevision ? "POOL_REVISION, " : "")
            + (fingerprints.namesProvider ? "this provider" : "another provider")
    }

    /// What would have been understood, in words.
    public var expected: String {
        let revisions = AaveV2.revisions
        return "LENDINGPOOL_REVISION \(revisions.lowerBound) to \(revisions.upperBound) with 384 bytes of "
            + "getReserveData, no POOL_REVISION, this provider"
    }
}
