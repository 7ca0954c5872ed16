/// A validated JSON text whose values are read in place: no `String`, no copy until one is asked for.
///
/// One pass checks the whole text (grammar, UTF-8, duplicate names, limits) and notes where every value lies. After
/// that a
/// value is a `Node`, a number to hand around; everything about it is asked from the scanner:
///
/// ```swift
/// let scanner = try JSONScanner(body)                       // [UInt8]; throws JSONError with line and column
/// let logs = try scanner.require(scanner.root, "result")    // member of an object
/// for log in try scanner.elements(of: logs) {
///     let block = try scanner.quantity(scanner.require(log, "blockNumber"))        // UInt64
///     let topic = try scanner.hexNumber(node, bytes: 32)                           // (high: UInt128, low: UInt128)
///     let data = try scanner.hexData(scanner.require(log, "data"))                 // [UInt8]
///     if let removed = scanner.member(log, "removed"), scanner.kind(removed) == .true { … }
/// }
/// scanner.range(node)      // where the value stands in `bytes`, quotes and brackets included
/// ```
/// Use a node only with the scanner that it came from.
public struct JSONScanner: Sendable {
    /// The text, without what pages have read.
    public let bytes: [UInt8]
    let tape: [JSONTape.Entry]
    let pages: [(index: Int, page: any JSONPage)]

    /// A value of the text.
    public struct Node: Hashable, Sendable {
        let index: Int
    }

    /// Checks `bytes` and notes its values; an array that is the `result` of an answer is a page where `pages` asks
    /// for them and can read it.
    ///
    /// - Throws: `.syntax`, `.limit` or `.duplicateKey`, with the place.
    public init(_ bytes: [UInt8], limits: JSONLimits = .default, pages: JSONPages? = nil) throws(JSONError) {
        var tape = try JSONTape(bytes.span, limits: limits, pages: pages)
        self.bytes = tape.pages.isEmpty ? bytes : tape.removePages(from: bytes.span)
        self.tape = tape.entries
        self.pages = tape.pages
    }

    /// The outermost value.
    public var root: Node { Node(index: 0) }

    /// Whether ``bytes`` is a copy of what pages left of the text, and not the text itself.
    public var hasOwnText: Bool { !pages.isEmpty }

    /// What the value is.
    public func kind(_ node: Node) -> JSONKind { tape[node.index].kind }

    /// Where the value stands in `bytes`, quotes and brackets included.
    public func range(_ node: Node) -> Range<Int> { Int(tape[node.index].start)..<Int(tape[node.index].end) }

    /// The text of the value as it stands, quotes and brackets included.
    public func text(_ node: Node) -> String { String(decoding: bytes[range(node)], as: UTF8.self) }

    /// Whether the value is `null`.
    public func isNull(_ node: Node) -> Bool { kind(node) == .null }

    /// The place of the value's first byte.
    public func position(_ node: Node) -> JSONPosition {
        JSONPosition(offset: Int(tape[node.index].start), in: bytes.span)
    }

    /// The error that says what was expected in place of `node`; its pointer is found by a search from the root.
    public func mismatch(_ node: Node, expected: String) -> JSONError {
        .mismatch(pointer: pointer(to: node), expected: expected, got: excerpt(node))
    }
}

extension JSONScanner {
    /// The elements of an array or members of an object, in order, without an allocation.
    public struct Children: Sequence, IteratorProtocol, Sendable {
        let tape: [JSONTape.Entry]
        var index: Int
        let end: Int

        /// The next value; in an object first the name, then its value.
        public mutating func next() -> Node? {
            guard index < end else { return nil }
            defer { index = Int(tape[index].next) }
            return Node(index: index)
        }
    }

    /// The elements of an array, in order.
    ///
    /// - Throws: `.mismatch` where the value is no array.
    public func elements(of node: Node) throws(JSONError) -> Children {
        guard kind(node) == .array else { throw mismatch(node, expected: "an array") }
        return children(node)
    }

    /// How many elements an array has, or members an object; 0 for a scalar. Walks over them.
    public func count(_ node: Node) -> Int {
        var total = 0
        for _ in children(node) { total += 1 }
        return kind(node) == .object ? total / 2 : total
    }

    /// The members of an object in order, each name followed by its value.
    ///
    /// - Throws: `.mismatch` where the value is no object.
    public func members(of node: Node) throws(JSONError) -> [(name: Node, value: Node)] {
        guard kind(node) == .object else { throw mismatch(node, expected: "an object") }
        var found: [(name: Node, value: Node)] = []
        var index = node.index + 1
        while index < Int(tape[node.index].next) {
            found.append((Node(index: index), Node(index: index + 1)))
            index = Int(tape[index + 1].next)
        }
        return found
    }

    /// The member of `object` by this name; `nil` where there is none, or the value is no object.
    public func member(_ object: Node, _ name: StaticString) -> Node? {
        guard kind(object) == .object else { return nil }
        var index = object.index + 1
        let end = Int(tape[object.index].next)
        while index < end {
            if isNamed(index, name) { return Node(index: index + 1) }
            index = Int(tape[index + 1].next)
        }
        return nil
    }

    /// The member of `object` by this name.
    ///
    /// - Throws: `.mismatch` where there is none, or the value is no object.
    public func require(_ object: Node, _ name: StaticString) throws(JSONError) -> Node {
        guard kind(object) == .object else { throw mismatch(object, expected: "an object") }
        guard let found = member(object, name) else { throw mismatch(object, expected: "a member \"\(name)\"") }
        return found
    }

    func children(_ node: Node) -> Children {
        let isContainer = kind(node) == .array || kind(node) == .object
        return Children(tape: tape, index: node.index + 1, end: isContainer ? Int(tape[node.index].next) : 0)
    }

    private func isNamed(_ index: Int, _ name: StaticString) -> Bool {
        let entry = tape[index]
        if entry.kind == .escapedString {
            return String(decoding: JSONString.bytes(bytes.span, entry), as: UTF8.self) == name.description
        }
        return holds(entry, name)
    }

    /// Whether a string entry without escapes spells `word`.
    func holds(_ entry: JSONTape.Entry, _ word: StaticString) -> Bool {
        let start = Int(entry.start) + 1
        guard Int(entry.end) - 1 - start == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { buffer in
            for offset in 0..<buffer.count {
                // SAFETY: `offset` is below the buffer's count.
                let expected = unsafe buffer[offset]
                if bytes[start + offset] != expected { return false }
            }
            return true
        }
    }
}
