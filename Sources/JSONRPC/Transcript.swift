public import JSON

/// A recorded session: every exchange with its answer, without URLs. A zlib stream of JSON lines.
public struct Transcript: Sendable {
    /// What was asked and what came back.
    struct Exchange: Sendable, Hashable {
        var body: [UInt8]
        var outcome: Result<HTTPResponse, RPCError>
    }

    /// What the session was: facts that a replay needs to print the same.
    public var meta: JSONObject
    var exchanges: [Exchange]

    /// An empty recording.
    public init() {
        meta = JSONObject()
        exchanges = []
    }

    /// How many exchanges it holds.
    public var count: Int { exchanges.count }

    /// Largest recording that is read, in bytes when unpacked.
    static let limit = 2 << 30

    /// Reads a recording.
    ///
    /// - Throws: ``RPCError/transcript(_:)`` where it is damaged, cut short or of another program.
    public init(compressed bytes: [UInt8]) throws(RPCError) {
        let text = try Deflate.decompress(bytes, limit: Self.limit)
        self.init()
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n")) {
            number += 1
            let value: JSONValue
            do {
                value = try JSONValue(parsing: Array(line), limits: JSONLimits(bytes: 512 << 20, depth: 8, elements: 1_000))
            } catch {
                throw .transcript("line \(number): \(error)")
            }
            if number == 1 {
                guard value["plimsoll"]?.int == 1, let meta = value["meta"]?.object else {
                    throw .transcript("it is not a recording of this program, or of a later version")
                }
                self.meta = meta
            } else {
                exchanges.append(try Self.exchange(value, line: number))
            }
        }
        guard number > 0 else { throw .transcript("it is empty") }
    }

    private static func exchange(_ value: JSONValue, line: Int) throws(RPCError) -> Exchange {
        guard let body = value["q"]?.string else { throw .transcript("line \(line) holds no request") }
        let name = value["e"]?.string ?? "the recorded endpoint"
        if let failure = value["f"]?.string {
            let error: RPCError =
                switch failure {
                case "timeout": .timeout(endpoint: name)
                case "tooLarge": .tooLarge(endpoint: name, limit: value["limit"]?.int ?? 0)
                default: .transport(endpoint: name, what: failure)
                }
            return Exchange(body: Array(body.utf8), outcome: .failure(error))
        }
        guard let status = value["s"]?.int, let answer = value["a"]?.string else {
            throw .transcript("line \(line) holds no answer")
        }
        return Exchange(
            body: Array(body.utf8),
            outcome: .success(HTTPResponse(status: status, body: Array(answer.utf8), retryAfter: value["r"]?.int)))
    }

    /// The recording as bytes.
    public func compressed() throws(RPCError) -> [UInt8] {
        var text = JSONValue.object(JSONObject([("plimsoll", 1), ("meta", .object(meta))])).serialized()
        text.append(UInt8(ascii: "\n"))
        for exchange in exchanges {
            text += Self.line(exchange).serialized()
            text.append(UInt8(ascii: "\n"))
        }
        return try Deflate.compress(text)
    }

    private static func line(_ exchange: Exchange) -> JSONValue {
        var members: [(String, JSONValue)] = [("q", .string(String(decoding: exchange.body, as: UTF8.self)))]
        switch exchange.outcome {
        case .success(let response):
            members.append(("s", .integer(response.status)))
            members.append(("a", .string(String(decoding: response.body, as: UTF8.self))))
            if let retryAfter = response.retryAfter { members.append(("r", .integer(retryAfter))) }
        case .failure(.timeout(let name)):
            members += [("e", .string(name)), ("f", "timeout")]
        case .failure(.tooLarge(let name, let limit)):
            members += [("e", .string(name)), ("f", "tooLarge"), ("limit", .integer(limit))]
        case .failure(.transport(let name, let what)):
            members += [("e", .string(name)), ("f", .string(what))]
        case .failure(let error):
            members += [("f", .string("\(error)"))]
        }
        return .object(JSONObject(members))
    }
}
