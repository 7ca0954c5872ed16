public import Ethereum

/// A price: `mantissa / 10^decimals` whole units of a quote for one whole token.
public struct SourcePrice: Hashable, Sendable {
    /// The number without its point.
    public let mantissa: UInt256
    /// How many decimal places it has, 0 to 77.
    public let decimals: Int

    /// Takes a price that can be one: above zero, below 10^24, with at most 77 decimal places; `nil` for any other.
    public init?(_ mantissa: UInt256, decimals: Int) {
        guard !mantissa.isZero, (0...77).contains(decimals) else { return nil }
        do throws(MathError) {
            let unit = try UInt256.powerOfTen(decimals)
            guard try mantissa.quotientAndRemainder(dividingBy: unit).quotient < UInt256.powerOfTen(24) else {
                return nil
            }
        } catch {
            return nil
        }
        self.mantissa = mantissa
        self.decimals = decimals
    }

    /// One unit of the quote.
    public static let one = SourcePrice(unchecked: .one, decimals: 0)

    private init(unchecked mantissa: UInt256, decimals: Int) {
        self.mantissa = mantissa
        self.decimals = decimals
    }

    /// The price in units of `1/scale`, rounded down; `nil` where it does not fit.
    public func scaled(to scale: UInt256) -> UInt256? {
        do throws(MathError) {
            return try UInt256.mulDiv(mantissa, scale, .powerOfTen(decimals), .down)
        } catch {
            return nil
        }
    }

    /// The price in another quote: `self` of it for one of `other`'s asset, at least 18 digits kept, rounded down.
    public func times(_ other: SourcePrice) -> SourcePrice? {
        SourcePrice.ratio(
            mantissa, other.mantissa, over: .one, decimals: decimals + other.decimals)
    }

    /// The price of `self`'s asset in `other`'s, where both are stated in one quote.
    public func over(_ other: SourcePrice) -> SourcePrice? {
        do throws(MathError) {
            return SourcePrice.ratio(
                mantissa, try .powerOfTen(other.decimals), over: other.mantissa, decimals: decimals)
        } catch {
            return nil
        }
    }

    /// `a · b / (c · 10^decimals)` with as many decimal places as keep about 27 digits and fit; rounded down.
    static func ratio(_ a: UInt256, _ b: UInt256, over c: UInt256, decimals: Int) -> SourcePrice? {
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
                return SourcePrice(try .mulDiv(max(a, b), product, c, .down), decimals: places)
            }
            let divisor = try UInt256.powerOfTen(-shift)
            let (product, overflow) = c.multipliedReportingOverflow(by: divisor)
            if !overflow { return SourcePrice(try .mulDiv(a, b, product, .down), decimals: places) }
            let part = try UInt256.mulDiv(a, b, c, .down)
            return SourcePrice(try part.quotientAndRemainder(dividingBy: divisor).quotient, decimals: places)
        } catch {
            return nil
        }
    }

    /// How far `self` stands from `other` in basis points of `other`, rounded towards zero, at most a million.
    public func deviationBps(from other: SourcePrice) -> Int? {
        guard let mine = scaled(to: SourcePrice.fine), let its = other.scaled(to: SourcePrice.fine), !its.isZero else {
            return nil
        }
        do throws(MathError) {
            let bps = try UInt256.mulDiv(mine.distance(to: its), 10_000, its, .down)
            let size = Int(min(bps, 1_000_000).asUInt64() ?? 1_000_000)
            return mine < its ? -size : size
        } catch {
            return nil
        }
    }

    /// 10^36: fine enough for the cheapest tokens, and a price below 10^24 still fits.
    static let fine = UInt256.wad &* UInt256.wad
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SourcePrice: Comparable {
    public static func < (one: SourcePrice, other: SourcePrice) -> Bool {
        guard one.decimals != other.decimals else { return one.mantissa < other.mantissa }
        return (one.scaled(to: SourcePrice.fine) ?? .max, one.decimals)
            < (other.scaled(to: SourcePrice.fine) ?? .max, other.decimals)
    }
}

extension SourcePrice: CustomStringConvertible {
    /// All digits, such as `2345.67`.
    public var description: String {
        var digits = Array(mantissa.description.utf8)
        if digits.count <= decimals {
            digits.insert(contentsOf: [UInt8](repeating: UInt8(ascii: "0"), count: decimals + 1 - digits.count), at: 0)
        }
        let whole = String(decoding: digits[..<(digits.count - decimals)], as: UTF8.self)
        let fraction = digits.suffix(decimals).reversed().drop { $0 == UInt8(ascii: "0") }.reversed()
        return fraction.isEmpty ? whole : "\(whole).\(String(decoding: Array(fraction), as: UTF8.self))"
    }
}
