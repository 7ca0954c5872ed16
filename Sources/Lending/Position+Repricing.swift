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
        var after = self
        after.collateral.reprice(at: prices)
        after.debt.reprice(at: prices)
        after.collateralValue = collateralValue.map { _ in
            after.collateral.reduce(UInt256.zero) { $1.enabled ? $0.addingOrMax($1.value) : $0 }
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

extension [Leg] {
    fileprivate mutating func reprice(at prices: [Address: UInt256]) {
        for place in indices {
            guard self[place].source.kind != .base, let price = prices[self[place].asset],
                !self[place].priceRaw.isZero
            else { continue }
            do throws(MathError) {
                self[place].value = try .mulDiv(self[place].value, price, self[place].priceRaw, .down)
            } catch {
                self[place].value = .max
            }
            self[place].priceRaw = price
        }
    }
}
