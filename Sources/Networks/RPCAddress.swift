/// The URL of an endpoint, which may hold a key: printing one, in whatever way, shows no more than its host.
public struct RPCAddress: Hashable, Sendable {
    /// The whole URL, for the transport alone.
    public let secretURL: String
    /// Host and port as they may be shown; on a public host never a path, a query or a user.
    public let host: String

    /// Takes a URL apart; `nil` where it is not `http://` or `https://` with a host, or holds a space or control
    /// character.
    public init?(_ text: String) {
        guard let end = text.range(ofFirst: "://") else { return nil }
        let scheme = text[..<end.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else { return nil }
        let rest = text[end.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let hostAndPort =
            authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority[...]
        guard RPCAddress.isHostAndPort(hostAndPort) else { return nil }
        secretURL = text
        host = String(hostAndPort)
    }

    /// Whether the text is a name, an IPv4 address or a bracketed IPv6 address, with or without a port.
    private static func isHostAndPort(_ text: Substring) -> Bool {
        var name = text
        var port: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return false }
            name = text[text.index(after: text.startIndex)..<close]
            let tail = text[text.index(after: close)...]
            guard tail.isEmpty || tail.first == ":" else { return false }
            port = tail.isEmpty ? nil : tail.dropFirst()
            guard !name.isEmpty, name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return false }
        } else {
            if let colon = text.firstIndex(of: ":") {
                name = text[..<colon]
                port = text[text.index(after: colon)...]
            }
            let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
            guard !name.isEmpty, allowed else { return false }
        }
        guard let port else { return true }
        return UInt16(port).map { $0 > 0 } ?? false
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RPCAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { host }
    public var debugDescription: String { host }
    public var customMirror: Mirror { Mirror(self, children: ["host": host]) }
}

extension String {
    /// Where `word` stands first.
    func range(ofFirst word: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
