extension ABIType {
    /// Reads one type: `(uint256 id, bytes32[2] proof)[]`; `uint` and `int` mean 256 bits, names of components may
    /// stand or not.
    ///
    /// - Throws: `.syntax`, and `.unsupportedType` for what ``ABISchema`` refuses and for `fixed`.
    public init(parsing text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        self = try parser.type(level: 0)
        try parser.end()
        _ = try ABISchema([self])
    }

    /// Reads types between commas, `uint256,(bool,bytes)[]`, with or without names; empty text is no types.
    ///
    /// - Throws: `.syntax` and `.unsupportedType`.
    public static func list(parsing text: String) throws(ABIError) -> [ABIParameter] {
        var parser = SignatureParser(text)
        parser.skipSpace()
        guard parser.position < parser.bytes.count else { return [] }
        let list = try parser.parameterList(level: 0)
        try parser.end()
        _ = try ABISchema(list)
        return list
    }

    /// The type of a word such as `uint96`; `nil` where there is none.
    static func named(_ name: String) throws(ABIError) -> ABIType? {
        switch name {
        case "address": return .address
        case "bool": return .bool
        case "bytes": return .bytes
        case "string": return .string
        case "function": return .function
        case "uint": return .uint(256)
        case "int": return .int(256)
        default: break
        }
        if name.hasPrefix("fixed") || name.hasPrefix("ufixed") {
            throw .unsupportedType(name, why: "no compiler implements fixed-point types")
        }
        for (prefix, make) in [("uint", ABIType.uint), ("int", ABIType.int), ("bytes", ABIType.fixedBytes)]
        where name.hasPrefix(prefix) {
            let digits = name.utf8.dropFirst(prefix.utf8.count)
            guard digits.count <= 3, digits.first != 0x30, digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let size = Int(String(name.dropFirst(prefix.count)))
            else { return nil }
            let type = make(size)
            _ = try ABISchema([type])
            return type
        }
        return nil
    }
}
