/// Cuts a stream of bytes into lines of bounded length; a longer one is skipped to its end and reported in its place.
struct LineSplitter {
    enum Line: Equatable {
        case whole([UInt8])
        /// Longer than the limit.
        case tooLong
    }

    private let limit: Int
    private var pending: [UInt8] = []
    private var isSkipping = false

    /// - Parameter limit: bytes of a line, its end not counted.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next bytes and hands every line that they complete to `body`.
    mutating func append(_ bytes: [UInt8], _ body: (Line) throws -> Void) rethrows {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end])
            rest = rest[(end + 1)...]
            try body(finish())
        }
        take(rest)
    }

    /// Hands over what stands after the last line's end, if anything does.
    mutating func end(_ body: (Line) throws -> Void) rethrows {
        if isSkipping || !pending.isEmpty { try body(finish()) }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        guard !isSkipping, !bytes.isEmpty else { return }
        if pending.count + bytes.count > limit {
            isSkipping = true
            pending = []
        } else {
            pending.append(contentsOf: bytes)
        }
    }

    private mutating func finish() -> Line {
        if isSkipping {
            isSkipping = false
            return .tooLong
        }
        let line = pending
        pending.removeAll(keepingCapacity: line.count < 1 << 16)
        return .whole(line)
    }
}
