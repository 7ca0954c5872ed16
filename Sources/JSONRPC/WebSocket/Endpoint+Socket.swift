internal import CCurl

extension Endpoint {
    /// Parses the URL of a WebSocket: `ws` and `wss` are held to the rules of `http` and `https`.
    ///
    /// - Throws: ``RPCError/invalidURL(_:)``, without the URL.
    public init(socket url: String, reach: Reach = .guarded) throws(RPCError) {
        guard let colon = url.range(of: "://") else {
            throw .invalidURL("it has no scheme; ws:// or wss:// is expected")
        }
        switch url[..<colon.lowerBound].lowercased() {
        case "ws": try self.init(url: "http" + url[colon.lowerBound...], reach: reach)
        case "wss": try self.init(url: "https" + url[colon.lowerBound...], reach: reach)
        default: throw .invalidURL("its scheme is neither ws nor wss")
        }
    }

    /// Where a socket to this endpoint leads.
    struct SocketTarget: Sendable {
        /// A name or a literal address, without brackets.
        var host: String
        var port: Int
        /// Path and query.
        var path: String
        /// Whether the host is an address, which TLS is not told as a name.
        var isLiteral: Bool
    }

    /// Nil for an endpoint that is only replayed.
    var socketTarget: SocketTarget? {
        guard let colon = url.range(of: "://") else { return nil }
        let rest = url[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        var host = authority.prefix { $0 != ":" }
        var port = authority[host.endIndex...]
        if authority.first == "[", let close = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<close]
            port = authority[authority.index(after: close)...]
        }
        return SocketTarget(
            host: String(host), port: Int(port.dropFirst()) ?? (isPlain ? 80 : 443),
            path: path.first == "/" ? String(path) : "/" + path,
            isLiteral: authority.first == "[" || host.allSatisfy { $0.isNumber || $0 == "." })
    }

    /// Whether a socket to this literal address may be opened; nil where it may, else what to say.
    func socketRefusal(address: String) -> String? {
        // SAFETY: the text is passed as a C string that lives for the call.
        let scope = unsafe plimsoll_literal_scope(address)
        // The rules of HTTP, in the words of sockets.
        return refusal(isPublic: scope == PLIMSOLL_PUBLIC, isNowhere: scope == PLIMSOLL_NOWHERE).map { words in
            words.split(separator: " ", omittingEmptySubsequences: false).map { word in
                word == "http" ? "ws" : word == "https" ? "wss" : word == "https;" ? "wss;" : word
            }.joined(separator: " ")
        }
    }

    /// The value of an `Authorization` header, where the URL has credentials.
    var basicAuthorization: String? {
        guard let user else { return nil }
        let bare = Base64.encode(Array("\(user):\(password ?? "")".utf8))
        return "Basic " + bare + String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4)
    }
}
