import Ethereum
public import JSON

/// What an endpoint said that can be shown to be wrong: kept for its operator to see.
public struct Evidence: Sendable {
    /// Most bytes that are kept of each body.
    public static let mostBytes = 1 << 20

    /// Who said it.
    public let endpoint: String
    /// Who runs it.
    public let operatorName: String
    /// What is wrong with it.
    public let reason: String
    /// When, in Unix seconds.
    public let time: UInt64
    /// The body that was sent, without keys; at most ``mostBytes``.
    public let request: [UInt8]
    /// The body that came back, likewise.
    public let response: [UInt8]

    init(endpoint: Endpoint, reason: String, time: UInt64, request: [UInt8], response: [UInt8]) {
        self.endpoint = endpoint.name
        operatorName = endpoint.operatorName
        self.reason = Cleaned.text(reason, secrets: endpoint.secrets)
        self.time = time
        // Keys first: a cut must not leave the half of one behind.
        self.request = Self.cut(endpoint.secrets.redacted(request) ?? request)
        let answer = HTTPResponse(status: 200, body: response, retryAfter: nil).redacted(endpoint.secrets)
        self.response = Self.cut(answer.body)
    }

    private static func cut(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count > mostBytes ? Array(bytes[..<mostBytes]) : bytes
    }

    /// As one JSON object; bodies that are no text are hex under another name.
    public var json: JSONValue {
        var object = JSONObject([
            ("v", 1), ("endpoint", .string(endpoint)), ("operator", .string(operatorName)),
            ("reason", .string(reason)), ("time", .integer(time)),
        ])
        for (name, bytes) in [("request", request), ("response", response)] {
            if let text = String(validating: bytes, as: UTF8.self) {
                object[name] = .string(text)
            } else {
                object[name + "Hex"] = .string(Hex.encode(bytes))
            }
        }
        return .object(object)
    }
}

/// Keeps evidence.
public protocol EvidenceSink: Sendable {
    /// Keeps one incident.
    ///
    /// - Throws: ``EvidenceError`` where it could not be written; the endpoint is quarantined all the same.
    func keep(_ evidence: Evidence) async throws(EvidenceError)
}

/// Why evidence was not kept.
public struct EvidenceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In words, with the folder.
    public let description: String

    /// Says why.
    public init(_ description: String) { self.description = description }
}
