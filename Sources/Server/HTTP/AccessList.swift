public import JSON
internal import Crypto
internal import Ethereum
internal import Networks

/// What a token may be used for.
public enum AccessScope: String, CaseIterable, Sendable {
    /// Positions, opportunities, snapshots.
    case read
    /// Event streams and sockets.
    case stream
    /// Metrics.
    case metrics
}

/// Who asks, and what they may hear.
public struct Caller: Hashable, Sendable {
    /// The name of their token.
    public var name: String
    /// The streams that they may hear.
    public var streams: SinkFilter
    /// What they may ask for.
    public var scopes: Set<AccessScope>

    /// Whoever is on this machine, where no tokens are asked for.
    static let anybody = Caller(name: "anybody", streams: SinkFilter(), scopes: Set(AccessScope.allCases))
}

/// Bearer tokens, of which only hashes are kept.
public struct AccessList: Sendable {
    private struct Token: Sendable {
        var digest: [UInt8]
        var caller: Caller
    }

    private var tokens: [Token] = []
    /// Longest secret that is looked at.
    private static let longest = 512

    /// Reads `{"tokens": [{"name": …, "sha256": …, "streams": […], "scopes": […]}]}`.
    ///
    /// - Throws: `.mismatch` with the place of the first thing that is not as it must be.
    public init(_ root: JSONCursor) throws(JSONError) {
        try root.refuseUnknown(["tokens"])
        let list = try root.member("tokens")
        for element in try list.elements() {
            try element.refuseUnknown(["name", "sha256", "streams", "scopes"])
            let name = try element.member("name").string()
            guard (1...64).contains(name.utf8.count) else { throw element.mismatch("a name of 1 to 64 bytes") }
            let digest = try element.member("sha256")
            guard let hash = Hash32(hex: "0x" + (try digest.string())) else {
                throw digest.mismatch("64 hexadecimal digits, the SHA-256 of the secret")
            }
            var streams = SinkFilter()
            if let names = try element.optional("streams") {
                streams.streams = []
                for name in try names.elements() { streams.streams.append(try name.string()) }
            }
            var scopes: Set<AccessScope> = []
            for scope in try element.member("scopes").elements() {
                guard let known = AccessScope(rawValue: try scope.string()) else {
                    throw scope.mismatch("one of read, stream, metrics")
                }
                scopes.insert(known)
            }
            guard tokens.count < 1_000 else { throw list.mismatch("at most 1000 tokens") }
            guard !tokens.contains(where: { $0.caller.name == name }) else {
                throw element.mismatch("a name that no other token has")
            }
            tokens.append(Token(digest: hash.bytes, caller: Caller(name: name, streams: streams, scopes: scopes)))
        }
        guard !tokens.isEmpty else { throw list.mismatch("at least one token") }
    }

    /// Who has this secret; the time it takes does not depend on which token it is or how much of it is right.
    func caller(secret: some Collection<UInt8>) -> Caller? {
        guard secret.count <= Self.longest else { return nil }
        let digest = Array(SHA256.hash(data: Array(secret)))
        var found: Caller?
        for token in tokens {
            var difference: UInt8 = 0
            for (a, b) in zip(token.digest, digest) { difference |= a ^ b }
            if difference == 0 { found = token.caller }
        }
        return found
    }

    /// What is kept of a secret: the SHA-256 of its bytes, as 64 hexadecimal digits.
    public static func digest(of secret: String) -> String {
        String(Hex.encode(Array(SHA256.hash(data: Array(secret.utf8)))).dropFirst(2))
    }
}
