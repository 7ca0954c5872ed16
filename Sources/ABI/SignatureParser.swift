/// Reads types and signatures in the words of Solidity, byte by byte; nesting is bounded before it is followed.
struct SignatureParser {
    let text: String
    let bytes: [UInt8]
    var position = 0

    /// Words that say where a parameter lives and change nothing in its encoding.
    static let locations: Set<String> = ["memory", "calldata", "storage"]
    /// Words between a function's inputs and its outputs that change nothing here.
    static let modifiers: Set<String> = ["external", "public", "internal", "private", "virtual", "override"]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// The error for what is at hand.
    func failure(_ expected: String, at offset: Int? = nil) -> ABIError {
        .syntax(text: text, offset: offset ?? position, expected: expected)
    }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    /// Takes one punctuation mark if it comes next.
    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func require(_ mark: Unicode.Scalar) throws(ABIError) {
        guard take(mark) else { throw failure("\"\(mark)\"") }
    }

    /// Takes an identifier, empty where none comes next.
    mutating func word() -> String {
        skipSpace()
        let start = position
        while position < bytes.count, SignatureParser.isWordByte(bytes[position], first: position == start) {
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Takes the word if it comes next.
    mutating func take(word expected: String) -> Bool {
        let start = position
        if word() == expected { return true }
        position = start
        return false
    }

    /// Nothing but spaces and one semicolon may follow.
    mutating func end() throws(ABIError) {
        _ = take(";")
        skipSpace()
        guard position == bytes.count else { throw failure("the end") }
    }

    /// A type with its array suffixes.
    mutating func type(level: Int) throws(ABIError) -> ABIType {
        skipSpace()
        let start = position
        let name = word()
        let type: ABIType
        skipSpace()
        if name.isEmpty || name == "tuple", position < bytes.count, bytes[position] == UInt8(ascii: "(") {
            type = .tuple(try parameters(level: level + 1))
        } else {
            guard !name.isEmpty else { throw failure("a type") }
            guard let known = try ABIType.named(name) else { throw failure("a type", at: start) }
            type = known
        }
        return try suffixes(of: type)
    }

    /// `element` with the array suffixes that come next.
    mutating func suffixes(of element: ABIType) throws(ABIError) -> ABIType {
        var type = element
        var count = 0
        while take("[") {
            count += 1
            guard count <= ABIType.maximumDepth else { throw tooDeep() }
            type = try arraySuffix(of: type)
        }
        return type
    }

    /// What follows "[": nothing or a count, then "]".
    private mutating func arraySuffix(of element: ABIType) throws(ABIError) -> ABIType {
        skipSpace()
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        let digits = bytes[start..<position]
        if digits.isEmpty {
            try require("]")
            return .array(element)
        }
        guard digits.count <= 10, digits.count == 1 || digits.first != 0x30,
            let count = Int(String(decoding: digits, as: UTF8.self))
        else { throw failure("a count of at most 10 digits without leading zeros", at: start) }
        try require("]")
        return .fixedArray(element, count: count)
    }

    private func tooDeep() -> ABIError {
        .unsupportedType(text, why: "arrays and tuples go deeper than \(ABIType.maximumDepth) levels")
    }

    /// "(", parameters between commas, ")".
    mutating func parameters(level: Int, allowsIndexed: Bool = false) throws(ABIError) -> [ABIParameter] {
        guard level <= ABIType.maximumDepth else { throw tooDeep() }
        try require("(")
        if take(")") { return [] }
        let parameters = try parameterList(level: level, allowsIndexed: allowsIndexed)
        try require(")")
        return parameters
    }

    /// Parameters between commas, at least one.
    mutating func parameterList(level: Int, allowsIndexed: Bool = false) throws(ABIError) -> [ABIParameter] {
        var parameters: [ABIParameter] = []
        repeat {
            parameters.append(try parameter(level: level, allowsIndexed: allowsIndexed))
        } while take(",")
        return parameters
    }

    private mutating func parameter(level: Int, allowsIndexed: Bool) throws(ABIError) -> ABIParameter {
        var parameter = ABIParameter(type: try type(level: level))
        while true {
            skipSpace()
            let start = position
            let word = word()
            if word.isEmpty { return parameter }
            if SignatureParser.locations.contains(word) || (word == "payable" && parameter.type == .address) {
                continue
            }
            if word == "indexed", !parameter.isIndexed {
                guard allowsIndexed else { throw failure("\"indexed\" in events only", at: start) }
                parameter.isIndexed = true
                continue
            }
            parameter.name = word
            return parameter
        }
    }

    private static func isWordByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x41...0x5a, 0x61...0x7a, 0x5f, 0x24: true
        case 0x30...0x39: !first
        default: false
        }
    }
}
