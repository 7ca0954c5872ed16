/// An array that its own type reads in one pass, without a tape of its values.
public protocol JSONPage: Sendable {
    /// Reads the elements from behind the opening bracket to behind the closing one.
    ///
    /// What is accepted must be an array that ``JSONScanner`` accepts, of at most three levels and with four bytes of
    /// text a value at least, and must mean the same.
    ///
    /// - Returns: `nil` where the array has to be read the general way.
    static func read(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Self?
}

/// Which arrays are to be read as pages.
public struct JSONPages: Sendable {
    /// What reads them.
    public let type: any JSONPage.Type
    /// How many there may be; further ones are read the general way.
    public let most: Int

    /// Asks for at most `most` pages, 0 to 256, of `type`.
    public init(_ type: any JSONPage.Type, most: Int) {
        self.type = type
        self.most = min(most, 256)
    }
}

extension JSONTape {
    /// Reads the array that was opened last as a page, where it is the `result` of an answer, alone or in a batch.
    mutating func readPage(
        _ text: Span<UInt8>, _ lexer: inout JSONLexer, in object: UInt32, _ pages: JSONPages
    ) -> Bool {
        guard self.pages.count < pages.most, entries[Int(object)].kind == .object else { return false }
        let outer = entries[Int(object)].next
        if outer != JSONTape.none {
            guard entries[Int(outer)].kind == .array, entries[Int(outer)].next == JSONTape.none else { return false }
        }
        let name = entries[entries.count - 2]
        guard name.end - name.start == 8 else { return false }
        for (index, byte) in "\"result\"".utf8.enumerated() where text[Int(name.start) + index] != byte {
            return false
        }
        var reader = JSONReader(offset: lexer.offset)
        guard let page = pages.type.read(text, &reader) else { return false }
        lexer.offset = reader.offset
        let index = entries.count - 1
        entries[index].kind = .page
        entries[index].end = UInt32(reader.offset)
        self.pages.append((index, page))
        return true
    }

    /// Takes out of the text what pages have read, so that it need not be kept, and moves the entries accordingly.
    mutating func removePages(from text: Span<UInt8>) -> [UInt8] {
        // After each page: where it ended, and how many bytes are gone up to there.
        var cuts: [(end: UInt32, removed: UInt32)] = []
        var kept: [UInt8] = []
        var copied = 0
        var removed: UInt32 = 0
        for (index, _) in pages {
            let entry = entries[index]
            kept.append(contentsOf: text.array(copied..<Int(entry.start) + 1))
            copied = Int(entry.end) - 1
            removed += entry.end - entry.start - 2
            cuts.append((entry.end, removed))
        }
        kept.append(contentsOf: text.array(copied..<text.count))
        func moved(_ offset: UInt32) -> UInt32 {
            var low = 0
            var high = cuts.count
            while low < high {
                let middle = (low + high) / 2
                if cuts[middle].end <= offset { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? offset : offset - cuts[low - 1].removed
        }
        for index in entries.indices {
            entries[index].start = moved(entries[index].start)
            entries[index].end = moved(entries[index].end)
        }
        return kept
    }
}

extension JSONScanner {
    /// The page that was read in place of this array; `nil` where it was read the general way, or is none.
    public func page<Page: JSONPage>(_ node: Node, as type: Page.Type) -> Page? {
        guard kind(node) == .page else { return nil }
        return pages.first { $0.index == node.index }?.page as? Page
    }
}
