public import Ethereum
import Glibc

/// A price: `mantissa / 10^decimals` whole units of the quote for one whole unit of the asset. Never zero.
///
/// The numbers are exact; ``logarithm`` is for statistics alone.
public struct ExactPrice: Hashable, Sendable {
    /// The number without its point.
    public let mantissa: UInt256
    /// How many decimal places it has, 0 to 77.
    public let decimals: Int
    /// The natural logarithm of the price, to the precision of a `Double`.
    public let logarithm: Double

    /// Takes a number that can be a price: at least 10^−24 and below 10^30.
    ///
    /// A wrong number of decimal places must stay a price, so that it is seen as one that is wrong; what no mistake of
    /// that kind explains is refused.
    public init(_ mantissa: UInt256, decimals: Int) throws(PriceFault) {
        guard !mantissa.isZero else { throw .zero }
        guard (0...77).contains(decimals) else { throw .absurd("\(decimals) decimal places") }
        let logarithm = log(mantissa.double) - Double(decimals) * M_LN10
        // A logarithm is rounded: within a decade of a limit, and in words, digits are counted.
        guard
            (logarithm > -23 * M_LN10 && logarithm < 29 * M_LN10)
                || (-24..<30).contains(Self.decade(mantissa, decimals))
        else { throw .absurd("about 10^\(Self.decade(mantissa, decimals))") }
        self.mantissa = mantissa
        self.decimals = decimals
        self.logarithm = logarithm
    }

    /// A whole unit of the quote.
    init(unit: UInt256) {
        mantissa = unit
        decimals = 0
        logarithm = 0
    }

    /// The power of ten at or below the price, exact.
    private static func decade(_ mantissa: UInt256, _ decimals: Int) -> Int {
        mantissa.description.utf8.count - 1 - decimals
    }

    /// Takes the signed answer of a feed.
    public init(answer: Int256, decimals: Int) throws(PriceFault) {
        guard !answer.isNegative else { throw .negative }
        try self.init(answer.magnitude, decimals: decimals)
    }

    /// The price in units of 10^−36, rounded down; it fits, for a price is below 10^30.
    var fine: UInt256 {
        do throws(MathError) {
            return decimals <= 36
                ? try mantissa * UInt256.powerOfTen(36 - decimals)
                : try mantissa.divided(by: UInt256.powerOfTen(decimals - 36), .down)
        } catch {
            return .max
        }
    }

    /// Whether the price is lower than `other`.
    public func isBelow(_ other: ExactPrice) -> Bool {
        if decimals == other.decimals { return mantissa < other.mantissa }
        return fine < other.fine
    }

    /// How far the price stands from `other`, in basis points of `other`, rounded towards zero; at most 10^15.
    public func deviationBps(from other: ExactPrice) -> Int {
        let (mine, its) = (fine, other.fine)
        let size: Int
        do throws(MathError) {
            size = min(try UInt256.mulDiv(mine.distance(to: its), 10_000, its, .down).asInt() ?? .max, Self.farthest)
        } catch {
            size = Self.farthest
        }
        return mine < its ? -size : size
    }

    private static let farthest = 1_000_000_000_000_000
}

extension ExactPrice: CustomStringConvertible {
    /// All digits, without the zeros at the end: `2345.67`.
    public var description: String {
        var digits = Array(mantissa.description.utf8)
        if digits.count <= decimals {
            digits.insert(contentsOf: [UInt8](repeating: 0x30, count: decimals + 1 - digits.count), at: 0)
        }
        let whole = String(decoding: digits[..<(digits.count - decimals)], as: UTF8.self)
        let fraction = Array(digits.suffix(decimals).reversed().drop { $0 == 0x30 }.reversed())
        return fraction.isEmpty ? whole : "\(whole).\(String(decoding: fraction, as: UTF8.self))"
    }
}

/// Why a source has no price. None of these is ever taken for a price of zero.
public enum PriceFault: Error, Hashable, Sendable {
    /// It answered zero.
    case zero
    /// It answered less than zero.
    case negative
    /// It answered what no price can be; what, in words.
    case absurd(String)
    /// Its answer is dated this many seconds after the block that it was read at.
    case future(UInt64)
    /// The read failed, and why.
    case unread(String)
    /// The answer is not what its interface allows, and how.
    case malformed(String)
    /// It answers in another quote, and nothing converts it.
    case otherQuote(String)

    /// Whether the source answered, and the answer cannot be a price.
    public var isImpossibleAnswer: Bool {
        switch self {
        case .zero, .negative, .absurd, .future: true
        case .unread, .malformed, .otherQuote: false
        }
    }
}

extension PriceFault: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .zero: "it answered zero"
        case .negative: "it answered less than zero"
        case .absurd(let what): "it answered what no price can be: \(what)"
        case .future(let seconds): "its answer is dated \(seconds) s in the future"
        case .unread(let why): "it could not be read: \(why)"
        case .malformed(let why): "its answer is malformed: \(why)"
        case .otherQuote(let quote): "it answers in \(quote), which nothing converts"
        }
    }
}
