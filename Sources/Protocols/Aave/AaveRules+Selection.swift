public import Ethereum

extension Aave {
    /// Which functions a pool answers: releases added one after the other and removed none.
    public struct Fingerprints: Hashable, Sendable {
        /// `getVirtualUnderlyingBalance(address)`, from 3.1.
        public var virtualBalance: Bool
        /// `getEModeCategoryCollateralBitmap(uint8)`, from 3.2.
        public var collateralBitmap: Bool
        /// `getReserveDeficit(address)`, from 3.3.
        public var deficit: Bool
        /// `RESERVE_INTEREST_RATE_STRATEGY()`, from 3.4.
        public var sharedRateStrategy: Bool
        /// `getEModeCategoryLtvzeroBitmap(uint8)`, from 3.6.
        public var zeroLTVBitmap: Bool
        /// `getIsEModeCategoryIsolated(uint8)`, from 3.7.
        public var isolatedCategory: Bool

        /// Makes a set of answers; none by default.
        public init(
            virtualBalance: Bool = false, collateralBitmap: Bool = false, deficit: Bool = false,
            sharedRateStrategy: Bool = false, zeroLTVBitmap: Bool = false, isolatedCategory: Bool = false
        ) {
            self.virtualBalance = virtualBalance
            self.collateralBitmap = collateralBitmap
            self.deficit = deficit
            self.sharedRateStrategy = sharedRateStrategy
            self.zeroLTVBitmap = zeroLTVBitmap
            self.isolatedCategory = isolatedCategory
        }
    }

    /// Why no rules can be chosen for a pool.
    public enum RulesRefusal: Error, Hashable, Sendable {
        /// No known release has this revision.
        case unknownRevision(UInt256, Fingerprints)
        /// The revision's release answers other functions than this pool does.
        case contradiction(revision: UInt64, expected: Fingerprints, got: Fingerprints)

        /// What was read, in words.
        public var read: String {
            switch self {
            case .unknownRevision(let revision, let got): "POOL_REVISION \(revision) with \(got)"
            case .contradiction(let revision, _, let got): "POOL_REVISION \(revision) with \(got)"
            }
        }

        /// What would have been understood, in words.
        public var expected: String {
            switch self {
            case .unknownRevision: "POOL_REVISION 1 to 11"
            case .contradiction(_, let expected, _): "\(expected)"
            }
        }
    }
}

extension Aave.Rules {
    /// The rules of a pool, by its revision; what its functions tell has to agree.
    ///
    /// - Throws: `.unknownRevision`; `.contradiction` where a fork counts its revisions in another way.
    public static func select(
        revision: UInt256, fingerprints: Aave.Fingerprints
    ) throws(Aave.RulesRefusal) -> Aave.Rules {
        guard let number = revision.asUInt64(), let rules = table.first(where: { $0.revision == number }) else {
            throw .unknownRevision(revision, fingerprints)
        }
        guard rules.fingerprints == fingerprints else {
            throw .contradiction(revision: number, expected: rules.fingerprints, got: fingerprints)
        }
        return rules
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Aave.Fingerprints: CustomStringConvertible {
    public var description: String {
        let names = [
            (virtualBalance, "getVirtualUnderlyingBalance"), (collateralBitmap, "getEModeCategoryCollateralBitmap"),
            (deficit, "getReserveDeficit"), (sharedRateStrategy, "RESERVE_INTEREST_RATE_STRATEGY"),
            (zeroLTVBitmap, "getEModeCategoryLtvzeroBitmap"), (isolatedCategory, "getIsEModeCategoryIsolated"),
        ].filter(\.0).map(\.1)
        return names.isEmpty ? "none of the later functions" : names.joined(separator: ", ")
    }
}
