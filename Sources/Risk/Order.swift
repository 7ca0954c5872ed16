import Ethereum
public import Lending

/// In which order positions are shown.
///
/// Every order is total: equal keys are settled by chain, family, deployment and account. A position of which nothing
/// certain is known is never sorted to the end, where it would be overlooked.
public enum Order: String, CaseIterable, Sendable {
    /// Who is liquidated first: what can be liquidated now, the larger debt first; then what is unknown; then by the
    /// fall
    /// of collateral that reaches the line.
    ///
    /// The key of `risk.md` §0 is the probability within 24 hours. Without volatilities the fall stands in for it: it
    /// puts
    /// positions with the same basket in the same order, and says nothing about how likely that fall is.
    case urgency
    /// What a borrower watches: as `urgency`, but by the health factor alone within each class.
    case borrower
    /// What a keeper earns: what can be liquidated now, by the bonus of the best pair; then unknown; then by health
    /// factor.
    ///
    /// Expected net profit needs gas and exit prices; the gross bonus on at most half of the debt stands in for it.
    case keeper
    /// What lenders may lose: debt that collateral does not cover, the larger first; then unknown; then by health
    /// factor.
    case lender
    /// The fall of all collateral together that reaches the line, the smallest first.
    case distance
    /// The health factor, the smallest first.
    case health
    /// The debt, the largest first.
    case debt
}

extension Order {
    /// The positions in this order, whatever order they come in.
    public func sorted(_ positions: [Position]) -> [Position] {
        let keys = positions.map { key(of: $0) }
        return positions.indices.sorted { keys[$0] < keys[$1] }.map { positions[$0] }
    }

    /// What positions are compared by.
    func key(of position: Position) -> SortKey {
        let health = position.hfProtocol ?? .zero
        let debt = ~Proximity.normalised(position.debtValue ?? .zero, of: position)
        let rank = RiskClass(of: position)
        return switch self {
        case .urgency:
            rank == .healthy
                ? SortKey(rank.rawValue, health, debt, position) : SortKey(rank.rawValue, debt, health, position)
        case .borrower: SortKey(rank.rawValue, health, debt, position)
        case .keeper:
            SortKey(
                rank.rawValue,
                rank == .liquidatable ? ~Proximity.normalised(Proximity.bonus(of: position), of: position) : health,
                debt, position)
        case .lender: lenderKey(position, rank, health, debt)
        case .distance, .health: SortKey(position.hfProtocol == nil ? 0 : 1, health, debt, position)
        case .debt: SortKey(position.debtValue == nil ? 0 : 1, debt, health, position)
        }
    }

    private func lenderKey(_ position: Position, _ rank: RiskClass, _ health: UInt256, _ debt: UInt256) -> SortKey {
        let shortfall = Proximity.shortfall(of: position)
        if !shortfall.isZero { return SortKey(0, ~Proximity.normalised(shortfall, of: position), health, position) }
        return SortKey(rank == .unknown ? 1 : 2, health, debt, position)
    }
}

/// The classes that come before any number, worst first.
///
/// `risk.md` §0 splits the first by profit and knows one more for prices that are about to be posted; both need data
/// that a
/// single pass over the chain does not have.
public enum RiskClass: Int, Comparable, Sendable {
    /// Anyone may liquidate it at the pinned block.
    case liquidatable
    /// Whether anyone may is not known.
    case unknown
    /// Nobody may.
    case healthy

    /// The class of a position.
    public init(of position: Position) {
        switch position.liquidatable {
        case true?: self = .liquidatable
        case false?: self = .healthy
        case nil: self = .unknown
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: RiskClass, other: RiskClass) -> Bool { one.rawValue < other.rawValue }
}

/// Two numbers in ascending order behind a group, and the identity that settles ties.
struct SortKey: Comparable {
    let group: Int
    let first: UInt256
    let second: UInt256
    let chainId: UInt64
    let stream: String
    let account: Account

    init(_ group: Int, _ first: UInt256, _ second: UInt256, _ position: Position) {
        self.group = group
        self.first = first
        self.second = second
        chainId = position.market.chainId
        stream = position.market.stream
        account = position.account
    }

    static func < (one: SortKey, other: SortKey) -> Bool {
        if one.group != other.group { return one.group < other.group }
        if one.first != other.first { return one.first < other.first }
        if one.second != other.second { return one.second < other.second }
        if one.chainId != other.chainId { return one.chainId < other.chainId }
        if one.stream != other.stream { return one.stream < other.stream }
        return one.account < other.account
    }
}
