public import Ethereum

extension ExactPrice {
    /// A price where the number can be one, `nil` for any other.
    public static func checked(_ mantissa: UInt256, decimals: Int) -> ExactPrice? {
        try? ExactPrice(mantissa, decimals: decimals)
    }

    /// One unit of the quote.
    public static let one = ExactPrice(unit: .one)

    /// A bound that holds nothing back: 10^29.
    static let highest = checked(UInt256.wad &* UInt256(100_000_000_000), decimals: 0) ?? .one

    /// The price in units of `1/scale`, rounded down; `nil` where it does not fit.
    public func scaled(to scale: UInt256) -> UInt256? {
        do throws(MathError) {
            return try UInt256.mulDiv(mantissa, scale, .powerOfTen(decimals), .down)
        } catch {
            return nil
        }
    }

    /// The price in another quote: `self` of it for one of `other`'s asset, at least 18 digits kept, rounded down.
    public func times(_ other: ExactPrice) -> ExactPrice? {
        ExactPrice.ratio(
            mantissa, other.mantissa, over: .one, decimals: decimals + other.decimals)
    }

    /// The price of `self`'s asset in `other`'s, where both are stated in one quote.
    public func over(_ other: ExactPrice) -> ExactPrice? {
        do throws(MathError) {
            return ExactPrice.ratio(
                mantissa, try .powerOfTen(other.decimals), over: other.mantissa, decimals: decimals)
        } catch {
            return nil
        }
    }

    /// `a · b / (c · 10^decimals)` with as many decimal places as keep about 27 digits and fit; rounded down.
    static func ratio(_ a: UInt256, _ b: UInt256, over c: UInt256, decimals: Int) -> ExactPrice? {
        guard !c.isZero else { return nil }
        let (high, low) = a.multipliedFullWidth(by: b)
        let bits = (high.isZero ? low.significantBits : 256 + high.significantBits) - c.significantBits
        // 90 bits are 27 digits; a digit is about 3.32 bits.
        let digits = (90 - bits) * 301 / 1_000
        let places = min(77, max(0, decimals + digits))
        let shift = places - decimals
        do throws(MathError) {
            guard shift < 0 else {
                // The factor goes to the smaller of the two, so that it fits.
                let factor = try UInt256.powerOfTen(min(77, shift))
                let small = min(a, b)
                let (product, overflow) = small.multipliedReportingOverflow(by: factor)
                guard !overflow else { return nil }
                return .checked(try .mulDiv(max(a, b), product, c, .down), decimals: places)
            }
            let divisor = try UInt256.powerOfTen(-shift)
            let (product, overflow) = c.multipliedReportingOverflow(by: divisor)
            if !overflow { return .checked(try .mulDiv(a, b, product, .down), decimals: places) }
            let part = try UInt256.mulDiv(a, b, c, .down)
            return .checked(try part.quotientAndRemainder(dividingBy: divisor).quotient, decimals: places)
        } catch {
            return nil
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ExactPrice: Comparable {
    /// By size; of two that are equal in units of 10^-36, the one with fewer decimal places.
    public static func < (one: ExactPrice, other: ExactPrice) -> Bool {
        if one.isBelow(other) { return true }
        return !other.isBelow(one) && one.decimals < other.decimals
    }
}
