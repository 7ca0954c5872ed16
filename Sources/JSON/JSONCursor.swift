/// A JSON value together with the RFC 6901 pointer to it, so that every refusal names its place.
public struct JSONCursor: Sendable {
    /// The value.
    public let value: JSONValue
    /// The pointer from the root, `""` for the root itself.
    public let pointer: String

    /// Puts a cursor on `value`, by default as the root.
    public init(_ value: JSONValue, pointer: String = "") {
        self.value = value
        self.pointer = pointer
    }

    /// The error that says what was expected here; `got` quotes the value unless stated.
    public func mismatch(_ expected: String, got: String? = nil) -> JSONError {
        .mismatch(pointer: pointer, expected: expected, got: got ?? value.excerpt)
    }

    /// The member by this name; `nil` where there is none.
    ///
    /// - Throws: `.mismatch` where the value is no object.
    public func optional(_ name: String) throws(JSONError) -> JSONCursor? {
        guard let object = value.object else { throw mismatch("an object") }
        return object[name].map { JSONCursor($0, pointer: pointer + "/" + JSONPointer.escaped(name)) }
    }

    /// The member by this name.
    ///
    /// - Throws: `.mismatch` where there is none, or the value is no object.
    public func member(_ name: String) throws(JSONError) -> JSONCursor {
        guard let found = try optional(name) else { throw mismatch("a member \"\(name)\"", got: "none") }
        return found
    }

    /// The members in order.
    ///
    /// - Throws: `.mismatch` where the value is no object.
    public func members() throws(JSONError) -> [(name: String, value: JSONCursor)] {
        guard let object = value.object else { throw mismatch("an object") }
        return object.members.map { name, member in
            (name, JSONCursor(member, pointer: pointer + "/" + JSONPointer.escaped(name)))
        }
    }

    /// The elements in order.
    ///
    /// - Throws: `.mismatch` where the value is no array.
    public func elements() throws(JSONError) -> [JSONCursor] {
        guard let array = value.array else { throw mismatch("an array") }
        return array.enumerated().map { JSONCursor($1, pointer: "\(pointer)/\($0)") }
    }

    /// The text of a string.
    ///
    /// - Throws: `.mismatch` where the value is no string.
    public func string() throws(JSONError) -> String {
        guard let text = value.string else { throw mismatch("a string") }
        return text
    }

    /// Either truth value.
    ///
    /// - Throws: `.mismatch` where the value is neither.
    public func bool() throws(JSONError) -> Bool {
        guard let bool = value.bool else { throw mismatch("true or false") }
        return bool
    }

    /// A whole number inside `range`.
    ///
    /// - Throws: `.mismatch` where the value is no whole number, or outside.
    public func integer(in range: ClosedRange<Int>) throws(JSONError) -> Int {
        guard let number = value.int, range.contains(number) else {
            throw mismatch("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension JSONValue {
    /// The value as a message may quote it: at most 40 characters of a scalar, the kind of a container.
    public var excerpt: String {
        switch self {
        case .null, .bool: return kindName
        case .array, .object: return kindName
        case .number(let text): return text.count > 40 ? text.prefix(36) + "…" : text
        case .string(let text):
            let shown = text.count > 40 ? text.prefix(36) + "…" : text[...]
            return JSONValue.string(String(shown)).description
        }
    }
}
