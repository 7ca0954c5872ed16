internal import HummingbirdCore
internal import JSON
internal import Keeper
internal import NIOCore

/// What a reader of `/v1/stream` wants to hear.
struct StreamWish {
    var filter: SinkFilter
    var limits: FeedQueue.Limits
    var subscriptions: [FeedSubscription]

    /// Subscribes to what a request asks for.
    ///
    /// - Parameter last: the header `Last-Event-ID`.
    /// - Throws: 400 for what cannot be read, 409 for a number that was not given out.
    init(
        _ target: RequestTarget, last: String?, books: [Book], within bounds: HTTPLimits
    ) throws(HTTPRefusal) {
        filter = SinkFilter()
        if let words = try target.list("types") {
            for word in words {
                guard let kind = FeedMessage.Kind(rawValue: word) else {
                    throw .parameter("types", "opportunity, watch, close, retract, head, gap, status, heartbeat")
                }
                filter.types.insert(kind)
            }
        }
        let overflow = try target.word("overflow", of: FeedQueue.Overflow.allCases.map(\.rawValue))
        limits = bounds.queue(overflow.flatMap { FeedQueue.Overflow(rawValue: $0) } ?? .coalesce)
        let start: FeedPoint = try target.word("from", of: ["snapshot", "tail"]) == "tail" ? .tail : .snapshot
        var tokens = try target.list("resume") ?? []
        if let last, !last.isEmpty { tokens.insert(last, at: 0) }
        for token in tokens where !books.contains(where: { token.hasPrefix($0.feed.stream + ":") }) {
            throw HTTPRefusal(
                status: 400, what: "a token names no stream that is asked for", expected: "<stream>:<seq>")
        }
        subscriptions = []
        for book in books {
            let token = tokens.first { $0.hasPrefix(book.feed.stream + ":") }
            subscriptions.append(try Self.subscribe(book.feed, token, start, limits))
        }
    }

    /// Begins behind a token, or where nothing is resumed at `start`.
    static func subscribe(
        _ feed: Feed, _ token: String?, _ start: FeedPoint, _ limits: FeedQueue.Limits
    ) throws(HTTPRefusal) -> FeedSubscription {
        do throws(FeedError) {
            let point = try token.map { token throws(FeedError) in try FeedPoint(token: token, of: feed.stream) }
            return try feed.subscribe(from: point ?? start, limits: limits)
        } catch .token(let what) {
            throw HTTPRefusal(
                status: 409, what: "the token cannot be resumed: \(what)", expected: "no token: begin with what stands")
        } catch {
            throw HTTPRefusal(status: 503, what: "the stream cannot be read", expected: "try again later")
        }
    }
}

/// Server-sent events (WHATWG HTML §9.2) of some streams, written as fast as the reader takes them and no faster.
struct EventStream {
    let wish: StreamWish
    let channel: any Channel
    /// Seconds between comments.
    var pulse = 15
    /// Seconds after which a reader who takes nothing is cut off.
    var patience = 30
    let refusals: RefusalLog
    /// Whose it is, for the log.
    let client: String

    /// Writes until the streams end, the reader is too slow, or is gone.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        let handover = Handover(producers: wish.subscriptions.count)
        var tasks = wish.subscriptions.map { [filter = wish.filter] subscription in
            Task { await Self.pump(subscription, filter, into: handover) }
        }
        tasks.append(
            Task { [pulse] in
                while true {
                    do { try await Task.sleep(for: .seconds(pulse)) } catch { return }
                    guard await handover.give(Array(": ping\n\n".utf8)) else { return }
                }
            })
        defer {
            handover.end()
            for task in tasks { task.cancel() }
        }
        try await put(Array("retry: 2000\n\n".utf8), to: &writer)
        while let bytes = await handover.take() { try await put(bytes, to: &writer) }
    }

    private func put(_ bytes: [UInt8], to writer: inout any ResponseBodyWriter) async throws {
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(patience))) { [channel, refusals, client] in
            refusals.note("a reader of events who took nothing is cut off: \(client)", from: channel)
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    private static func pump(_ subscription: FeedSubscription, _ filter: SinkFilter, into handover: Handover) async {
        defer { handover.leave() }
        while let passage = await subscription.batch(upTo: 64, bytes: 64 << 10) {
            let bytes = frames(passage, filter, stream: subscription.stream)
            guard !bytes.isEmpty else { continue }
            guard await handover.give(bytes) else { return }
        }
        if subscription.end == .overflow {
            _ = await handover.give(Array(": too slow, resume by Last-Event-ID\n\n".utf8))
            handover.end()
        }
    }

    /// A passage as events. In the middle of a snapshot they have no id: whoever breaks off there begins anew.
    static func frames(_ passage: FeedPassage, _ filter: SinkFilter, stream: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, line) in passage.lines.enumerated() where filter.has(line) {
            let next = index + 1 < passage.lines.count ? passage.lines[index + 1].seq : passage.place.map { $0 + 1 }
            if let next, next > line.seq { bytes += Array("id: \(stream):\(line.seq)\n".utf8) }
            bytes += Array("event: \(line.kind?.rawValue ?? "snapshot")\ndata: ".utf8)
            bytes += line.bytes
            bytes += Array("\n\n".utf8)
        }
        return bytes
    }
}
