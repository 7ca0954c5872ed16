/// One JSON-RPC endpoint. Its URL may carry a key, so only the host is ever shown.
public struct Endpoint: Sendable, Hashable {
    /// Host and port, all that a log, a record or an error may show.
    public let name: String
    let url: String
    /// A plain-text endpoint, or one whose host is an address of this machine or network.
    let isPrivate: Bool

    /// Parses a URL.
    ///
    /// - Throws: ``RPCError/invalidURL(_:)`` where it is not http or https with a host. Plain http is only spoken to
    ///   loopback and private addresses, which the transport checks after the name is resolved.
    public init(url: String) throws(RPCError) {
        guard let colon = url.range(of: "://") else { throw .invalidURL("it has no scheme; http:// or https:// is expected") }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw .invalidURL("its scheme is '\(scheme.prefix(16))'; http or https is expected")
        }
        let rest = url[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !host.isEmpty, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), url.utf8.count <= 2_048 else {
            throw .invalidURL("it has no host, or characters that a URL does not have")
        }
        self.url = url
        name = String(host)
        isPrivate = scheme == "http" || Self.isPrivateLiteral(host)
    }

    private static func isPrivateLiteral(_ host: Substring) -> Bool {
        host.hasPrefix("localhost") || host.hasPrefix("127.") || host.hasPrefix("[::1]") || host.hasPrefix("10.")
            || host.hasPrefix("192.168.") || host.hasPrefix("172.")
    }

    /// The parts of the URL that may be secret and must not appear in a message that a node echoes.
    var secrets: [String] {
        guard let start = url.range(of: "://") else { return [] }
        let rest = url[start.upperBound...]
        var parts: [Substring] = []
        if let at = rest.firstIndex(of: "@"), rest[..<at].firstIndex(of: "/") == nil {
            parts += rest[..<at].split(separator: ":")
        }
        if let slash = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) {
            parts += rest[slash...].split { "/?&=#".contains($0) }
        }
        return parts.filter { $0.utf8.count >= 6 }.map(String.init)
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { name }
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var debugDescription: String { name }
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension StringProtocol {
    /// Where `text` stands first.
    func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
