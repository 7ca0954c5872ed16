public import Ethereum

/// One number that moves the prices of some assets: a price of its own, a root, or a common factor.
///
/// At ``from`` every price is today's, to the unit.
public struct PriceMove: Sendable {
    /// An asset that moves.
    public struct Part: Sendable {
        /// The asset.
        public var asset: Address
        /// Its price today.
        public var price: UInt256
        /// 1 where it rises with the number, −1 where it falls as the number rises; more where the number stands in it
        /// more than once.
        public var exponent: Int
    }

    /// The number today.
    public let from: UInt256
    /// What moves with it.
    public let parts: [Part]

    /// Makes a move.
    public init(from: UInt256, parts: [Part]) {
        self.from = from
        self.parts = parts
    }

    /// The prices when the number is `number`: `price · number / from`, down, and the inverse for a negative exponent;
    /// never below one unit, because the contracts take zero for no answer.
    ///
    /// - Returns: `nil` where a price leaves 256 bits, or the number is zero.
    public func prices(at number: UInt256) -> [Address: UInt256]? {
        guard !number.isZero, !from.isZero else { return nil }
        var prices: [Address: UInt256] = [:]
        prices.reserveCapacity(parts.count)
        do throws(MathError) {
            for part in parts {
                var price = part.price
                for _ in 0..<abs(part.exponent) {
                    price =
                        part.exponent > 0
                        ? try .mulDiv(price, number, from, .down) : try .mulDiv(price, from, number, .down)
                }
                prices[part.asset] = price.isZero ? .one : price
            }
        } catch {
            return nil
        }
        return prices
    }
}
