internal import Ethereum
internal import Lending

/// A health factor, or a ratio of two, from below: whole parts of 2^32.
///
/// Bounds only ever choose whom to look at; verdicts come from the market's own comparison.
struct HealthBound: Hashable, Comparable, Sendable {
    var parts: UInt64

    static let one = HealthBound(parts: 1 << 32)
    /// More than is ever asked for.
    static let most = HealthBound(parts: 1 << 52)
    static let none = HealthBound(parts: 0)

    static func < (one: HealthBound, other: HealthBound) -> Bool { one.parts < other.parts }

    /// Rounded down; `most` beyond it, and where the denominator is zero.
    init(_ numerator: UInt256, over denominator: UInt256) {
        guard !denominator.isZero else {
            self = .most
            return
        }
        do throws(MathError) {
            let ratio = try UInt256.mulDiv(numerator, UInt256(UInt64(1) << 32), denominator, .down)
            parts = min(ratio.asUInt64() ?? Self.most.parts, Self.most.parts)
        } catch {
            self = .most
        }
    }

    init(parts: UInt64) { self.parts = parts }

    /// The product, rounded down.
    static func * (one: HealthBound, other: HealthBound) -> HealthBound {
        let product = one.parts.multipliedFullWidth(by: other.parts)
        guard product.high < 1 << 20 else { return .most }
        return HealthBound(parts: min((product.high << 32) | (product.low >> 32), most.parts))
    }
}

/// On which assets the health of an account rests.
struct Basket: Hashable, Sendable {
    var collateral: [Address]
    var debt: [Address]
}

extension Basket {
    /// The assets of a position; nil where its health can move by something that no pulse tells of.
    init?(of position: Position) {
        let legs = position.collateral.filter(\.enabled) + position.debt
        // A leg without an index accrues at a rate of its own; one priced by another asset's price moves with that.
        guard legs.allSatisfy({ $0.index != nil && $0.source.kind != .substitute }), !position.debt.isEmpty else {
            return nil
        }
        collateral = Set(position.collateral.filter { $0.enabled && !$0.value.isZero }.map(\.asset)).sorted()
        debt = Set(position.debt.map(\.asset)).sorted()
    }

    /// By how much the health of any account with this basket can have fallen between two pulses: the health then times
    /// this is a lower bound of the health now.
    func move(from then: MarketPulse, to now: MarketPulse) -> HealthBound {
        guard then.parameters == now.parameters else { return .none }
        var worst = HealthBound.most
        for asset in collateral {
            guard let ratio = Self.ratio(then.assets[asset], now.assets[asset], \.collateralIndex, isDebt: false) else {
                return .none
            }
            worst = min(worst, ratio)
        }
        var falls = HealthBound.most
        for asset in debt {
            guard let ratio = Self.ratio(then.assets[asset], now.assets[asset], \.debtIndex, isDebt: true) else {
                return .none
            }
            falls = min(falls, ratio)
        }
        // Without collateral there is no health to fall.
        guard !collateral.isEmpty else { return .none }
        return worst * falls
    }

    /// Of collateral, now over then; of debt, then over now. Both rounded down.
    private static func ratio(
        _ then: MarketPulse.Asset?, _ now: MarketPulse.Asset?, _ index: KeyPath<MarketPulse.Asset, UInt256>,
        isDebt: Bool
    ) -> HealthBound? {
        guard let then, let now, let before = then.price, let price = now.price, !before.isZero, !price.isZero,
            !then[keyPath: index].isZero, !now[keyPath: index].isZero
        else { return nil }
        let prices = isDebt ? HealthBound(before, over: price) : HealthBound(price, over: before)
        let indexes =
            isDebt
            ? HealthBound(then[keyPath: index], over: now[keyPath: index])
            : HealthBound(now[keyPath: index], over: then[keyPath: index])
        return prices * indexes
    }
}

extension Position {
    /// Its health from below, as far from rounding as the smallest numbers in it demand; `none` where it is not known.
    ///
    /// Every leg is rounded once as an amount and once as a value, both here and after the next move.
    var healthFloor: HealthBound {
        guard let hfNum, let hfDen, let collateralValue, let debtValue, hfProtocol != nil, match != .differs else {
            return .none
        }
        var grain = UInt256(2)
        for leg in collateral + debt {
            do throws(MathError) {
                let unit = try leg.priceRaw.divided(by: .powerOfTen(leg.decimals), .up)
                grain = try grain + (unit + .one) * 4
            } catch {
                return .none
            }
        }
        let smallest = min(collateralValue, debtValue)
        guard smallest > grain else { return .none }
        let slack = HealthBound(smallest.subtractingOrZero(grain), over: smallest)
        // Health may be stated from an average threshold that was rounded: one part in ten thousand.
        return HealthBound(hfNum, over: hfDen) * slack * slack * HealthBound(9_998, over: 10_000)
    }
}
