internal import Ethereum
internal import JSON
internal import Keeper

/// Answers what is asked of the streams' state, for one caller.
struct FeedReader: Sendable {
    let books: [Book]
    let caller: Caller
    /// What tells this server's numbers from those of another.
    let epoch: UInt64

    /// The streams that are asked for and may be heard.
    ///
    /// - Throws: 404 where a stream that was named is none, or is not the caller's to hear.
    func books(_ target: RequestTarget) throws(HTTPRefusal) -> [Book] {
        let mine = books.filter { caller.streams.has($0.feed.stream) }
        guard let names = try target.list("stream") else { return mine }
        let wanted = SinkFilter(streams: names)
        let found = mine.filter { wanted.has($0.feed.stream) }
        guard !found.isEmpty else {
            throw HTTPRefusal(
                status: 404, what: "no such stream",
                expected: mine.isEmpty ? "a token that may hear one" : mine.map(\.feed.stream).joined(separator: ", "))
        }
        return found
    }

    // MARK: Routes

    func positions(_ target: RequestTarget, unless tag: String?) throws(HTTPRefusal) -> HTTPAnswer {
        let state = try target.word("state", of: ["open", "watch", "unknown"])
        let sort = try target.word("sort", of: ["id", "health"])
        let limit = try target.query["maxHealth"].map { text throws(HTTPRefusal) in try Self.decimal(text) }
        let account = target.query["account"]?.lowercased()
        let market = target.query["market"]
        return try list(target, unless: tag) { record in
            switch state {
            case "open"?: guard record.isOpportunity else { return false }
            case "watch"?: guard !record.isOpportunity else { return false }
            case "unknown"?: guard record.isUnknown else { return false }
            default: break
            }
            if let account, record.account != account { return false }
            if let market, record.market != market { return false }
            return limit.map { record.isAtMost($0) } ?? true
        } order: {
            sort == "health" ? OpenRecord.isLess($0, $1) : $0.id < $1.id
        }
    }

    func opportunities(_ target: RequestTarget, unless tag: String?) throws(HTTPRefusal) -> HTTPAnswer {
        let verdict = try target.word("verdict", of: ["ok", "suspect", "reject", "unknown"])
        let sort = try target.word("sort", of: ["net", "id"])
        var least: Int256?
        if let text = target.query["minNetWei"] {
            guard let value = OpenRecord.signed(text) else { throw .parameter("minNetWei", "a whole number of wei") }
            least = value
        }
        return try list(target, unless: tag) { record in
            guard record.isOpportunity else { return false }
            if let verdict, record.verdict != verdict { return false }
            guard let least else { return true }
            return record.net.map { $0 >= least } ?? false
        } order: {
            sort == "id" ? $0.id < $1.id : OpenRecord.earnsMore($0, $1)
        }
    }

    func position(_ id: String, unless tag: String?) throws(HTTPRefusal) -> HTTPAnswer {
        guard let id = Hash32(hex: id) else {
            throw HTTPRefusal(status: 400, what: "the id cannot be used", expected: "0x and 64 hexadecimal digits")
        }
        for book in books where caller.streams.has(book.feed.stream) {
            let state = book.feed.current
            guard let entry = state.entries[id] else { continue }
            guard let line = entry.line else {
                throw HTTPRefusal(
                    status: 503, what: "what was said of it stood on a block that went",
                    expected: "the next block says what holds", headers: ["Retry-After": "1"])
            }
            let etag = "\"\(id.hex)-\(entry.rev)-\(epoch)\""
            guard !Self.matches(tag, etag) else { return HTTPAnswer(status: 304, headers: ["ETag": etag], parts: []) }
            return HTTPAnswer(headers: ["ETag": etag], parts: [line])
        }
        throw HTTPRefusal(
            status: 404, what: "no such position is open or near its line", expected: "an id of /v1/positions")
    }

    func snapshot(_ target: RequestTarget, unless tag: String?) throws(HTTPRefusal) -> HTTPAnswer {
        let pages = try books(target).map { $0.page() }
        let etag = entityTag(pages)
        guard !Self.matches(tag, etag) else { return HTTPAnswer(status: 304, headers: ["ETag": etag], parts: []) }
        let records = pages.flatMap(\.records)
        return answer(pages, records, more: nil, etag)
    }

    // MARK: Pages

    private func list(
        _ target: RequestTarget, unless tag: String?, where includes: (OpenRecord) -> Bool,
        order: (OpenRecord, OpenRecord) -> Bool
    ) throws(HTTPRefusal) -> HTTPAnswer {
        let limit = try target.integer("limit", in: 1...1_000) ?? 100
        let since = try target.integer("sinceSeq", in: 0...Int.max)
        let pages = try books(target).map { $0.page() }
        if since != nil, pages.count != 1 { throw .parameter("sinceSeq", "one stream: numbers are a stream's own") }
        let etag = entityTag(pages)
        if Self.matches(tag, etag) || since.map({ UInt64($0) >= pages[0].seq }) == true {
            return HTTPAnswer(status: 304, headers: ["ETag": etag], parts: [])
        }
        var records = pages.flatMap(\.records).filter { record in
            includes(record) && (since.map { record.seq > UInt64($0) } ?? true)
        }
        records.sort(by: order)
        if let cursor = target.query["cursor"] {
            guard let id = Hash32(hex: cursor), let place = records.firstIndex(where: { $0.id == id }) else {
                throw .parameter("cursor", "the cursor of a page whose last position is still listed; begin anew")
            }
            records.removeFirst(place + 1)
        }
        let isWhole = records.count <= limit
        let part = Array(records.prefix(limit))
        return answer(pages, part, more: isWhole ? nil : part.last?.id, etag)
    }

    private func answer(_ pages: [Book.Page], _ records: [OpenRecord], more: Hash32?, _ etag: String) -> HTTPAnswer {
        let head: JSONValue = [
            "v": .integer(FeedMessage.version),
            "streams": .array(
                pages.map { page in
                    [
                        "stream": .string(page.stream), "snapshotSeq": .integer(page.seq), "block": page.block,
                        "pending": .integer(page.pending),
                    ]
                }),
            "count": .integer(records.count), "cursor": more.map { .string($0.hex) } ?? .null,
        ]
        // The records stand as they were sent, byte for byte.
        var parts = [Array(head.serialized().dropLast()) + Array(",\"records\":[".utf8)]
        for (index, record) in records.enumerated() {
            if index > 0 { parts.append([UInt8(ascii: ",")]) }
            parts.append(record.line)
        }
        parts.append(Array("]}".utf8))
        return HTTPAnswer(headers: ["ETag": etag], parts: parts)
    }

    /// The numbers of the streams that were looked at.
    /// Which streams are heard is part of it: another token's numbers may be the same.
    private func entityTag(_ pages: [Book.Page]) -> String {
        let text = "\(epoch)" + pages.map { " \($0.stream):\($0.seq)" }.joined()
        return "\"\(Keccak256.hash(text.utf8).hex.dropFirst(2).prefix(32))\""
    }

    /// `If-None-Match` (RFC 9110 §13.1.2), compared weakly.
    static func matches(_ header: String?, _ etag: String) -> Bool {
        guard let header, header.utf8.count <= 1_024 else { return false }
        return header.split(separator: ",").contains { part in
            let text = part.drop { $0 == " " }
            return text == "*" || text == etag || text == "W/" + etag
        }
    }

    /// A decimal number of at most 18 places, as value and scale.
    static func decimal(_ text: String) throws(HTTPRefusal) -> (value: UInt256, scale: UInt256) {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let places = halves.count == 2 ? halves[1] : ""
        let refusal = HTTPRefusal.parameter("maxHealth", "a decimal number with at most 18 places, such as 1.05")
        guard halves[0].utf8.count <= 18, places.utf8.count <= 18, !halves[0].isEmpty,
            let value = UInt256(decimal: String(halves[0]) + places)
        else { throw refusal }
        do { return (value, try UInt256.powerOfTen(places.utf8.count)) } catch { throw refusal }
    }
}
