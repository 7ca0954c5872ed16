import Ethereum

/// Encoded bytes written word by word: hex digits are padded with zeros on the left, or on the right where they end
/// in "…".
func words(_ texts: String...) throws -> [UInt8] {
    try texts.flatMap { text in
        let digits = text.hasSuffix("…") ? String(text.dropLast()) : text
        let zeros = String(repeating: "0", count: 64 - digits.count)
        return try Hex.decode(text.hasSuffix("…") ? digits + zeros : zeros + digits)
    }
}
