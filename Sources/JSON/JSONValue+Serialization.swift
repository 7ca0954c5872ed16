extension JSONValue {
    /// The value as compact JSON: no space, members in their order, numbers as they are spelled.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// Appends the value as compact JSON.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONString.append(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, (name, value)) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONString.append(name, to: &output)
                output.append(UInt8(ascii: ":"))
                value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The one form that is hashed and signed: names sorted by code point, no space, whole numbers in decimal.
    ///
    /// - Throws: `.mismatch` for a number with a fraction, an exponent or the form `-0`.
    ///
    /// Source: RFC 8785, restricted to strings, integers, truth values, null, arrays and objects.
    public func canonical() throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        try sorted(at: "").append(to: &output)
        return output
    }

    private func sorted(at pointer: String) throws(JSONError) -> JSONValue {
        switch self {
        case .null, .bool, .string: return self
        case .number(let text):
            let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
            let isWhole = digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            guard isWhole, text != "-0" else {
                throw .mismatch(pointer: pointer, expected: "a whole number", got: text)
            }
            return self
        case .array(let elements):
            var sorted: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                sorted.append(try element.sorted(at: "\(pointer)/\(index)"))
            }
            return .array(sorted)
        case .object(let object):
            var sorted = JSONObject()
            // UTF-8 keeps the order of code points.
            for (name, value) in object.members.sorted(by: { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }) {
                sorted.append(name, try value.sorted(at: pointer + "/" + JSONPointer.escaped(name)))
            }
            return .object(sorted)
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension JSONValue: CustomStringConvertible {
    public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
