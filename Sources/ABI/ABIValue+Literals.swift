import Ethereum
import JSON

extension ABIValue {
    /// A non-negative integer: decimal digits or "0x" hex in a string, or a JSON integer.
    static func unsigned(_ json: JSONValue) -> UInt256? {
        guard let text = json.string ?? json.number else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return json.number == nil ? UInt256(hex: text) : nil }
        return UInt256(decimal: text)
    }

    /// An integer with an optional minus sign.
    static func signed(_ json: JSONValue) -> Int256? {
        guard let text = json.string ?? json.number else { return nil }
        if text.hasPrefix("-") {
            return UInt256(decimal: text.dropFirst()).flatMap { Int256(isNegative: true, magnitude: $0) }
        }
        return unsigned(json).flatMap { Int256(isNegative: false, magnitude: $0) }
    }

    /// "0x" and an even number of hex digits.
    static func bytes(_ json: JSONValue) -> [UInt8]? {
        guard let text = json.string else { return nil }
        do { return try Hex.decode(text, prefix: .required) } catch { return nil }
    }

    /// "0x" and 40 digits; capitals, where mixed, must be the checksum's.
    static func address(_ text: String) -> Address? {
        guard text.hasPrefix("0x") || text.hasPrefix("0X"), let address = Address(hex: text) else { return nil }
        let digits = text.dropFirst(2)
        let isMixed = digits.contains { $0.isLowercase } && digits.contains { $0.isUppercase }
        return isMixed && address.checksummed.dropFirst(2) != digits ? nil : address
    }

    /// What a JSON value of a type looks like, for messages.
    static func expectation(of type: ABIType) -> String {
        switch type {
        case .uint, .int: "an \(type) in decimal or \"0x\" hex"
        case .address: "an address: \"0x\", 40 hex digits, and the EIP-55 checksum where capitals are mixed"
        case .bool: "true or false"
        case .fixedBytes(let count): "\(count) bytes as \"0x\" and \(2 * count) hex digits"
        case .function: "24 bytes as \"0x\" and 48 hex digits"
        case .bytes: "bytes as \"0x\" and hex digits, two a byte"
        case .string: "a string"
        case .array: "an array"
        case .fixedArray(_, let count): "an array of \(count)"
        case .tuple(let components): "an array of \(components.count)"
        }
    }

    /// The number of values, in words.
    static func count(_ count: Int) -> String { count == 1 ? "1 value" : "\(count) values" }

    /// A JSON value in a message: the beginning of a scalar, the kind of anything else.
    static func excerpt(_ json: JSONValue) -> String {
        switch json {
        case .string, .number, .bool, .null: ABIText.sanitised(json.description, limit: 80)
        case .array(let items): "an array of \(items.count)"
        case .object: "an object"
        }
    }
}
