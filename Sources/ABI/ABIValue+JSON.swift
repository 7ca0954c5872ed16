import Ethereum
public import JSON

extension ABIValue {
    /// The value in JSON: integers as decimal strings, bytes as lower-case hex, addresses with EIP-55 capitals,
    /// arrays and tuples as arrays.
    public var json: JSONValue {
        switch self {
        case .uint(let value): .string(value.description)
        case .int(let value): .string(value.description)
        case .address(let value): .string(value.checksummed)
        case .bool(let value): .bool(value)
        case .fixedBytes(let value): .string(value.hex)
        case .bytes(let value): .string(Hex.encode(value))
        case .string(let value): .string(value)
        case .array(let values), .tuple(let values): .array(values.map(\.json))
        }
    }

    /// The value in one line for people: as in JSON, strings quoted, tuples in parentheses.
    public var text: String {
        switch self {
        case .uint(let value): value.description
        case .int(let value): value.description
        case .address(let value): value.checksummed
        case .bool(let value): "\(value)"
        case .fixedBytes(let value): value.hex
        case .bytes(let value): Hex.encode(value)
        case .string: json.description
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .tuple(let values): "(" + values.map(\.text).joined(separator: ", ") + ")"
        }
    }

    /// The values of `parameters` in a JSON array, or in an object by their names.
    ///
    /// - Throws: `.mismatch` with the place of the first value that does not fit.
    public static func list(_ json: JSONValue, as parameters: [ABIParameter]) throws(ABIError) -> [ABIValue] {
        var path = ABIPath()
        return try members(json, parameters, &path)
    }

    /// The value of `type` in JSON.
    ///
    /// Integers are decimal or "0x" hex strings, or JSON integers; bytes are "0x" hex; addresses have 40 digits, and
    /// where their capitals
    /// are mixed the EIP-55 checksum must hold; tuples are arrays, or objects with the components' names.
    /// - Throws: `.mismatch` with the place of the first value that does not fit.
    public init(_ json: JSONValue, as type: ABIType) throws(ABIError) {
        var path = ABIPath()
        self = try ABIValue.read(json, type, &path)
    }

    private static func read(_ json: JSONValue, _ type: ABIType, _ path: inout ABIPath) throws(ABIError) -> ABIValue {
        switch type {
        case .uint(let bits):
            if let number = unsigned(json), ABIWord.fits(number, bits: bits) { return .uint(number) }
        case .int(let bits):
            if let number = signed(json), ABIWord.fitsSigned(number.bits, bits: bits) { return .int(number) }
        case .address:
            if let text = json.string, let address = address(text) { return .address(address) }
        case .bool:
            if let flag = json.bool { return .bool(flag) }
        case .fixedBytes(let count):
            if let bytes = bytes(json), bytes.count == count, let value = FixedBytes(bytes: bytes) {
                return .fixedBytes(value)
            }
        case .function:
            if let bytes = bytes(json), bytes.count == 24, let value = FixedBytes(bytes: bytes) {
                return .fixedBytes(value)
            }
        case .bytes:
            if let bytes = bytes(json) { return .bytes(bytes) }
        case .string:
            if let text = json.string { return .string(text) }
        case .array(let element):
            if let items = json.array { return .array(try elements(items, element, &path)) }
        case .fixedArray(let element, let count):
            if let items = json.array, items.count == count { return .array(try elements(items, element, &path)) }
        case .tuple(let components):
            return .tuple(try members(json, components, &path))
        }
        throw .mismatch(path: path.description, expected: expectation(of: type), got: excerpt(json))
    }

    private static func elements(_ items: [JSONValue], _ type: ABIType, _ path: inout ABIPath) throws(ABIError)
        -> [ABIValue]
    {
        var values: [ABIValue] = []
        values.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            path.indices.append(index)
            values.append(try read(item, type, &path))
            path.indices.removeLast()
        }
        return values
    }

    private static func members(_ json: JSONValue, _ parameters: [ABIParameter], _ path: inout ABIPath) throws(ABIError)
        -> [ABIValue]
    {
        let items = try items(of: json, parameters, path)
        var values: [ABIValue] = []
        values.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            path.indices.append(index)
            values.append(try read(item, parameters[index].type, &path))
            path.indices.removeLast()
        }
        return values
    }

    /// As many JSON values as there are parameters, in their order.
    private static func items(of json: JSONValue, _ parameters: [ABIParameter], _ path: ABIPath) throws(ABIError)
        -> [JSONValue]
    {
        if let items = json.array {
            guard items.count == parameters.count else {
                throw .mismatch(path: path.description, expected: count(parameters.count), got: "\(items.count)")
            }
            return items
        }
        guard let object = json.object else {
            throw .mismatch(
                path: path.description, expected: "an array of \(count(parameters.count))", got: excerpt(json))
        }
        let names = Set(parameters.map(\.name))
        guard !names.contains(""), names.count == parameters.count else {
            throw .mismatch(
                path: path.description, expected: "an array, because not every value has a name of its own",
                got: "an object")
        }
        guard object.count == parameters.count else {
            throw .mismatch(
                path: path.description, expected: "members \(parameters.map(\.name))", got: "\(object.keys)")
        }
        var items: [JSONValue] = []
        for parameter in parameters {
            guard let item = object[parameter.name] else {
                throw .mismatch(
                    path: path.description, expected: "a member \"\(parameter.name)\"", got: "\(object.keys)")
            }
            items.append(item)
        }
        return items
    }
}
