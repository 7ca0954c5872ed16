/// Turns names of a contract into names of Swift.
enum SwiftNames {
    /// Words that need backticks as the name of a property or an argument.
    private static let keywords: Set<String> = [
        "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "inout", "internal",
        "let", "open",
        "operator", "private", "precedencegroup", "protocol", "public", "rethrows", "static", "struct", "subscript",
        "typealias", "var",
        "break", "case", "catch", "continue", "default", "defer", "do", "else", "fallthrough", "for", "guard", "if",
        "in", "repeat",
        "return", "throw", "switch", "where", "while", "Any", "as", "await", "false", "is", "nil", "super", "throws",
        "true", "try",
        "unsafe", "borrowing", "consuming",
    ]
    /// Words that mean something even in backticks, or to which the generated code gives a meaning.
    private static let taken: Set<String> = [
        "self", "Self", "init", "Type", "Protocol", "hash", "hashValue", "encode", "decode", "write", "append",
        "selector", "signature",
        "topic0", "returnLength",
    ]
    /// Types that generated code mentions; a nested type of one of these names would hide them.
    private static let types: Set<String> = [
        "Int", "String", "Bool", "UInt8", "UInt64", "Int64", "UInt128", "UInt256", "Int256", "Address", "Hash32",
        "Selector", "Span",
        "FixedBytes", "ABIReader", "ABIWriter", "ABIBudget", "ABIError", "ABIFrame", "ABIWord", "ABI", "Ethereum",
        "Swift",
        "ContractCall", "ContractLog", "ContractEvent", "ContractError", "EventTopics", "Void", "Error", "Hashable",
        "Hasher", "Sendable",
        "Self", "Type", "Protocol", "Any", "Output",
    ]

    /// A property or argument: the contract's own name, made legal.
    static func value(_ name: String) -> String {
        let name = identifier(name)
        if taken.contains(name) { return name + "_" }
        return keywords.contains(name) ? "`\(name)`" : name
    }

    /// A type: `getReserveData` → `GetReserveData`, `POOL_REVISION` → `PoolRevision`.
    static func type(_ name: String, besides function: String? = nil) -> String {
        let parts = identifier(name).split(separator: "_").map(String.init)
        let isShouted = !name.contains { $0.isLowercase }
        var type = parts.map { isShouted ? capitalised($0.lowercased()) : capitalised($0) }.joined()
        if type.isEmpty || type.first?.isNumber == true { type = "_" + type }
        return types.contains(type) || type == function ? type + "Call" : type
    }

    /// The enum of a contract: its name as it is, its first letter in upper case.
    static func contract(_ name: String) -> String {
        let type = capitalised(identifier(name))
        return types.contains(type) ? type + "Contract" : type
    }

    /// Types strung together: `AddressBytes4`.
    static func suffix(_ types: [String]) -> String {
        types.map { capitalised(identifier($0).split(separator: "_").map { capitalised(String($0)) }.joined()) }
            .joined()
    }

    /// The text with its first letter in upper case.
    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// The text with its first letter in lower case.
    static func uncapitalised(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }

    /// The text with everything replaced by "_" that an identifier cannot hold.
    private static func identifier(_ text: String) -> String {
        let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "_" })
        return name.first.map(\.isNumber) ?? true ? "_" + name : name
    }
}

/// Hands out names, each once: the second `a` becomes `a2`.
struct UniqueNames {
    private var used: Set<String> = []

    /// Whether a name was handed out.
    func contains(_ name: String) -> Bool { used.contains(name) }

    mutating func claim(_ name: String) -> String {
        var candidate = name
        var number = 1
        while !used.insert(candidate).inserted {
            number += 1
            candidate = name.hasSuffix("`") ? "\(name.dropFirst().dropLast())\(number)" : "\(name)\(number)"
        }
        return candidate
    }
}
