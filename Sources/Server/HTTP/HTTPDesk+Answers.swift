internal import HTTPTypes
internal import HummingbirdCore
internal import JSON
internal import Keeper
internal import NIOCore
internal import Synchronization

extension HTTPDesk {
    /// How the watch is; whoever may not hear a stream is not told its name.
    func health(naming streams: SinkFilter?) -> HTTPAnswer {
        let limit = UInt64(options.period) * 2_000
        let complaints = observer.complaints(within: limit)
        let value: JSONValue = [
            "status": complaints.isEmpty ? "ok" : "failing",
            "streams": .array(
                complaints.filter { streams?.has($0.stream) ?? false }.map {
                    ["stream": .string($0.stream), "why": .string($0.why)]
                }),
        ]
        return HTTPAnswer(status: complaints.isEmpty ? 200 : 503, parts: [value.serialized()])
    }

    func metrics(_ caller: Caller?) -> HTTPAnswer {
        let streams = caller?.streams ?? SinkFilter()
        let metrics = Metrics(
            feeds: books.map(\.feed).filter { streams.has($0.stream) },
            seen: observer.seen.filter { streams.has($0.key) }, service: service.withLock { $0 },
            prices: prices.newest.pages.filter { streams.has($0.stream) }, now: options.clock())
        return HTTPAnswer(type: "text/plain; version=0.0.4; charset=utf-8", parts: [metrics.text])
    }

    func count(_ status: Int) { service.withLock { $0.requests[status, default: 0] += 1 } }

    static func head(_ status: Int, type: String, _ headers: [String: String]) -> HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = type
        fields[.cacheControl] = "no-store"
        fields[.xContentTypeOptions] = "nosniff"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return HTTPResponse(status: HTTPResponse.Status(code: status), headerFields: fields)
    }

    /// Writes parts, taken together until there is enough for a write.
    static func write(_ parts: [[UInt8]], to body: inout any ResponseBodyWriter) async throws {
        var piece = ByteBuffer()
        for part in parts {
            piece.writeBytes(part)
            guard piece.readableBytes >= 64 << 10 else { continue }
            try await body.write(piece)
            piece = ByteBuffer()
        }
        if piece.readableBytes > 0 { try await body.write(piece) }
    }
}
