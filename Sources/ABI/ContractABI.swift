public import JSON

/// What a contract offers, read from the JSON that compilers write: an array, or an object with `contract`, `source`
/// and `abi`.
public struct ContractABI: Hashable, Sendable {
    /// The contract's name, where the file tells.
    public var contract: String?
    /// Where the fragments come from, repository path and commit, where the file tells.
    public var source: String?
    /// The functions in the order of the file.
    public var functions: [FunctionSignature] = []
    /// The events in the order of the file.
    public var events: [EventSignature] = []
    /// The custom errors in the order of the file.
    public var errors: [ErrorSignature] = []

    /// Reads a JSON ABI; constructors, `receive` and `fallback` are passed over.
    ///
    /// - Throws: `.json` with the place of what is not as the format asks, `.syntax` and `.unsupportedType` for its
    ///   types.
    public init(_ json: JSONValue) throws(ABIError) {
        var entries = json.array
        var pointer = ""
        if let object = json.object {
            contract = object["contract"]?.string
            source = object["source"]?.string
            entries = object["abi"]?.array
            pointer = "/abi"
        }
        guard let entries else {
            throw .json(pointer: pointer, expected: "an array of functions, events and errors", got: json.kindName)
        }
        for (index, entry) in entries.enumerated() {
            try add(entry, at: "\(pointer)/\(index)")
        }
    }

    private mutating func add(_ entry: JSONValue, at pointer: String) throws(ABIError) {
        guard let kind = entry["type"]?.string else {
            throw .json(
                pointer: pointer + "/type", expected: "the kind of the entry", got: entry["type"]?.kindName ?? "nothing"
            )
        }
        switch kind {
        case "function":
            var function = FunctionSignature(
                name: try ContractABI.name(of: entry, at: pointer),
                inputs: try ContractABI.parameters("inputs", of: entry, at: pointer),
                outputs: try ContractABI.parameters("outputs", of: entry, at: pointer))
            if let word = entry["stateMutability"]?.string {
                guard let mutability = StateMutability(rawValue: word) else {
                    throw .json(
                        pointer: pointer + "/stateMutability", expected: "pure, view, nonpayable or payable",
                        got: "\"\(word)\"")
                }
                function.mutability = mutability
            }
            functions.append(function)
        case "event":
            events.append(
                try EventSignature(
                    name: try ContractABI.name(of: entry, at: pointer),
                    parameters: try ContractABI.parameters("inputs", of: entry, at: pointer),
                    isAnonymous: entry["anonymous"]?.bool ?? false))
        case "error":
            errors.append(
                ErrorSignature(
                    name: try ContractABI.name(of: entry, at: pointer),
                    inputs: try ContractABI.parameters("inputs", of: entry, at: pointer)))
        case "constructor", "receive", "fallback": break
        default:
            throw .json(
                pointer: pointer + "/type", expected: "function, event, error, constructor, receive or fallback",
                got: "\"\(kind)\"")
        }
    }

    private static func name(of entry: JSONValue, at pointer: String) throws(ABIError) -> String {
        guard let name = entry["name"]?.string, !name.isEmpty else {
            throw .json(pointer: pointer + "/name", expected: "a name", got: entry["name"]?.kindName ?? "nothing")
        }
        var parser = SignatureParser(name)
        guard parser.word() == name else {
            throw .json(pointer: pointer + "/name", expected: "an identifier", got: "\"\(name)\"")
        }
        return name
    }

    private static func parameters(_ member: String, of entry: JSONValue, at pointer: String) throws(ABIError)
        -> [ABIParameter]
    {
        guard let list = entry[member] else { return [] }
        let parameters = try parameters(list, at: pointer + "/" + member, level: 0)
        _ = try ABISchema(parameters)
        return parameters
    }

    private static func parameters(_ list: JSONValue, at pointer: String, level: Int) throws(ABIError) -> [ABIParameter]
    {
        guard let items = list.array else {
            throw .json(pointer: pointer, expected: "an array of parameters", got: list.kindName)
        }
        guard level <= ABIType.maximumDepth else {
            throw .json(pointer: pointer, expected: "at most \(ABIType.maximumDepth) levels of tuples", got: "more")
        }
        var parameters: [ABIParameter] = []
        for (index, item) in items.enumerated() {
            parameters.append(try parameter(item, at: "\(pointer)/\(index)", level: level))
        }
        return parameters
    }

    private static func parameter(_ item: JSONValue, at pointer: String, level: Int) throws(ABIError) -> ABIParameter {
        guard let text = item["type"]?.string else {
            throw .json(pointer: pointer + "/type", expected: "a type", got: item["type"]?.kindName ?? "nothing")
        }
        var parser = SignatureParser(text)
        let type: ABIType
        if text.hasPrefix("tuple"), let components = item["components"] {
            let tuple = ABIType.tuple(try parameters(components, at: pointer + "/components", level: level + 1))
            type = try parser.suffixes(of: tuple, after: "tuple")
        } else {
            type = try parser.type(level: level)
            try parser.end()
        }
        return ABIParameter(
            name: item["name"]?.string ?? "", type: type, isIndexed: item["indexed"]?.bool ?? false,
            internalType: item["internalType"]?.string)
    }
}

extension SignatureParser {
    /// Array suffixes after a word that stands for `element`.
    fileprivate mutating func suffixes(of element: ABIType, after name: String) throws(ABIError) -> ABIType {
        guard take(word: name) else { throw failure("\"\(name)\"") }
        let type = try suffixes(of: element)
        try end()
        return type
    }
}
