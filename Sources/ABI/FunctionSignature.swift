public import Ethereum

/// What a function may do to the chain.
public enum StateMutability: String, Hashable, Sendable {
    /// Reads nothing.
    case pure
    /// Reads and changes nothing.
    case view
    /// Changes state and takes no ether.
    case nonpayable
    /// Changes state and takes ether.
    case payable
}

/// A function of a contract: its name, what it takes and what it returns.
public struct FunctionSignature: Hashable, Sendable {
    /// The name.
    public var name: String
    /// What the calldata encodes after the selector.
    public var inputs: [ABIParameter]
    /// What the returned bytes encode.
    public var outputs: [ABIParameter]
    /// What it may do to the chain.
    public var mutability: StateMutability

    /// Makes a signature.
    public init(
        name: String, inputs: [ABIParameter], outputs: [ABIParameter] = [], mutability: StateMutability = .nonpayable
    ) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.mutability = mutability
    }

    /// Reads `function balanceOf(address owner) view returns (uint256)`; "function" and everything after the inputs
    /// may be missing.
    ///
    /// - Throws: `.syntax` and `.unsupportedType`.
    public init(parsing text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        _ = parser.take(word: "function")
        let name = parser.word()
        guard !name.isEmpty else { throw parser.failure("the name of a function") }
        self.init(name: name, inputs: try parser.parameters(level: 0))
        while true {
            parser.skipSpace()
            let start = parser.position
            let word = parser.word()
            if word.isEmpty { break }
            if word == "returns" {
                outputs = try parser.parameters(level: 0)
                break
            }
            if let known = StateMutability(rawValue: word) {
                mutability = known
            } else if word == "constant" {
                mutability = .view
            } else if !SignatureParser.modifiers.contains(word) {
                throw parser.failure("a modifier or \"returns\"", at: start)
            }
        }
        try parser.end()
        _ = try ABISchema(inputs)
        _ = try ABISchema(outputs)
    }

    /// The text that is hashed: `balanceOf(address)`.
    public var canonical: String { inputs.signature(of: name) }

    /// The first four bytes of the calldata.
    public var selector: Selector { Selector(signature: canonical) }

    /// The calldata for `arguments`.
    ///
    /// - Throws: `.mismatch` where an argument does not fit.
    public func encode(_ arguments: [ABIValue]) throws(ABIError) -> [UInt8] {
        try ABICoder.encode(arguments, as: ABISchema(inputs), after: selector)
    }

    /// The arguments in `calldata`, selector included.
    ///
    /// - Throws: `.wrongSelector` where it calls something else, otherwise the first thing that is wrong with the
    ///   bytes.
    public func decode(calldata: [UInt8], limits: ABILimits = .default) throws(ABIError) -> [ABIValue] {
        try ABICoder.decode(calldata, after: selector, of: canonical, as: inputs, limits: limits)
    }
}

/// A custom error of a contract.
public struct ErrorSignature: Hashable, Sendable {
    /// The name.
    public var name: String
    /// What the revert data encodes after the selector.
    public var inputs: [ABIParameter]

    /// Makes a signature.
    public init(name: String, inputs: [ABIParameter]) {
        self.name = name
        self.inputs = inputs
    }

    /// Reads `error InsufficientBalance(uint256 available, uint256 required)`; "error" may be missing.
    ///
    /// - Throws: `.syntax` and `.unsupportedType`.
    public init(parsing text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        _ = parser.take(word: "error")
        let name = parser.word()
        guard !name.isEmpty else { throw parser.failure("the name of an error") }
        self.init(name: name, inputs: try parser.parameters(level: 0))
        try parser.end()
        _ = try ABISchema(inputs)
    }

    /// The text that is hashed.
    public var canonical: String { inputs.signature(of: name) }

    /// The first four bytes of the revert data.
    public var selector: Selector { Selector(signature: canonical) }

    /// The arguments in `revertData`, selector included.
    ///
    /// - Throws: `.wrongSelector` where it is another error, otherwise the first thing that is wrong with the bytes.
    public func decode(revertData: [UInt8], limits: ABILimits = .default) throws(ABIError) -> [ABIValue] {
        try ABICoder.decode(revertData, after: selector, of: canonical, as: inputs, limits: limits)
    }
}

extension ABICoder {
    /// The values that follow a selector.
    static func decode(
        _ bytes: [UInt8], after selector: Selector, of signature: String, as parameters: [ABIParameter],
        limits: ABILimits
    ) throws(ABIError) -> [ABIValue] {
        try ABIReader.require(selector, of: signature, in: bytes)
        return try decode(bytes.span.extracting(4...), as: ABISchema(parameters), limits: limits)
    }
}

extension [ABIParameter] {
    /// A name with the canonical types of these parameters.
    func signature(of name: String) -> String {
        "\(name)(\(map(\.type.description).joined(separator: ",")))"
    }
}
