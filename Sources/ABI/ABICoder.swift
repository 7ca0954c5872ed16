/// What decoding accepts beyond the shape of the types.
public struct ABILimits: Hashable, Sendable {
    /// How often the data as a whole may be read over: 1 for what compilers write, more where offsets may share their
    /// targets.
    public var visits: Int
    /// Whether bytes may follow the end of the encoding.
    public var allowsTrailingBytes: Bool

    /// Makes limits.
    public init(visits: Int = 1, allowsTrailingBytes: Bool = true) {
        self.visits = visits
        self.allowsTrailingBytes = allowsTrailingBytes
    }

    /// Every byte read once; more bytes may follow, as the EVM lets them.
    public static let `default` = ABILimits()
    /// Every byte read once, and none follow.
    public static let exact = ABILimits(allowsTrailingBytes: false)
}

/// Values to bytes and back, strictly: what it decodes, it would have encoded to the same words.
///
/// Offsets are multiples of 32, lead past their own head, stay inside and cost what they lead to; lengths are held
/// against the bytes that
/// remain before anything is allocated; padding is zero, booleans are 0 or 1, integers and addresses fit, strings are
/// UTF-8.
/// Two freedoms remain: tails may stand in any order with gaps between them, and bytes may follow the end unless the
/// limits say otherwise.
public enum ABICoder {
    /// The bytes of `values`.
    ///
    /// - Throws: `.mismatch` where a value does not fit its type, and what ``ABISchema`` throws.
    public static func encode(_ values: [ABIValue], as types: [ABIType]) throws(ABIError) -> [UInt8] {
        try encode(values, as: ABISchema(types))
    }

    /// The values that `bytes` encode.
    ///
    /// - Throws: the first thing that is wrong with the bytes, with its position; what ``ABISchema`` throws.
    public static func decode(
        _ bytes: [UInt8], as types: [ABIType], limits: ABILimits = .default
    ) throws(ABIError) -> [ABIValue] {
        try decode(bytes.span, as: ABISchema(types), limits: limits)
    }
}
