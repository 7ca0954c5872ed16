import Foundation
import JSON
package import JSONRPC
package import Keeper
import Logging

/// Posts messages to an address, signed, in batches; again and again where they are not taken, until they are too old.
///
/// What is given up is kept in a file of its own, from which it can be sent again: nothing is lost silently.
actor WebhookSink: FeedSink {
    /// How it is sent.
    struct Options: Sendable {
        /// How long a batch is tried, in seconds.
        var mostAge = 3_600
        /// The first wait before it is tried again, and the longest.
        var waits: (first: Duration, longest: Duration) = (.seconds(1), .seconds(300))
        /// The longest wait for an answer.
        var timeout = Duration.seconds(10)
    }

    nonisolated let name: String
    private let endpoint: Endpoint
    private let secrets: [[UInt8]]
    private let transport: any Transport
    private let places: SinkPlaces
    private let deadLetters: DeadLetters
    private let options: Options
    private let clock: @Sendable () -> UInt64
    private let log: Logger

    init(
        name: String, endpoint: Endpoint, secrets: [[UInt8]], transport: any Transport, places: SinkPlaces,
        deadLetters: DeadLetters, options: Options, clock: @escaping @Sendable () -> UInt64, log: Logger
    ) {
        self.name = name
        self.endpoint = endpoint
        self.secrets = secrets
        self.transport = transport
        self.places = places
        self.deadLetters = deadLetters
        self.options = options
        self.clock = clock
        self.log = log
    }

    func begin() -> Int { 0 }

    func point(of stream: String, in session: Int) -> FeedPoint {
        places[stream].map { .after($0) } ?? .snapshot
    }

    func deliver(
        _ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int
    ) async throws(SinkError) {
        if let last = lines.last {
            let letter = WebhookLetter(stream: stream, seq: last.seq, body: WebhookLetter.body(lines, of: stream))
            let began = clock()
            var wait = options.waits.first
            var tries = 0
            while true {
                tries += 1
                guard
                    let reason = await letter.post(
                        to: endpoint, secrets: secrets, over: transport, at: clock(), options.timeout)
                else { break }
                guard clock() < began + UInt64(options.mostAge) else {
                    log.error("sink \(name): \(reason), \(tries) times; kept in \(deadLetters.path)")
                    try deadLetters.keep(letter, because: reason, tries: tries, at: clock(), for: name)
                    break
                }
                log.notice("sink \(name): \(reason); tried again")
                // Between half of the wait and all of it, so that many senders do not come at once.
                let half = wait / 2
                do { try await Task.sleep(for: half + half * Double.random(in: 0...1)) } catch { throw .stopped }
                wait = min(wait * 2, options.waits.longest)
            }
        }
        if let place { try places.keep(place, of: stream) }
    }

    func forget(_ stream: String) throws(SinkError) { try places.forget(stream) }

    /// Sends the dead letters again, up to the first that is not taken.
    func replay() async throws(SinkError) -> (sent: Int, left: Int, reason: String?) {
        do throws(FeedError) {
            let all = try deadLetters.letters(of: name)
            var taken: Set<Int> = []
            var reason: String?
            for (index, entry) in all.enumerated() {
                guard let letter = entry.letter else { continue }
                reason = await letter.post(
                    to: endpoint, secrets: secrets, over: transport, at: clock(), options.timeout)
                guard reason == nil else { break }
                taken.insert(index)
                // One by one: what was taken is not sent again, whatever happens next.
                try deadLetters.replace(with: all.indices.filter { !taken.contains($0) }.map { all[$0].line })
            }
            return (taken.count, all.count { $0.letter != nil } - taken.count, reason)
        } catch {
            throw FeedFiles.refusal(error, name)
        }
    }

    /// Says where a stream goes on.
    func keep(_ seq: UInt64, of stream: String) throws(SinkError) { try places.keep(seq, of: stream) }

    func end() {}
}

/// A body that is posted, and what it is known by.
package struct WebhookLetter: Hashable, Sendable {
    /// The stream.
    package let stream: String
    /// The number of its last message.
    package let seq: UInt64
    /// The body.
    package let body: [UInt8]

    /// Names a body.
    package init(stream: String, seq: UInt64, body: [UInt8]) {
        self.stream = stream
        self.seq = seq
        self.body = body
    }

    /// `{"stream": …, "firstSeq": n, "lastSeq": m, "messages": […]}`, the messages as they are.
    static func body(_ lines: [FeedLine], of stream: String) -> [UInt8] {
        var body = Array("{\"stream\":".utf8) + JSONValue.string(stream).serialized()
        body += Array(",\"firstSeq\":\(lines.first?.seq ?? 0),\"lastSeq\":\(lines.last?.seq ?? 0),\"messages\":[".utf8)
        for (index, line) in lines.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += line.bytes
        }
        body += Array("]}".utf8)
        return body
    }

    /// Posts it once.
    ///
    /// - Returns: why it was not taken; nil where it was.
    package func post(
        to endpoint: Endpoint, secrets: [[UInt8]], over transport: any Transport, at time: UInt64, _ timeout: Duration
    ) async -> String? {
        let headers = [
            HTTPHeader(WebhookSignature.timestampHeaderName, "\(time)"),
            HTTPHeader(
                WebhookSignature.headerName,
                WebhookSignature.headerValue(for: body, secrets: secrets, timestamp: time)),
            HTTPHeader("X-Plimsoll-Seq", "\(seq)"), HTTPHeader("X-Plimsoll-Id", "\(stream):\(seq)"),
        ].compactMap(\.self)
        do throws(RPCError) {
            let response = try await transport.send(
                HTTPRequest(
                    endpoint: endpoint, body: body, headers: headers, maximumBytes: 64 << 10, timeout: timeout))
            return (200...299).contains(response.status) ? nil : "\(endpoint.name) answered \(response.status)"
        } catch {
            return "\(error)"
        }
    }
}

/// Batches that nobody took, one a line.
package struct DeadLetters: Sendable {
    let path: String

    /// Keeps them in a file.
    package init(path: String) { self.path = path }

    func keep(
        _ letter: WebhookLetter, because reason: String, tries: Int, at time: UInt64, for sink: String
    ) throws(SinkError) {
        let value: JSONValue = [
            "failedAt": .integer(time), "sink": .string(sink), "reason": .string(reason), "tries": .integer(tries),
            "stream": .string(letter.stream), "seq": .integer(letter.seq),
            "body": .string(String(decoding: letter.body, as: UTF8.self)),
        ]
        do throws(FeedError) {
            var file = try FeedFile(path: path)
            try file.append(value.serialized() + [UInt8(ascii: "\n")])
        } catch {
            throw FeedFiles.refusal(error, sink)
        }
    }

    /// What is kept for a sink, in order, with the line that it stands in.
    ///
    /// - Throws: `.damaged` for a line that is none of ours.
    package func letters(of sink: String) throws(FeedError) -> [(line: [UInt8], letter: WebhookLetter?)] {
        var lines = try FeedLines(path: path)
        var found: [(line: [UInt8], letter: WebhookLetter?)] = []
        var number = 0
        while let line = try lines.next() {
            number += 1
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: line)
            } catch {
                throw .damaged(file: path, line: number, what: "\(error)")
            }
            guard let name = value["sink"]?.string, let stream = value["stream"]?.string,
                let seq = value["seq"]?.uint64, let body = value["body"]?.string
            else { throw .damaged(file: path, line: number, what: "a letter was expected") }
            found.append(
                (line, name == sink ? WebhookLetter(stream: stream, seq: seq, body: Array(body.utf8)) : nil))
        }
        return found
    }

    /// Leaves only these lines.
    package func replace(with lines: [[UInt8]]) throws(FeedError) {
        var bytes: [UInt8] = []
        for line in lines { bytes += line + [UInt8(ascii: "\n")] }
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .unusable(file: path, what: "it cannot be written")
        }
    }
}
