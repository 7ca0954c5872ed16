import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// A development chain with price sources of a test's own making.
struct OracleWorld {
    let node: DevChain
    let reserves: [JSONValue]

    init(
        borrowers: Int = 60, seed: Int = 21, rules: String = "3.2", reserves count: Int = 6, options: [String] = []
    ) async throws {
        let file = NSTemporaryDirectory() + "plimsoll-oracles-\(UUID().uuidString).json"
        node = try DevChain(
            [
                "--rules", rules, "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--reserves", "\(count)",
                "--network-out", file,
            ] + options)
        let info = try await node.call("dev_info")
        reserves = try #require(info["reserves"]?.array)
    }

    /// One word of an answer.
    static func word(_ number: UInt256) -> String { String(Hex.encode(number.bigEndianBytes).dropFirst(2)) }

    /// What `latestRoundData()` answers.
    static func round(_ answer: UInt256, at time: UInt64, id: UInt256 = 7) -> String {
        [id, answer, UInt256(time), UInt256(time), id].map(word).joined()
    }

    /// A feed of eight decimals.
    static func feed(_ answer: UInt256, at time: UInt64) -> [String: String] {
        ["latestRoundData()": round(answer, at: time), "latestAnswer()": word(answer), "decimals()": word(8)]
    }

    func symbol(_ index: Int) -> String { reserves[index]["symbol"]?.string ?? "" }
    func asset(_ index: Int) -> String { reserves[index]["asset"]?.string ?? "" }
    func feed(_ index: Int) -> String { reserves[index]["feed"]?.string ?? "" }

    /// The price that the chain's own feed answered when the chain was built.
    func price(_ index: Int) throws -> UInt256 {
        try #require(UInt256(decimal: reserves[index]["price"]?.string ?? ""))
    }

    func index(_ symbol: String) throws -> Int {
        try #require(reserves.firstIndex { $0["symbol"]?.string == symbol })
    }

    /// The time of the head.
    func now() async throws -> UInt64 {
        let block = try await node.call("eth_getBlockByNumber", ["latest", false])
        return try #require(UInt256(hex: block["timestamp"]?.string?.dropFirst(2) ?? "")?.asUInt64())
    }

    /// Deploys a contract with these answers; the pool's oracle asks it for `source` from then on, where that is given.
    func canned(_ answers: [String: String], source: String? = nil) async throws -> String {
        var options: JSONObject = [
            "answers": .object(JSONObject(answers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        ]
        if let source { options["source"] = .string(source) }
        let answer = try await node.call("dev_canned", .object(options))
        return try #require(answer["address"]?.string)
    }

    /// The pool's own health factor for an account, at the head, with another answer in one feed's storage.
    func health(of account: String, with price: UInt256, from feed: String) async throws -> UInt256 {
        let info = try await node.call("dev_info")
        let pool = try #require(info["addresses"]?["pool"]?.string)
        let data =
            Selector(signature: "getUserAccountData(address)").bytes
            + (Address(hex: account) ?? .zero).word.bigEndianBytes
        let slots = JSONObject([("0x" + Self.word(0), JSONValue.string("0x" + Self.word(price)))])
        let changed = JSONObject([("stateDiff", JSONValue.object(slots))])
        let call: JSONValue = ["to": .string(pool), "data": .string(Hex.encode(data))]
        let overrides = JSONValue.object(JSONObject([(feed, JSONValue.object(changed))]))
        let answer = try await node.call("eth_call", .array([call, "latest", overrides]))
        let bytes = try Hex.decode(try #require(answer.string))
        return try #require(UInt256(bigEndian: bytes[160..<192]))
    }

    /// A source of a network file.
    static func source(
        _ asset: String, kind: String = "chainlink", feed: String? = nil, quote: String = "USD",
        _ more: JSONObject = [:]
    ) -> JSONValue {
        var source: JSONObject = ["asset": .string(asset), "quote": .string(quote), "kind": .string(kind)]
        if let feed { source["contracts"] = ["feed": .string(feed)] }
        for (name, value) in more.members { source[name] = value }
        return .object(source)
    }

    /// The chain's network file with these sources.
    ///
    /// - Parameter more: other members of the file.
    func file(_ sources: [JSONValue], _ more: JSONObject = [:]) throws -> String {
        let text = [UInt8](try Data(contentsOf: URL(filePath: node.networkFile)))
        var network = try #require(JSONValue(parsing: text).object)
        network["priceSources"] = .array(sources)
        for (name, value) in more.members { network[name] = value }
        let path = NSTemporaryDirectory() + "plimsoll-oracles-\(UUID().uuidString).json"
        try Data(JSONValue.object(network).serialized()).write(to: URL(filePath: path))
        return path
    }

    /// Scans with these sources.
    func scan(_ sources: [JSONValue], _ arguments: [String] = []) throws -> Scan {
        try Scan(
            BuiltProgram.run(
                ["scan", "--network", file(sources), "--format", "ndjson", "--all", "--no-state", "--quiet"]
                    + arguments))
    }

    /// What `plimsoll oracle` prints, by symbol.
    func oracle(
        _ sources: [JSONValue], _ arguments: [String] = [], file more: JSONObject = [:]
    ) throws -> (status: Int32, records: [String: JSONValue], errors: String) {
        let outcome = try BuiltProgram.run(
            ["oracle", "--network", file(sources, more), "--format", "ndjson", "--quiet"] + arguments)
        var records: [String: JSONValue] = [:]
        for line in outcome.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            records[record["symbol"]?.string ?? ""] = record
        }
        return (outcome.status, records, outcome.errors)
    }
}

/// A loopback server that answers paths with bodies, as a venue would.
final class TickerServer {
    let url: String
    private let process = Process()
    private let input = Pipe()

    /// Serves `bodies` by path; a body of `-` never comes, and one behind `!` ends in its middle.
    init(_ bodies: [String: String]) throws {
        let script = """
            import http.server, json, sys, threading, os
            bodies = json.loads(sys.argv[1])
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    body = bodies.get(self.path)
                    if body == "-":
                        threading.Event().wait()
                    cut = body is not None and body.startswith("!")
                    data = (body[cut:] if body is not None else "no").encode()
                    self.send_response(200 if body is not None else 404)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data[:len(data) // 2] if cut else data)
                    self.close_connection = True
                def log_message(self, *a): pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            print(server.server_address[1], flush=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdin.read()
            os._exit(0)
            """
        let text = JSONValue.object(JSONObject(bodies.map { ($0.key, .string($0.value)) })).serialized()
        let output = Pipe()
        process.executableURL = DevChain.root.appending(path: ".build/devchain-venv/bin/python")
        process.arguments = ["-c", script, String(decoding: text, as: UTF8.self)]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var port = ""
        while let byte = output.fileHandleForReading.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") {
            port.append(Character(UnicodeScalar(byte)))
        }
        url = "http://127.0.0.1:\(port)"
    }

    deinit { process.terminate() }
}
