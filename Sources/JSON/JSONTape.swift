/// What a JSON value is.
public enum JSONKind: UInt8, Hashable, Sendable {
    /// The literal `null`.
    case null
    /// The literal `true`.
    case `true`
    /// The literal `false`.
    case `false`
    /// A number, kept as text.
    case number
    /// A string without escapes: its bytes stand in the text as they are.
    case plainString
    /// A string with at least one backslash.
    case escapedString
    /// An array.
    case array
    /// An object.
    case object
    /// An array that a ``JSONPage`` has read; only ``JSONScanner/page(_:as:)`` knows what is in it.
    case page

    /// Whether the value is a string of either form.
    @inlinable public var isString: Bool { self == .plainString || self == .escapedString }

    /// The word for it in a message.
    public var name: String {
        switch self {
        case .null: "null"
        case .true: "true"
        case .false: "false"
        case .number: "a number"
        case .plainString, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        case .page: "a page"
        }
    }
}

/// Every value of a validated text in order of its first byte: one entry a value, member names included.
struct JSONTape: Sendable {
    struct Entry: Sendable {
        /// Where the value starts in the text, quotes and brackets included.
        var start: UInt32
        /// Where the value ends in the text.
        var end: UInt32
        /// The entry after this value and everything in it; while a container is open, the container around it.
        var next: UInt32
        var kind: JSONKind
    }

    var entries: [Entry] = []
    /// The pages that were read, each with its entry, in order.
    var pages: [(index: Int, page: any JSONPage)] = []

    /// Stands in `Entry.next` of the outermost open container.
    static let none = UInt32.max

    init(_ text: Span<UInt8>, limits: JSONLimits, pages: JSONPages? = nil) throws(JSONError) {
        guard text.count <= limits.bytes else {
            throw .limit(JSONPosition(offset: 0, line: 1, column: 1), of: "bytes", maximum: limits.bytes)
        }
        // A text of pages has few other values.
        entries.reserveCapacity(min(limits.elements, pages == nil ? text.count / 32 + 8 : 64))
        try build(text, limits, pages)
    }

    /// One pass without recursion: the open containers form a list through their entries.
    private mutating func build(_ text: Span<UInt8>, _ limits: JSONLimits, _ pages: JSONPages?) throws(JSONError) {
        var lexer = JSONLexer()
        var open = JSONTape.none
        var depth = 0
        lexer.skipSpace(text)
        while true {
            if entries.count >= limits.elements { throw lexer.limit(text, "values", limits.elements) }
            let kind = try lexer.startValue(text)
            let start = lexer.tokenStart
            entries.append(
                Entry(start: UInt32(start), end: UInt32(lexer.offset), next: UInt32(entries.count + 1), kind: kind))
            var opened = false
            if kind == .array, let pages, open != JSONTape.none, depth <= min(2, limits.depth - 3),
                readPage(text, &lexer, in: open, pages)
            {
                // Read whole: nothing of it is open.
            } else if kind == .array || kind == .object {
                depth += 1
                if depth > limits.depth { throw lexer.limit(text, "levels of nesting", limits.depth) }
                let container = UInt32(entries.count - 1)
                entries[Int(container)].next = open
                open = container
                opened = true
            }
            // After a value: close what ends here, and stop where another value must start.
            while open != JSONTape.none {
                let isObject = entries[Int(open)].kind == .object
                let step = try lexer.step(text, inObject: isObject, first: opened)
                opened = false
                if step == .more {
                    if isObject { try appendName(text, &lexer, limits) }
                    break
                }
                let outer = entries[Int(open)].next
                entries[Int(open)].end = UInt32(lexer.offset)
                entries[Int(open)].next = UInt32(entries.count)
                if isObject { try refuseDuplicates(text, of: Int(open)) }
                open = outer
                depth -= 1
            }
            if open == JSONTape.none { return try lexer.finish(text) }
        }
    }

    private mutating func appendName(_ text: Span<UInt8>, _ lexer: inout JSONLexer, _ limits: JSONLimits)
        throws(JSONError)
    {
        if entries.count >= limits.elements { throw lexer.limit(text, "values", limits.elements) }
        let kind = try lexer.name(text)
        entries.append(
            Entry(
                start: UInt32(lexer.tokenStart), end: UInt32(lexer.tokenEnd), next: UInt32(entries.count + 1),
                kind: kind))
    }
}

extension JSONTape {
    /// Two members of one name are read differently by different parsers, so the text is refused.
    private func refuseDuplicates(_ text: Span<UInt8>, of object: Int) throws(JSONError) {
        let end = Int(entries[object].next)
        var count = 0
        var plain = true
        // One bit for a length and a first and last letter: few names share theirs, and only those are compared.
        var marks: UInt64 = 0
        var name = object + 1
        while name < end, plain, count < 24 {
            let entry = entries[name]
            plain = entry.kind == .plainString
            count += 1
            let letters = text[Int(entry.start) + 1] &* 5 ^ text[Int(entry.end) - 2] &* 11
            let mark: UInt64 = 1 << UInt64((letters &+ UInt8(truncatingIfNeeded: entry.end - entry.start) &* 7) & 63)
            if marks & mark != 0, hasEarlier(text, name, in: object) { throw duplicate(text, name) }
            marks |= mark
            name = Int(entries[name + 1].next)
        }
        if name >= end && plain { return }
        try refuseDuplicatesByText(text, of: object)
    }

    /// Whether a name of the object before this one has the same bytes.
    private func hasEarlier(_ text: Span<UInt8>, _ name: Int, in object: Int) -> Bool {
        var earlier = object + 1
        while earlier < name {
            if sameBytes(text, entries[earlier], entries[name]) { return true }
            earlier = Int(entries[earlier + 1].next)
        }
        return false
    }

    /// The same for names with escapes, and for many names.
    private func refuseDuplicatesByText(_ text: Span<UInt8>, of object: Int) throws(JSONError) {
        let end = Int(entries[object].next)
        var names: [Int] = []
        var name = object + 1
        while name < end {
            names.append(name)
            name = Int(entries[name + 1].next)
        }
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(names.count)
        for name in names where !seen.insert(JSONString.bytes(text, entries[name])).inserted {
            throw duplicate(text, name)
        }
    }

    private func sameBytes(_ text: Span<UInt8>, _ one: Entry, _ other: Entry) -> Bool {
        guard one.end - one.start == other.end - other.start else { return false }
        var first = Int(one.start)
        var second = Int(other.start)
        while first < Int(one.end) {
            if text[first] != text[second] { return false }
            first += 1
            second += 1
        }
        return true
    }

    private func duplicate(_ text: Span<UInt8>, _ name: Int) -> JSONError {
        .duplicateKey(
            JSONPosition(offset: Int(entries[name].start), in: text),
            key: String(decoding: JSONString.bytes(text, entries[name]), as: UTF8.self))
    }
}
