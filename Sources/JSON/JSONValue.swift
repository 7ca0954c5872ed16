/// A JSON value: numbers kept as text, members in order.
public indirect enum JSONValue: Hashable, Sendable {
    /// The literal `null`.
    case null
    /// Either truth value.
    case bool(Bool)
    /// A number as it is spelled in the text.
    case number(String)
    /// A string, escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// A whole number, spelled in decimal.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// Reads a whole text.
    ///
    /// - Throws: `.syntax`, `.limit` or `.duplicateKey`, with the place.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        let scanner = try JSONScanner(bytes, limits: limits)
        self.init(scanner.root, of: scanner)
    }

    /// Copies one value out of a scanned text; it must not be, or hold, a page.
    public init(_ node: JSONScanner.Node, of scanner: JSONScanner) {
        // Recursion is bounded by the depth that the scanner allowed.
        switch scanner.kind(node) {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(scanner.text(node))
        case .plainString, .escapedString: self = .string(scanner.decoded(node))
        case .page: preconditionFailure("a page is asked of its scanner")
        case .array: self = .array(scanner.children(node).map { JSONValue($0, of: scanner) })
        case .object:
            var object = JSONObject()
            var name: String?
            for child in scanner.children(node) {
                if let key = name {
                    object.append(key, JSONValue(child, of: scanner))
                    name = nil
                } else {
                    name = scanner.decoded(child)
                }
            }
            self = .object(object)
        }
    }
}

extension JSONScanner {
    /// The text between the quotes of a string node, escapes resolved.
    func decoded(_ node: Node) -> String {
        String(decoding: JSONString.bytes(bytes.span, tape[node.index]), as: UTF8.self)
    }
}

extension JSONValue {
    /// The text of a string; `nil` for anything else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The elements of an array; `nil` for anything else.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The members of an object; `nil` for anything else.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// The truth value; `nil` for anything else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The number as it is spelled; `nil` for anything else.
    public var number: String? { if case .number(let value) = self { value } else { nil } }
    /// The number, where it is whole, has neither fraction nor exponent, and fits.
    public var int: Int? { number.flatMap { Int($0) } }
    /// The number, where it is whole, has neither fraction nor exponent nor sign, and fits.
    public var uint64: UInt64? { number.flatMap { UInt64($0) } }
    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The member of an object by this name; `nil` where there is none, or this is no object.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The word for what this is in a message.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByIntegerLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
}
