internal import Ethereum
internal import JSON

extension FeedState {
    /// The state as lines from which ``init(checkpoint:entries:stream:)`` makes it again: what is known of revisions and
    /// blocks, and after it the open messages as they were sent.
    func checkpoint(stream: String) -> [[UInt8]] {
        let open = entries.sorted { $0.key < $1.key }
        let value: JSONValue = [
            "v": .integer(FeedMessage.version), "type": "checkpoint", "stream": .string(stream), "seq": .integer(seq),
            "head": head.map { .object($0) } ?? .null,
            "lines": .integer(open.count { $0.value.line != nil }),
            "silent": .array(open.filter { $0.value.line == nil }.map { .entry($0.key, $0.value) }),
            "owed": .array(owed.sorted().map { .string($0.hex) }),
            "revisions": .array(
                revisions.sorted { $0.key < $1.key }.map { .array([.string($0.key.hex), .integer($0.value)]) }),
            "pages": .array(pages.map(\.json)),
        ]
        return [value.serialized()] + open.compactMap(\.value.line)
    }

    /// How many lines with open messages follow the first line of a checkpoint.
    static func lines(after checkpoint: JSONValue) throws(FeedError) -> Int {
        guard checkpoint["type"]?.string == "checkpoint", checkpoint["v"]?.int == FeedMessage.version,
            let lines = checkpoint["lines"]?.int, lines >= 0
        else { throw .malformed("a checkpoint of version \(FeedMessage.version)") }
        return lines
    }

    /// The state that a checkpoint holds.
    ///
    /// - Throws: `.malformed`.
    init(checkpoint value: JSONValue, entries lines: [[UInt8]], stream: String) throws(FeedError) {
        guard value["stream"]?.string == stream else { throw .malformed("the stream \(stream)") }
        guard let seq = value["seq"]?.uint64, let silent = value["silent"]?.array, let owed = value["owed"]?.array,
            let revisions = value["revisions"]?.array, let pages = value["pages"]?.array
        else { throw .malformed("seq, silent, owed, revisions and pages") }
        self.init()
        self.seq = seq
        head = value["head"]?.object
        for line in lines {
            let message = try FeedMessage.parse(line).message
            guard let id = message.id, let rev = message.rev else { throw .malformed("an open message") }
            entries[id] = Entry(rev: rev, kind: message.kind, line: line)
        }
        for value in silent {
            let (id, entry) = try Self.entry(value)
            entries[id] = entry
        }
        for id in owed {
            guard let id = id.string.flatMap({ Hash32(hex: $0) }) else { throw .malformed("an id") }
            self.owed.insert(id)
        }
        for pair in revisions {
            guard let pair = pair.array, pair.count == 2, let id = pair[0].string.flatMap({ Hash32(hex: $0) }),
                let rev = pair[1].uint64
            else { throw .malformed("an id with its revision") }
            self.revisions[id] = rev
        }
        for page in pages { self.pages.append(try Self.page(page)) }
    }

    private static func page(_ value: JSONValue) throws(FeedError) -> Page {
        guard let block = value["block"]?.string.flatMap({ Hash32(hex: $0) }), let changes = value["changes"]?.array
        else { throw .malformed("a block with its changes") }
        var page = Page(block: block, changes: [])
        for change in changes {
            guard let id = change["id"]?.string.flatMap({ Hash32(hex: $0) }), let rev = change["rev"]?.uint64 else {
                throw .malformed("a change")
            }
            var before: Entry?
            if let known = change["before"], !known.isNull { before = try entry(known).entry }
            page.changes.append(Change(id: id, rev: rev, before: before))
        }
        return page
    }

    private static func entry(_ value: JSONValue) throws(FeedError) -> (id: Hash32, entry: Entry) {
        guard let id = value["id"]?.string.flatMap({ Hash32(hex: $0) }), let rev = value["rev"]?.uint64,
            let kind = value["type"]?.string.flatMap({ FeedMessage.Kind(rawValue: $0) })
        else { throw .malformed("an id with its rev and type") }
        return (id, Entry(rev: rev, kind: kind, line: nil))
    }
}

extension FeedState.Page {
    fileprivate var json: JSONValue {
        [
            "block": .string(block.hex),
            "changes": .array(
                changes.map { change in
                    [
                        "id": .string(change.id.hex), "rev": .integer(change.rev),
                        "before": change.before.map { .entry(change.id, $0) } ?? .null,
                    ]
                }),
        ]
    }
}

extension JSONValue {
    fileprivate static func entry(_ id: Hash32, _ entry: FeedState.Entry) -> JSONValue {
        ["id": .string(id.hex), "rev": .integer(entry.rev), "type": .string(entry.kind.rawValue)]
    }
}
