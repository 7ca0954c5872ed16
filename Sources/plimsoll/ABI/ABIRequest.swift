import ABI
import Ethereum
import JSON

/// What the codec is asked to decode or encode by: types, a function or error, or an event.
enum ABIForm {
    case types([ABIParameter])
    /// A function or a custom error: its arguments follow a selector.
    case call(FunctionSignature)
    case event(EventSignature)

    /// Reads `uint256,(bool,bytes)[]`, `transfer(address,uint256)`, `function …`, `error …` or `event …`.
    init(parsing text: String) throws(ABIError) {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        switch words.first {
        case "event" where words.count == 2: self = .event(try EventSignature(parsing: text))
        case "error" where words.count == 2:
            let error = try ErrorSignature(parsing: text)
            self = .call(FunctionSignature(name: error.name, inputs: error.inputs))
        case "function" where words.count == 2: self = .call(try FunctionSignature(parsing: text))
        default:
            let name = text.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
            let isCall =
                !name.isEmpty && name != "tuple"
                && text.drop { $0 == " " }.dropFirst(name.count).drop { $0 == " " }.first == "("
            self = isCall ? .call(try FunctionSignature(parsing: text)) : .types(try ABIType.list(parsing: text))
        }
    }

    /// The parameters in the order of declaration.
    var parameters: [ABIParameter] {
        switch self {
        case .types(let parameters): parameters
        case .call(let function): function.inputs
        case .event(let event): event.parameters
        }
    }

    /// The values that `data` encodes, after a selector where there is one.
    func decode(_ data: [UInt8], topics: [Hash32]) throws(ABIError) -> [ABIValue] {
        switch self {
        case .types(let parameters): try ABICoder.decode(data.span, as: ABISchema(parameters))
        case .call(let function): try function.decode(calldata: data)
        case .event(let event): try event.decode(topics: topics, data: data)
        }
    }

    /// The bytes of `values`, after a selector where there is one.
    func encode(_ values: [ABIValue]) throws(ABIError) -> [UInt8] {
        switch self {
        case .types(let parameters): return try ABICoder.encode(values, as: ABISchema(parameters))
        case .call(let function): return try function.encode(values)
        case .event(let event):
            throw .unsupportedType(event.canonical, why: "only types, functions and errors are encoded")
        }
    }
}

/// Which way the codec runs.
enum ABIDirection: Sendable {
    case decode, encode
}

/// One line of the codec as a filter.
struct ABIRequest {
    private let object: JSONObject

    /// Longest line that is read, in bytes.
    static let maximumLine = 16 << 20
    private static let limits = JSONLimits(bytes: maximumLine, depth: 40, elements: 8 << 20)

    init(_ line: [UInt8]) throws {
        let value = try JSONValue(parsing: line, limits: ABIRequest.limits)
        guard let object = value.object else {
            throw ABIError.json(pointer: "the request", expected: "an object", got: value.kindName)
        }
        self.object = object
    }

    /// The answer to the line, and whether the line was refused. Nothing that a line holds goes further than its own
    /// answer.
    static func answer(_ line: [UInt8], _ direction: ABIDirection) -> (answer: [UInt8], isRefused: Bool) {
        do {
            let request = try ABIRequest(line)
            let answer =
                switch direction {
                case .decode: try request.decoded()
                case .encode: try request.encoded()
                }
            return (answer.serialized(), false)
        } catch {
            return (refusal("\(error)"), true)
        }
    }

    /// `{"error":"…"}`.
    static func refusal(_ message: String) -> [UInt8] {
        JSONValue.object(JSONObject([("error", .string(DisplayText.sanitized(message)))])).serialized()
    }

    /// `{"values":[…]}`.
    func decoded() throws -> JSONValue {
        let form = try form()
        let data = try bytes("data")
        let values = try form.decode(data, topics: topics())
        return ABIRequest.values(values)
    }

    /// `{"data":"0x…"}`.
    func encoded() throws -> JSONValue {
        let form = try form()
        guard let json = object["values"] else {
            throw ABIRequest.missing("values", "an array of values", object["values"])
        }
        let data = try form.encode(ABIValue.list(json, as: form.parameters))
        return .object(JSONObject([("data", .string(Hex.encode(data)))]))
    }

    /// Values as the filter answers them.
    static func values(_ values: [ABIValue]) -> JSONValue {
        .object(JSONObject([("values", .array(values.map(\.json)))]))
    }

    private func form() throws -> ABIForm {
        if let signature = object["signature"] {
            guard object["types"] == nil else {
                throw ABIRequest.missing("signature", "either types or a signature", signature)
            }
            guard let text = signature.string else { throw ABIRequest.missing("signature", "a text", signature) }
            if object["topics"] != nil { return .event(try EventSignature(parsing: text)) }
            return try ABIForm(parsing: text)
        }
        guard let types = object["types"]?.array else {
            throw ABIRequest.missing("types", "an array of types", object["types"])
        }
        var parameters: [ABIParameter] = []
        for (index, type) in types.enumerated() {
            guard let text = type.string else { throw ABIRequest.missing("types/\(index)", "a text", type) }
            let list = try ABIType.list(parsing: text)
            guard list.count == 1 else { throw ABIRequest.missing("types/\(index)", "one type", type) }
            parameters += list
        }
        return .types(parameters)
    }

    private func topics() throws -> [Hash32] {
        guard let json = object["topics"] else { return [] }
        guard let items = json.array, items.count <= 4 else {
            throw ABIRequest.missing("topics", "an array of at most 4 topics", json)
        }
        return try items.enumerated().map { index, item in
            guard let text = item.string, text.hasPrefix("0x"), let hash = Hash32(hex: text) else {
                throw ABIRequest.missing("topics/\(index)", "32 bytes as \"0x\" and 64 hex digits", item)
            }
            return hash
        }
    }

    private func bytes(_ member: String) throws -> [UInt8] {
        guard let text = object[member]?.string else {
            throw ABIRequest.missing(member, "bytes as \"0x\" and hex digits", object[member])
        }
        do {
            return try Hex.decode(text, prefix: .required)
        } catch {
            throw ABIRequest.Refused(message: "/\(member): \(error)")
        }
    }

    private static func missing(_ member: String, _ expected: String, _ got: JSONValue?) -> ABIError {
        .json(pointer: "/" + member, expected: expected, got: got?.kindName ?? "nothing")
    }

    /// A refusal that needs no more than its text.
    struct Refused: Error, CustomStringConvertible {
        let message: String

        var description: String { message }
    }
}
