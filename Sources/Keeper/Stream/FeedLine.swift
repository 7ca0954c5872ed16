public import Ethereum

/// A message as it is sent.
public struct FeedLine: Hashable, Sendable {
    /// Its number in the stream; that of the last message for what only one consumer is told.
    public var seq: UInt64
    /// What it is; nil for what only one consumer is told.
    public var kind: FeedMessage.Kind?
    /// The position that it speaks of.
    public var id: Hash32?
    /// The bytes, without the line's end.
    public var bytes: [UInt8]

    /// Makes a line.
    public init(seq: UInt64, kind: FeedMessage.Kind?, id: Hash32? = nil, bytes: [UInt8]) {
        self.seq = seq
        self.kind = kind
        self.id = id
        self.bytes = bytes
    }
}

/// From where a consumer wants to hear a stream.
public enum FeedPoint: Hashable, Sendable {
    /// Only what comes.
    case tail
    /// What stands, then what comes.
    case snapshot
    /// Everything after this number; what stands, where that is not kept any more.
    case after(UInt64)

    /// Parses `stream:seq`, the token of the last message that a consumer has.
    ///
    /// - Throws: `.token` where it is none, or of another stream.
    public init(token: String, of stream: String) throws(FeedError) {
        guard let colon = token.lastIndex(of: ":"), token[..<colon] == stream else {
            throw .token("it has to be \(stream):<seq>")
        }
        let digits = token[token.index(after: colon)...]
        guard digits.utf8.allSatisfy({ 48...57 ~= $0 }), let seq = UInt64(digits) else {
            throw .token("behind the colon stands a number")
        }
        self = .after(seq)
    }
}
