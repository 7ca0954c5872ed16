internal import CCurl

/// One JSON-RPC endpoint. Its URL may carry a key, so only the host is ever shown.
public struct Endpoint: Sendable, Hashable {
    /// Which addresses an endpoint may lead to; checked against the address that its name resolves to.
    public enum Reach: Sendable, Hashable {
        /// Plain http to this machine and private networks alone; https to public addresses, or to a private one that
        /// the
        /// URL spells out. A name that is rebound to another kind of address is refused.
        case guarded
        /// Whatever its user says: plain http across the internet, https to a private name.
        case unrestricted
    }

    /// Host and port, all that a log, a record or an error may show.
    public let name: String
    /// Without credentials; empty for an endpoint that is only replayed.
    let url: String
    let user: String?
    let password: String?
    let isPlain: Bool
    /// Whether the URL itself names a private address: then the transport holds it to one.
    let isPrivate: Bool
    let reach: Reach
    /// What must not appear in a message that a node echoes.
    let secrets: Secrets

    /// Parses a URL.
    ///
    /// - Throws: ``RPCError/invalidURL(_:)``, without the URL, where it is not http or https with a host.
    public init(url: String, reach: Reach = .guarded) throws(RPCError) {
        guard url.utf8.count <= 2_048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x5c }) else {
            throw .invalidURL("it is longer than 2048 bytes, or holds a space, a backslash or a character beyond ASCII")
        }
        guard let colon = url.range(of: "://") else {
            throw .invalidURL("it has no scheme; http:// or https:// is expected")
        }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw .invalidURL("its scheme is neither http nor https")
        }
        let rest = url[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        let at = authority.lastIndex(of: "@")
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority
        let bare = try Self.checked(host)
        let credentials = at.map { authority[..<$0] }
        let pair = credentials?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        user = pair.first.map(Percent.decode)
        password = pair.count > 1 ? Percent.decode(pair[1]) : nil
        name = host.lowercased()
        self.url = "\(scheme)://\(host)\(path)"
        self.reach = reach
        isPlain = scheme == "http"
        isPrivate = Self.isPrivateName(bare)
        secrets = Secrets(credentials: credentials ?? "", path: path)
    }

    /// An endpoint that was recorded under this name: it can be replayed, and opens no connection.
    public init(recorded name: String) {
        self.name = Cleaned.text(name, secrets: Secrets())
        url = ""
        user = nil
        password = nil
        isPlain = true
        isPrivate = true
        reach = .guarded
        secrets = Secrets()
    }

    private init(_ endpoint: Endpoint, name: String) {
        self.name = name
        url = endpoint.url
        user = endpoint.user
        password = endpoint.password
        isPlain = endpoint.isPlain
        isPrivate = endpoint.isPrivate
        reach = endpoint.reach
        secrets = endpoint.secrets
    }

    /// The same endpoint under another name, for logs, records and recordings.
    public func renamed(_ name: String) -> Endpoint { Endpoint(self, name: name) }

    /// The endpoints under names that differ: another URL of the same host is its second, third and so on.
    public static func distinct(_ endpoints: [Endpoint]) -> [Endpoint] {
        var taken: Set<String> = []
        return endpoints.map { endpoint in
            var name = endpoint.name
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(endpoint.name) (\(number))"
                number += 1
            }
            return name == endpoint.name ? endpoint : Endpoint(endpoint, name: name)
        }
    }

    /// The host without brackets and port, in lower case.
    private static func checked(_ host: Substring) throws(RPCError) -> String {
        let isLiteral6 = host.first == "["
        let bare: Substring
        if isLiteral6, let close = host.firstIndex(of: "]") {
            bare = host[host.index(after: host.startIndex)..<close]
        } else {
            bare = host.prefix { $0 != ":" }
        }
        let port = host.dropFirst(bare.count + (isLiteral6 ? 2 : 0))
        let allowed: (Character) -> Bool = {
            $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" || isLiteral6 && $0 == ":"
        }
        guard !bare.isEmpty, bare.allSatisfy(allowed) else {
            throw .invalidURL("its host is missing or holds characters that a host does not have")
        }
        guard port.isEmpty || port.first == ":" && (UInt16(port.dropFirst()) ?? 0) > 0 else {
            throw .invalidURL("its port is not a number from 1 to 65535")
        }
        return bare.lowercased()
    }

    /// Whether a bare host names this machine, or spells out an address of a private network.
    static func isPrivateName(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        // SAFETY: the text is passed as a C string that lives for the call.
        return unsafe plimsoll_literal_scope(host) == PLIMSOLL_PRIVATE
    }

    /// Whether a connection to an address of this scope may be opened; nil where it may, else what to say.
    func refusal(isPublic: Bool, isNowhere: Bool) -> String? {
        if isNowhere { return "its name leads to a link-local, multicast or reserved address, where no node is" }
        if reach == .unrestricted { return nil }
        if isPlain && isPublic {
            return
                "plain http would send the request readable across the internet; use https"
        }
        if !isPlain && isPrivate && isPublic {
            return "its name says that it is private, and it leads to a public address"
        }
        if !isPlain && !isPrivate && !isPublic {
            return "its public name leads to a private address; a node of your own network is reached by http"
        }
        return nil
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { name }
    public var debugDescription: String { name }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// Percent escapes of a URL.
enum Percent {
    static func decode(_ text: Substring) -> String {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                output.append(value)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
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
