import Ethereum
public import Lending

/// In which order positions are shown.
///
/// Every order is total: equal keys are settled by chain, family, deployment and account. A position of which nothing
/// certain is known is never sorted to the end, where it would be overlooked: what is unknown comes after what is known
/// to be liquidatable, and a healthy position without an estimate before those that have one. docs/risk.md has a
/// paragraph about each.
public enum Order: String, CaseIterable, Sendable {
    /// Who is liquidated first: by class, then by the probability within 24 hours, then by what it would liquidate.
    case urgency
    /// What a borrower watches: by the probability within 24 hours alone, then by health.
    case borrower
    /// What a keeper earns: what can be liquidated now by the bonus, then what is expected within the hour.
    case keeper
    /// What lenders may lose: debt that collateral does not cover, then unknown, then the bad debt to expect within a
    /// day.
    case lender
    /// The distance to the line in deviations of a day, the smallest first.
    case distance
    /// The health factor, the smallest first.
    case health
    /// The debt, the largest first, in dollars as far as units are known.
    case debt
}

extension Order {
    /// The positions in this order, whatever order they come in.
    public func sorted(_ positions: [Position]) -> [Position] {
        let units = UnitPrices(from: positions)
        let keys = positions.map { key(of: $0, units) }
        return positions.indices.sorted { keys[$0] < keys[$1] }.map { positions[$0] }
    }

    /// What positions are compared by.
    func key(of position: Position, _ units: UnitPrices = UnitPrices()) -> SortKey {
        let facts = SortFacts(position, units)
        return switch self {
        case .urgency:
            SortKey(facts.rank.rawValue, [-facts.day, -facts.expectedLiquidatable], facts, position)
        case .borrower: SortKey(facts.coarse, [-facts.day], facts, position)
        case .keeper: SortKey(facts.coarse, [-facts.expectedBonus], facts, position)
        case .lender:
            facts.shortfall > 0
                ? SortKey(0, [-facts.shortfall], facts, position)
                : SortKey(facts.rank == .unknown ? 1 : 2, [-facts.expectedBadDebt], facts, position)
        case .distance: SortKey(position.hfProtocol == nil ? 0 : 1, [facts.sigmas], facts, position)
        case .health: SortKey(position.hfProtocol == nil ? 0 : 1, [], facts, position)
        case .debt: SortKey(position.debtValue == nil ? 0 : 1, [-facts.debt], facts, position, debtFirst: true)
        }
    }
}

/// What the keys are made of, values in dollars where their unit has a price.
struct SortFacts {
    let rank: RiskClass
    let day: Double
    let expectedLiquidatable: Double
    let expectedBonus: Double
    let expectedBadDebt: Double
    let sigmas: Double
    let shortfall: Double
    let debt: Double
    let health: UInt256

    init(_ position: Position, _ units: UnitPrices) {
        // A unit without a price counts as a dollar: it has to be put somewhere, and the same place each time.
        let price = units.price(of: position.valueUnit.symbol) ?? 1
        func dollars(_ value: UInt256) -> Double {
            Proximity.normalised(value, of: position).double / 1e18 * price
        }
        health = Proximity.health(of: position)
        let owed = position.debtValue ?? .zero
        let idle = position.hfProtocol == .max || position.debtValue?.isZero == true
        debt = dollars(owed)
        shortfall = dollars(Proximity.shortfall(of: position))
        let bonus = dollars(Proximity.bonus(of: position))
        rank = RiskClass(of: position, isProfitable: bonus >= RiskDefaults.closingCost)
        let risk = position.risk
        let certain = position.liquidatable == true
        // Without an estimate nothing says that it is safe.
        day = certain ? 1 : idle ? 0 : risk?.probability(Horizon.day.name) ?? 1
        expectedLiquidatable = certain ? debt : idle ? 0 : risk.map { $0.expectedLiquidatable * price } ?? 0
        expectedBonus = certain ? bonus : idle ? 0 : risk.map { $0.expectedBonus * price } ?? 0
        expectedBadDebt =
            idle ? 0 : risk?.expectedBadDebt.first { $0.horizon == Horizon.day.name }.map { $0.value * price } ?? 0
        let least = certain ? 0 : risk == nil ? 0 : risk?.sigmas ?? .infinity
        sigmas = idle ? .infinity : least
    }

    /// Classes as far as one order needs them apart.
    var coarse: Int {
        switch rank {
        case .liquidatable, .unprofitable: 0
        case .pending: 1
        case .unknown: 2
        case .healthy: 3
        }
    }
}

/// Numbers in ascending order behind a group, then health and debt exactly, and the identity that settles ties.
struct SortKey: Comparable {
    let group: Int
    let keys: [Double]
    let first: UInt256
    let second: UInt256
    let chainId: UInt64
    let stream: String
    let account: Account

    init(_ group: Int, _ keys: [Double], _ facts: SortFacts, _ position: Position, debtFirst: Bool = false) {
        self.group = group
        // What is no number must not break the order.
        self.keys = keys.map { $0.isNaN ? -.infinity : $0 }
        let debt = ~Proximity.normalised(position.debtValue ?? .zero, of: position)
        first = debtFirst ? debt : facts.health
        second = debtFirst ? facts.health : debt
        chainId = position.market.chainId
        stream = position.market.stream
        account = position.account
    }

    static func < (one: SortKey, other: SortKey) -> Bool {
        if one.group != other.group { return one.group < other.group }
        for (a, b) in zip(one.keys, other.keys) where a != b { return a < b }
        if one.first != other.first { return one.first < other.first }
        if one.second != other.second { return one.second < other.second }
        if one.chainId != other.chainId { return one.chainId < other.chainId }
        if one.stream != other.stream { return one.stream < other.stream }
        return one.account < other.account
    }
}
