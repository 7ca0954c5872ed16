import Ethereum
public import Lending

/// How near a position is to its line, and what happens there, from the position alone.
public enum Proximity {
    /// The fall of all collateral prices together that reaches the line, in basis points of today's prices, rounded
    /// down.
    ///
    /// Debt prices stand still and rounding is left aside: 10,000 · (1 − 1 / health). 0 where the line has been
    /// reached;
    /// `nil` where the health is unknown or there is no debt.
    public static func jointFallBps(of position: Position) -> Int? {
        guard let health = position.hfProtocol, health != .max else { return nil }
        guard health > position.hfScale else { return 0 }
        do throws(MathError) {
            return try UInt256.mulDiv(health - position.hfScale, 10_000, health, .down).asInt()
        } catch {
            return nil
        }
    }

    /// Debt that the collateral does not cover, in base units; zero where it does, or nothing is known.
    static func shortfall(of position: Position) -> UInt256 {
        guard let debt = position.debtValue, let collateral = position.collateralValue else { return .zero }
        return debt.subtractingOrZero(collateral)
    }

    /// What a liquidator of half of the debt gains at oracle prices with the best collateral, in base units.
    static func bonus(of position: Position) -> UInt256 {
        let half = (position.debtValue ?? .zero) >> 1
        return position.collateral.map { leg in
            guard leg.enabled, !leg.paused, let bps = leg.bonusBps, bps > 10_000 else { return UInt256.zero }
            do throws(MathError) {
                return try .mulDiv(min(half, leg.value), UInt256(UInt64(bps - 10_000)), 10_000, .down)
            } catch {
                return .max
            }
        }.max() ?? .zero
    }

    /// A value with 18 decimal places, so that markets can be compared: for ranking only.
    static func normalised(_ value: UInt256, of position: Position) -> UInt256 {
        let decimals = position.valueUnit.decimals
        do throws(MathError) {
            return decimals <= 18
                ? try value * .powerOfTen(18 - decimals) : try value.divided(by: .powerOfTen(decimals - 18), .down)
        } catch {
            return .max
        }
    }

    /// The health with 18 decimal places, whatever the protocol counts as one; zero where it is unknown.
    static func health(of position: Position) -> UInt256 {
        guard let health = position.hfProtocol else { return .zero }
        guard health != .max, position.hfScale != .wad, !position.hfScale.isZero else { return health }
        do throws(MathError) {
            return try .mulDiv(health, .wad, position.hfScale, .down)
        } catch {
            return .max
        }
    }
}
