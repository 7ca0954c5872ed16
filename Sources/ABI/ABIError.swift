public import Ethereum

/// Why a type, a signature, a value or encoded bytes were refused.
public enum ABIError: Error, Equatable, Sendable {
    /// What is wrong with an offset in encoded bytes.
    public enum OffsetFault: Equatable, Sendable {
        /// It points past the end of the data.
        case beyondEnd
        /// It points into the head that it stands in.
        case intoHead
        /// It is no multiple of 32.
        case unaligned
    }

    /// The text of a type or signature stops making sense at a byte.
    case syntax(text: String, offset: Int, expected: String)
    /// The type is not one that contracts can use.
    case unsupportedType(String, why: String)
    /// A member of a JSON ABI is not what the format asks for.
    case json(pointer: String, expected: String, got: String)

    /// The data ends before a head or a word that the type needs; positions and sizes in bytes.
    case truncated(at: Int, needed: Int, have: Int)
    /// The offset at a position is wrong.
    case offset(at: Int, value: UInt256, OffsetFault)
    /// The length at a position is more than the bytes that follow can hold.
    case length(at: Int, value: UInt256, of: String, room: Int)
    /// The word at a position is not a value of its type.
    case range(at: Int, word: UInt256, type: String)
    /// The bytes that fill a word after the value at a position are not zero.
    case padding(at: Int, type: String)
    /// The string at a position is not UTF-8.
    case notUTF8(at: Int)
    /// Offsets lead back to bytes that were read before: more would be read than there is.
    case revisited(at: Int, size: Int)
    /// Bytes follow the end of the encoding, and the caller does not allow it.
    case trailing(at: Int, count: Int)

    /// The value at a path does not fit its type.
    case mismatch(path: String, expected: String, got: String)
    /// The data begins with another selector than the signature's.
    case wrongSelector(signature: String, expected: Selector, got: Selector)
    /// The first topic is another event's.
    case wrongTopic(signature: String, expected: Hash32, got: Hash32)
    /// The log has another number of topics than the event has indexed parameters (and, unless anonymous, a signature).
    case topicCount(signature: String, expected: Int, got: Int)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ABIError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .syntax(let text, let offset, let expected):
            "\"\(ABIError.shortened(text))\": expected \(expected) at character \(offset + 1)"
        case .unsupportedType(let type, let why): "type \"\(ABIError.shortened(type))\" cannot be used: \(why)"
        case .json(let pointer, let expected, let got):
            "\(pointer.isEmpty ? "the ABI" : pointer): expected \(expected), got \(ABIError.shortened(got))"
        case .truncated(let at, let needed, let have): "byte \(at): \(needed) bytes are needed and \(have) are left"
        case .offset(let at, let value, let fault): "byte \(at): offset \(value) \(fault)"
        case .length(let at, let value, let type, let room):
            "byte \(at): length \(value) of \(type) does not fit the \(room) bytes that follow"
        case .range(let at, let word, let type): "byte \(at): \(word.hex) is no \(type)"
        case .padding(let at, let type): "byte \(at): the padding of \(type) is not zero"
        case .notUTF8(let at): "byte \(at): the string is not UTF-8"
        case .revisited(let at, let size):
            "byte \(at): offsets overlap, so that more than all \(size) bytes would be read"
        case .trailing(let at, let count): "byte \(at): \(count) bytes follow the end"
        case .mismatch(let path, let expected, let got): "\(path): expected \(expected), got \(ABIError.shortened(got))"
        case .wrongSelector(let signature, let expected, let got):
            "the selector of \(signature) is \(expected), and the data begins with \(got)"
        case .wrongTopic(let signature, let expected, let got):
            "topic 0 of \(signature) is \(expected), and the log has \(got)"
        case .topicCount(let signature, let expected, let got):
            "a log of \(signature) has \(expected) topics, and this one has \(got)"
        }
    }

    /// At most 200 characters of a text that came from outside.
    static func shortened(_ text: String) -> String {
        text.unicodeScalars.count <= 200 ? text : String(text.unicodeScalars.prefix(200)) + "…"
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ABIError.OffsetFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .beyondEnd: "points past the end of the data"
        case .intoHead: "points into its own head"
        case .unaligned: "is no multiple of 32"
        }
    }
}
