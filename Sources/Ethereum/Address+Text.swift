extension Address {
    /// Parses 40 hex digits of any case, with or without "0x", `nil` otherwise; the EIP-55 checksum is not looked at.
    public init?(hex text: some StringProtocol) {
        let bytes: [UInt8]
        do { bytes = try Hex.decode(text) } catch { return nil }
        self.init(bytes: bytes)
    }

    /// Parses 40 hex digits, with or without "0x", of one case or in the mixed case that EIP-55 prescribes; `nil`
    /// otherwise.
    ///
    /// Source: EIP-55, "Adoption": implementations accept text without a checksum and refuse a wrong one.
    public init?(checksummed text: some StringProtocol) {
        self.init(hex: text)
        let letters = text.utf8.suffix(40).filter { $0 >= 0x41 }
        let isUpper = letters.allSatisfy { $0 < 0x61 }
        let isLower = letters.allSatisfy { $0 >= 0x61 }
        guard isUpper || isLower || text.utf8.suffix(40).elementsEqual(checksummed.utf8.suffix(40)) else { return nil }
    }

    /// "0x" and 40 lower-case digits.
    public var hex: String { Hex.encode(bytes) }

    /// "0x" and 40 digits in the mixed case of EIP-55, which lets a reader notice a mistyped digit.
    public var checksummed: String {
        var text: [UInt8] = []
        Hex.append(bytes, to: &text)
        let hash = Keccak256.hash(text).bytes
        for index in text.indices where text[index] >= 0x61 {
            let nibble = index % 2 == 0 ? hash[index / 2] >> 4 : hash[index / 2] & 15
            if nibble >= 8 { text[index] -= 0x20 }
        }
        return "0x" + String(decoding: text, as: UTF8.self)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Address: CustomStringConvertible {
    public var description: String { checksummed }
}
