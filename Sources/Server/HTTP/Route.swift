internal import JSON

/// What can be asked for: the router, the tests and `/openapi.json` all read this table.
struct Route: Sendable {
    /// A parameter of the query.
    struct Parameter: Sendable {
        let name: String
        let isInteger: Bool
        let says: String

        init(_ name: String, integer: Bool = false, _ says: String) {
            self.name = name
            isInteger = integer
            self.says = says
        }
    }

    /// What it is.
    enum Kind: Sendable, CaseIterable {
        case health, openapi, metrics, positions, position, opportunities, oracles, snapshot, stream, socket
    }

    let kind: Kind
    /// `{id}` at the end stands for a position.
    let path: String
    /// What a token has to allow; nothing where no token is asked for.
    let scope: AccessScope?
    let says: String
    var parameters: [Parameter] = []
    /// Statuses that it answers with beside those that every route has.
    var statuses: [Int] = [200]

    private static let stream = Parameter(
        "stream", "Streams by name, separated by commas; a * at the end stands for anything.")
    private static let since = Parameter(
        "sinceSeq", integer: true, "Only what was said after this number; needs one stream.")
    private static let limit = Parameter(
        "limit", integer: true, "At most so many records, 1 to 1000; 100 where it is not given.")
    private static let cursor = Parameter("cursor", "The cursor of the page before.")

    static let all: [Route] = [
        Route(
            kind: .health, path: "/health", scope: nil, says: "Whether the watch follows the chain.",
            statuses: [200, 503]),
        Route(kind: .openapi, path: "/openapi.json", scope: nil, says: "This description."),
        Route(kind: .metrics, path: "/metrics", scope: .metrics, says: "Metrics as Prometheus reads them."),
        Route(
            kind: .positions, path: "/v1/positions", scope: .read, says: "Positions that are open or near their line.",
            parameters: [
                stream, Parameter("state", "open, watch or unknown."), Parameter("market", "The market of the record."),
                Parameter("account", "The account of the record."),
                Parameter("maxHealth", "At most this health, a decimal number; unknown health is within it."),
                Parameter("sort", "id or health; id where it is not given."), limit, cursor, since,
            ], statuses: [200, 304]),
        Route(
            kind: .position, path: "/v1/positions/{id}", scope: .read, says: "One position, as it was last said.",
            statuses: [200, 304]),
        Route(
            kind: .opportunities, path: "/v1/opportunities", scope: .read, says: "Positions that anyone may liquidate.",
            parameters: [
                stream, Parameter("minNetWei", "At least this net profit of the best plan, wei."),
                Parameter("verdict", "ok, suspect, reject or unknown."),
                Parameter("sort", "net or id; net where it is not given."),
                limit, cursor, since,
            ], statuses: [200, 304]),
        Route(
            kind: .oracles, path: "/v1/oracles", scope: .read,
            says: "Every price that a market uses, beside what independent sources say of it.",
            parameters: [
                stream, Parameter("asset", "A token by its address or symbol."),
                Parameter("verdict", "ok, suspect, reject or unknown."),
            ], statuses: [200, 304, 501, 503]),
        Route(
            kind: .snapshot, path: "/v1/snapshot", scope: .read,
            says: "Everything that is open, with the number it holds at.",
            parameters: [stream], statuses: [200, 304]),
        Route(
            kind: .stream, path: "/v1/stream", scope: .stream, says: "The streams as server-sent events.",
            parameters: [
                stream, Parameter("types", "Types of messages, separated by commas."),
                Parameter("from", "snapshot or tail, where nothing is resumed; snapshot where it is not given."),
                Parameter("resume", "Tokens <stream>:<seq>, separated by commas; Last-Event-ID goes before."),
                Parameter("overflow", "What happens where the reader is too slow: coalesce or disconnect."),
            ], statuses: [200, 409]),
        Route(
            kind: .socket, path: "/v1/ws", scope: .stream, says: "The streams over a WebSocket (RFC 6455).",
            statuses: [101, 426]),
    ]

    /// The route of a path, and the id in it.
    static func find(_ path: String) throws(HTTPRefusal) -> (route: Route, id: String?) {
        for route in all {
            if route.path == path { return (route, nil) }
            guard route.path.hasSuffix("{id}") else { continue }
            let prefix = route.path.dropLast(4)
            if path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count {
                let id = String(path.dropFirst(prefix.count))
                if !id.contains("/") { return (route, id) }
            }
        }
        throw .notFound
    }

    /// Refuses parameters that are not known: a filter that is ignored would show too much.
    func check(_ target: RequestTarget) throws(HTTPRefusal) {
        for name in target.query.keys.sorted() where !parameters.contains(where: { $0.name == name }) {
            throw .parameter(
                name, parameters.isEmpty ? "no parameters" : "one of \(parameters.map(\.name).joined(separator: ", "))")
        }
    }
}

/// The description of the routes (OpenAPI 3.1).
enum OpenAPI {
    static let document: [UInt8] = JSONValue.object([
        "openapi": "3.1.0",
        "info": ["title": "plimsoll serve", "version": "1"],
        "paths": .object(JSONObject(Route.all.map { ($0.path, ["get": operation($0)]) })),
        "components": [
            "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            "schemas": [
                "Error": [
                    "type": "object", "required": ["error"],
                    "properties": [
                        "error": [
                            "type": "object", "required": ["status", "what", "expected"],
                            "properties": [
                                "status": ["type": "integer"], "what": ["type": "string"],
                                "expected": ["type": "string"],
                            ],
                        ]
                    ],
                ]
            ],
        ],
    ]).serialized()

    private static func operation(_ route: Route) -> JSONValue {
        var parameters = route.parameters.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.says),
                "schema": ["type": .string(parameter.isInteger ? "integer" : "string")],
            ]
        }
        if route.path.hasSuffix("{id}") {
            parameters.append(["name": "id", "in": "path", "required": true, "schema": ["type": "string"]])
        }
        var responses: [(String, JSONValue)] = route.statuses.map { status in
            ("\(status)", ["description": .string(status < 400 ? route.says : "see error")])
        }
        responses.append(
            (
                "default",
                [
                    "description": "refused",
                    "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
                ]
            ))
        return [
            "summary": .string(route.says), "parameters": .array(parameters),
            "security": .array(route.scope == nil ? [] : [["token": []]]),
            "responses": .object(JSONObject(responses)),
        ]
    }
}
