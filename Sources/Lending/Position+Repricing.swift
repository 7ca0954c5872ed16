public import Ethereum

extension Position {
    /// The position at other prices, as the market's own comparison at them says.
    ///
    /// Values of legs follow by proportion, to one unit of rounding a leg; the comparison is the market's own and exact.
    /// Whether our numbers equal the contract's is left as it is: that was found at the chain's prices.
    ///
    /// - Parameters:
    ///   - prices: by token, base units for one whole token; tokens that are not named keep theirs, and so does the
    ///     currency itself.
    ///   - verdict: what the market's comparison says at these prices; `nil` where it says nothing.
    public func repriced(at prices: [Address: UInt256], _ verdict: Verdict?) -> Position {
        func moved(_ legs: [Leg]) -> [Leg] {
            legs.map { leg in
                guard leg.source.kind != .base, let price = prices[leg.asset], !leg.priceRaw.isZero else { return leg }
                var leg = leg
                do throws(MathError) {
                    leg.value = try .mulDiv(leg.value, price, leg.priceRaw, .down)
                } catch {
                    leg.value = .max
                }
                leg.priceRaw = price
                return leg
            }
        }
        var after = self
        after.collateral = moved(collateral)
        after.debt = moved(debt)
        after.collateralValue = collateralValue.map { _ in
            after.collateral.filter(\.enabled).reduce(UInt256.zero) { $0.addingOrMax($1.value) }
        }
        after.debtValue = debtValue.map { _ in after.debt.reduce(UInt256.zero) { $0.addingOrMax($1.value) } }
        after.hfNum = verdict?.hfNum
        after.hfDen = verdict?.hfDen
        after.hfProtocol = verdict?.hfProtocol
        after.execution?.verdict = verdict
        after.liquidatable = verdict?.liquidatable
        return after
    }
}
