public import Ethereum

/// An event of a contract.
public struct EventSignature: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The parameters in the order of declaration, indexed ones among them.
    public var parameters: [ABIParameter]
    /// Whether the log carries no hash of the signature.
    public var isAnonymous: Bool

    /// Makes a signature.
    ///
    /// - Throws: `.unsupportedType` where more parameters are indexed than a log has topics.
    public init(name: String, parameters: [ABIParameter], isAnonymous: Bool = false) throws(ABIError) {
        self.name = name
        self.parameters = parameters
        self.isAnonymous = isAnonymous
        guard topicCount <= 4 else {
            throw .unsupportedType(canonical, why: "a log has 4 topics, and this event needs \(topicCount)")
        }
        _ = try ABISchema(parameters)
    }

    /// Reads `event Transfer(address indexed from, address indexed to, uint256 value) anonymous`; "event" may be
    /// missing.
    ///
    /// - Throws: `.syntax` and `.unsupportedType`.
    public init(parsing text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        _ = parser.take(word: "event")
        let name = parser.word()
        guard !name.isEmpty else { throw parser.failure("the name of an event") }
        let parameters = try parser.parameters(level: 0, allowsIndexed: true)
        let isAnonymous = parser.take(word: "anonymous")
        try parser.end()
        try self.init(name: name, parameters: parameters, isAnonymous: isAnonymous)
    }

    /// The text that is hashed: `Transfer(address,address,uint256)`.
    public var canonical: String { parameters.signature(of: name) }

    /// The hash of the canonical signature; the first topic unless the event is anonymous.
    public var topic0: Hash32 { Keccak256.hash(canonical.utf8) }

    /// Topics that a log of this event has.
    public var topicCount: Int { parameters.count(where: \.isIndexed) + (isAnonymous ? 0 : 1) }

    /// The values of a log in the order of declaration.
    ///
    /// An indexed parameter that does not fit a word is only there as its hash, and decodes to those 32 bytes.
    /// - Throws: `.wrongTopic` and `.topicCount` where it is another event, otherwise the first thing that is wrong
    ///   with the bytes.
    public func decode(topics: [Hash32], data: [UInt8], limits: ABILimits = .default) throws(ABIError) -> [ABIValue] {
        try EventTopics.check(topics, count: topicCount, topic0: isAnonymous ? nil : topic0, of: canonical)
        let plain = try ABICoder.decode(data.span, as: ABISchema(parameters.filter { !$0.isIndexed }), limits: limits)
        var values: [ABIValue] = []
        var topic = isAnonymous ? 0 : 1
        var index = 0
        for parameter in parameters {
            if parameter.isIndexed {
                values.append(try EventTopics.value(topics[topic], as: parameter.type, at: 32 * topic))
                topic += 1
            } else {
                values.append(plain[index])
                index += 1
            }
        }
        return values
    }
}

/// The topics of a log, as generated bindings and ``EventSignature`` read them; positions in errors count 32 bytes a
/// topic.
public enum EventTopics {
    /// Sees to it that a log has the topics of an event.
    ///
    /// - Parameter topic0: the hash of the signature, `nil` where the event is anonymous.
    public static func check(_ topics: [Hash32], count: Int, topic0: Hash32?, of signature: String) throws(ABIError) {
        if let topic0 {
            guard let first = topics.first else { throw .topicCount(signature: signature, expected: count, got: 0) }
            guard first == topic0 else { throw .wrongTopic(signature: signature, expected: topic0, got: first) }
        }
        guard topics.count == count else { throw .topicCount(signature: signature, expected: count, got: topics.count) }
    }

    /// The value that a topic holds: a word of its type, or the hash of anything longer.
    static func value(_ topic: Hash32, as type: ABIType, at: Int) throws(ABIError) -> ABIValue {
        switch type {
        case .uint(let bits): .uint(try ABIWord.uint(topic.word, bits: bits, at: at))
        case .int(let bits): .int(try ABIWord.int(topic.word, bits: bits, at: at))
        case .address: .address(try ABIWord.address(topic.word, at: at))
        case .bool: .bool(try ABIWord.bool(topic.word, at: at))
        case .fixedBytes(let count): .fixedBytes(try ABIWord.fixedBytes(topic.word, count: count, at: at))
        case .function: .fixedBytes(try ABIWord.fixedBytes(topic.word, count: 24, at: at))
        case .bytes, .string, .array, .fixedArray, .tuple: .fixedBytes(FixedBytes(topic))
        }
    }
}
