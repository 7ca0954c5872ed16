extension JSONScanner {
    /// The text of a string, escapes resolved.
    ///
    /// - Throws: `.mismatch` where the value is no string.
    public func string(_ node: Node) throws(JSONError) -> String {
        guard kind(node).isString else { throw mismatch(node, expected: "a string") }
        if kind(node) == .plainString {
            return String(decoding: bytes[range(node).dropFirst().dropLast()], as: UTF8.self)
        }
        return String(decoding: JSONString.bytes(bytes.span, tape[node.index]), as: UTF8.self)
    }

    /// Whether the value is a string that spells `word`.
    public func isString(_ node: Node, _ word: StaticString) -> Bool {
        switch kind(node) {
        case .plainString: holds(tape[node.index], word)
        case .escapedString:
            String(decoding: JSONString.bytes(bytes.span, tape[node.index]), as: UTF8.self) == word.description
        default: false
        }
    }

    /// A JSON number as an exact integer.
    ///
    /// - Throws: `.mismatch` where the value is no number, has a fraction or exponent, or does not fit.
    public func integer(_ node: Node) throws(JSONError) -> Int {
        guard kind(node) == .number, let value = Int(text(node)) else {
            throw mismatch(node, expected: "a whole number")
        }
        return value
    }

    /// Either truth value.
    ///
    /// - Throws: `.mismatch` for anything else.
    public func bool(_ node: Node) throws(JSONError) -> Bool {
        switch kind(node) {
        case .true: return true
        case .false: return false
        default: throw mismatch(node, expected: "true or false")
        }
    }
}

extension JSONScanner {
    /// The digits after `0x` of a string; `nil` where the value is no plain string or has no prefix.
    private func digits(_ node: Node) -> Range<Int>? {
        guard kind(node) == .plainString else { return nil }
        let inside = range(node).lowerBound + 1..<range(node).upperBound - 1
        guard inside.count >= 2, bytes[inside.lowerBound] == UInt8(ascii: "0"),
            bytes[inside.lowerBound + 1] == UInt8(ascii: "x")
        else { return nil }
        return inside.lowerBound + 2..<inside.upperBound
    }

    /// A JSON-RPC QUANTITY of up to 64 bits: `0x`, then digits without leading zeros.
    ///
    /// - Throws: `.mismatch` for any other form; nothing is tolerated but upper-case digits.
    public func quantity(_ node: Node) throws(JSONError) -> UInt64 {
        let value = try quantity256(node)
        guard value.high == 0, value.low <= UInt128(UInt64.max) else {
            throw mismatch(node, expected: "a quantity of up to 64 bits")
        }
        return UInt64(truncatingIfNeeded: value.low)
    }

    /// A JSON-RPC QUANTITY of up to 256 bits, as its halves.
    ///
    /// - Throws: `.mismatch` as `quantity` does.
    public func quantity256(_ node: Node) throws(JSONError) -> (high: UInt128, low: UInt128) {
        guard let digits = digits(node), !digits.isEmpty,
            digits.count == 1 || bytes[digits.lowerBound] != UInt8(ascii: "0"),
            let value = JSONHex.number(bytes.span, digits)
        else { throw mismatch(node, expected: "a quantity (\"0x\", then hex digits without leading zeros)") }
        return value
    }

    /// DATA of exactly `count` bytes (1 to 32) as a big-endian number: 20 for an address, 32 for a hash, a topic or a
    /// word.
    ///
    /// - Throws: `.mismatch` for another length or form.
    public func hexNumber(_ node: Node, bytes count: Int) throws(JSONError) -> (high: UInt128, low: UInt128) {
        guard let digits = digits(node), digits.count == 2 * count,
            let value = JSONHex.number(bytes.span, digits)
        else { throw mismatch(node, expected: "\(count) bytes of hex after \"0x\"") }
        return value
    }

    /// DATA of up to 32 bytes as a big-endian number, zeros on the left missing or not.
    ///
    /// - Throws: `.mismatch` for more than 64 digits, none, or another form.
    public func hexWord(_ node: Node) throws(JSONError) -> (high: UInt128, low: UInt128) {
        guard let digits = digits(node), let value = JSONHex.number(bytes.span, digits) else {
            throw mismatch(node, expected: "\"0x\" and 1 to 64 hex digits")
        }
        return value
    }

    /// How many bytes a DATA string spells.
    ///
    /// - Throws: `.mismatch` where the digits are odd in number, or the prefix is missing; the digits are not looked
    ///   at.
    public func hexCount(_ node: Node) throws(JSONError) -> Int {
        guard let digits = digits(node), digits.count & 1 == 0 else {
            throw mismatch(node, expected: "\"0x\" and an even number of hex digits")
        }
        return digits.count / 2
    }

    /// The bytes of a DATA string of any length.
    ///
    /// - Throws: `.mismatch` for odd, missing or foreign digits.
    public func hexData(_ node: Node) throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        try appendHexData(node, to: &output)
        return output
    }

    /// Appends the bytes of a DATA string of any length; on error `output` may hold a part of them.
    ///
    /// - Throws: `.mismatch` for odd, missing or foreign digits.
    public func appendHexData(_ node: Node, to output: inout [UInt8]) throws(JSONError) {
        guard let digits = digits(node), JSONHex.append(bytes.span, digits, to: &output) else {
            throw mismatch(node, expected: "\"0x\" and an even number of hex digits")
        }
    }
}
