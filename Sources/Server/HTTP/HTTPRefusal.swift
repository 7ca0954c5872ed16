internal import JSON

/// Why a request is not answered.
struct HTTPRefusal: Error, Hashable {
    var status: Int
    var what: String
    var expected: String
    /// Headers beside the usual ones.
    var headers: [String: String] = [:]

    /// `{"error": {"status", "what", "expected"}}`.
    var body: [UInt8] {
        let error: JSONValue = [
            "status": .integer(status), "what": .string(what), "expected": .string(expected),
        ]
        return JSONValue.object(["error": error]).serialized()
    }

    static func parameter(_ name: String, _ expected: String) -> HTTPRefusal {
        HTTPRefusal(status: 400, what: "the parameter \(name) cannot be used", expected: expected)
    }

    static let notFound = HTTPRefusal(
        status: 404, what: "there is nothing here", expected: "a path of /openapi.json")
    static let malformed = HTTPRefusal(status: 400, what: "this is no request of HTTP/1.1", expected: "RFC 9112")
    static let unauthorized = HTTPRefusal(
        status: 401, what: "the token is missing or unknown", expected: "Authorization: Bearer <secret>",
        headers: ["WWW-Authenticate": "Bearer"])
}

/// What a request is answered with.
struct HTTPAnswer: Sendable {
    var status = 200
    var type = "application/json"
    var headers: [String: String] = [:]
    /// The body, in pieces that are not copied together.
    var parts: [[UInt8]]

    init(status: Int = 200, type: String = "application/json", headers: [String: String] = [:], parts: [[UInt8]]) {
        self.status = status
        self.type = type
        self.headers = headers
        self.parts = parts
    }

    init(_ refusal: HTTPRefusal) {
        self.init(status: refusal.status, headers: refusal.headers, parts: [refusal.body])
    }

    /// Bytes of the body.
    var length: Int { parts.reduce(0) { $0 + $1.count } }
}
