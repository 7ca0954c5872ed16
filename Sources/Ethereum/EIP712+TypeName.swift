extension EIP712 {
    /// A member's type, parsed.
    indirect enum TypeName: Equatable, Sendable {
        case uint(bits: Int)
        case int(bits: Int)
        case address
        case bool
        case fixedBytes(Int)
        case bytes
        case string
        case array(TypeName, count: Int?)
        case structure(String)

        /// Parses a type; a name that is no type of the standard has to be one of the structs.
        init?(_ text: String, structs: some Collection<String>) {
            if text.utf8.last == 0x5D {
                guard let open = text.lastIndex(of: "[") else { return nil }
                let inside = text[text.index(after: open)...].dropLast()
                let count = TypeName.number(inside)
                guard inside.isEmpty || count != nil, let element = TypeName(String(text[..<open]), structs: structs)
                else { return nil }
                self = .array(element, count: count)
                return
            }
            switch text {
            case "address": self = .address
            case "bool": self = .bool
            case "bytes": self = .bytes
            case "string": self = .string
            default:
                if structs.contains(text) {
                    self = .structure(text)
                } else if let bits = TypeName.number(after: "uint", in: text), TypeName.isWidth(bits) {
                    self = .uint(bits: bits)
                } else if let bits = TypeName.number(after: "int", in: text), TypeName.isWidth(bits) {
                    self = .int(bits: bits)
                } else if let count = TypeName.number(after: "bytes", in: text), (1...32).contains(count) {
                    self = .fixedBytes(count)
                } else {
                    return nil
                }
            }
        }

        /// The struct that the type is, or is an array of.
        var structName: String? {
            switch self {
            case .structure(let name): name
            case .array(let element, _): element.structName
            default: nil
            }
        }

        /// Letters, digits, "_" and "$", not beginning with a digit.
        static func isIdentifier(_ text: String) -> Bool {
            guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
            return text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                    || $0 == 0x24
            }
        }

        private static func isWidth(_ bits: Int) -> Bool { bits % 8 == 0 && (8...256).contains(bits) }

        private static func number(after prefix: String, in text: String) -> Int? {
            text.hasPrefix(prefix) ? number(text.dropFirst(prefix.count)) : nil
        }

        /// A positive number without leading zeros, of at most nine digits.
        private static func number(_ digits: Substring) -> Int? {
            guard digits.utf8.count <= 9, digits.utf8.first != 0x30 else { return nil }
            return UInt256(decimal: digits)?.asInt()
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension EIP712.TypeName: CustomStringConvertible {
    var description: String {
        switch self {
        case .uint(let bits): "uint\(bits)"
        case .int(let bits): "int\(bits)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes(let count): "bytes\(count)"
        case .bytes: "bytes"
        case .string: "string"
        case .array(let element, let count): "\(element)[\(count.map { "\($0)" } ?? "")]"
        case .structure(let name): name
        }
    }
}

extension Int256 {
    /// Whether the number fits a two's complement of fewer bits.
    func fits(bits count: Int) -> Bool {
        (isNegative ? ~bits : bits).significantBits < count
    }
}
