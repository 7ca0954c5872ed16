/// A place in a JSON text.
public struct JSONPosition: Hashable, Sendable {
    /// Bytes before the place.
    public let offset: Int
    /// Line, counted from 1.
    public let line: Int
    /// Byte in the line, counted from 1.
    public let column: Int

    /// Makes a position from its three numbers.
    public init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// Counts the lines of `text` up to `offset`.
    init(offset: Int, in text: Span<UInt8>) {
        let offset = min(offset, text.count)
        var line = 1
        var lineStart = 0
        for index in 0..<offset where text[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        self.init(offset: offset, line: line, column: offset - lineStart + 1)
    }
}

/// Why a JSON text, or a value in it, was refused.
public enum JSONError: Error, Equatable, Sendable {
    /// The text is not JSON (RFC 8259) at this place.
    case syntax(JSONPosition, expected: String, got: String)
    /// The text is larger, deeper or richer than the caller allows.
    case limit(JSONPosition, of: String, maximum: Int)
    /// An object has two members of one name.
    case duplicateKey(JSONPosition, key: String)
    /// The value at an RFC 6901 pointer is not what the reader needs.
    case mismatch(pointer: String, expected: String, got: String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension JSONPosition: CustomStringConvertible {
    public var description: String { "line \(line), column \(column)" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .syntax(let position, let expected, let got): "\(position): expected \(expected), got \(got)"
        case .limit(let position, let what, let maximum): "\(position): more than \(maximum) \(what)"
        case .duplicateKey(let position, let key): "\(position): member \"\(key)\" appears twice in one object"
        case .mismatch(let pointer, let expected, let got):
            "\(pointer.isEmpty ? "the whole value" : pointer): expected \(expected), got \(got)"
        }
    }
}
