/// Why a feed cannot go on.
public enum FeedError: Error, Hashable, Sendable {
    /// A line is not a message.
    case malformed(String)
    /// A kept file contradicts itself.
    case damaged(file: String, line: Int, what: String)
    /// A file cannot be written or read.
    case unusable(file: String, what: String)
    /// The stream does not go back so far.
    case retention(oldest: UInt64)
    /// A token that names another stream, or a number that was not given out yet.
    case token(String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension FeedError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let expected): "a line of the feed is malformed: \(expected) was expected"
        case .damaged(let file, let line, let what): "\(file), line \(line): \(what)"
        case .unusable(let file, let what): "\(file): \(what)"
        case .retention(let oldest): "what is kept begins with \(oldest)"
        case .token(let what): "the token cannot be resumed: \(what)"
        }
    }
}
