/// Reads one JSON text forward, value by value, without noting where any of them lies: for a ``JSONPage``, whose shape
/// is known.
///
/// It accepts less than ``JSONScanner`` and never more. What it refuses may be JSON all the same: then the scanner reads
/// the whole array again and decides, so a reader explains nothing.
public struct JSONReader {
    /// The first byte not yet read.
    public var offset: Int { place }
    @usableFromInline var place: Int

    init(offset: Int) {
        place = offset
    }

    /// Reads this byte, white space before it ignored.
    @inlinable
    public mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
        guard place < text.count else { return false }
        if text[place] != byte {
            guard text[place] <= 0x20 else { return false }
            skipSomeSpace(text)
            guard place < text.count, text[place] == byte else { return false }
        }
        place += 1
        return true
    }

    /// Moves to the next byte that is not white space.
    @inlinable
    public mutating func skipSpace(_ text: Span<UInt8>) {
        if place < text.count, text[place] <= 0x20 { skipSomeSpace(text) }
    }

    @usableFromInline
    mutating func skipSomeSpace(_ text: Span<UInt8>) {
        var lexer = JSONLexer(offset: place)
        lexer.skipSpace(text)
        place = lexer.offset
    }

    /// Reads exactly these bytes, which stand at the place.
    @inline(__always)
    private mutating func takeWord(_ word: UInt64, _ count: Int, _ text: Span<UInt8>) -> Bool {
        let mask = UInt64.max >> UInt64(64 - 8 * count)
        guard place + 8 <= text.count else { return takeLast(UInt128(word), count, text) }
        guard text.word(place) & mask == word else { return false }
        place += count
        return true
    }

    /// The same near the end of the text, byte by byte.
    private mutating func takeLast(_ word: UInt128, _ count: Int, _ text: Span<UInt8>) -> Bool {
        guard place + count <= text.count else { return false }
        for index in 0..<count where text[place + index] != UInt8(truncatingIfNeeded: word >> UInt128(8 * index)) {
            return false
        }
        place += count
        return true
    }

    /// Reads `false` or `null`.
    public mutating func takeFalse(_ text: Span<UInt8>) -> Bool {
        takeWord(0x65_736C_6166, 5, text) || takeNull(text)
    }

    /// Reads `null`.
    public mutating func takeNull(_ text: Span<UInt8>) -> Bool {
        takeWord(0x6C6C_756E, 4, text)
    }

    /// Reads any scalar, by the scanner's own rules.
    public mutating func skipScalar(_ text: Span<UInt8>) -> Bool {
        var lexer = JSONLexer(offset: place)
        do {
            let kind = try lexer.startValue(text)
            place = lexer.offset
            return kind != .array && kind != .object
        } catch {
            return false
        }
    }
}

extension JSONReader {
    /// A member's name of 1 to 16 ASCII characters, ready to be compared.
    public struct Name: Sendable {
        let word: UInt128
        let mask: UInt128
        let count: Int

        /// Makes a name; it must be of printable ASCII without quotes and backslashes.
        public init(_ text: StaticString) {
            let bytes = Array(text.description.utf8)
            precondition((1...16).contains(bytes.count), "a name to compare has 1 to 16 bytes")
            word = bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) }
            mask = UInt128.max >> UInt128(128 - 8 * bytes.count)
            count = bytes.count
        }
    }

    /// Reads `name` in quotes, the colon and the space around it; false, and nothing is read, where another stands here.
    public mutating func take(_ name: Name, _ text: Span<UInt8>) -> Bool {
        let start = place
        guard place < text.count, text[place] == UInt8(ascii: "\"") else { return false }
        if place + 19 <= text.count {
            // SAFETY: the load checks its bounds, and every bit pattern is a UInt128.
            let bytes = unsafe UInt128(
                littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: place + 1, as: UInt128.self))
            guard bytes & name.mask == name.word else { return false }
            place += name.count + 1
        } else {
            place += 1
            guard takeLast(name.word, name.count, text) else {
                place = start
                return false
            }
        }
        guard place < text.count, text[place] == UInt8(ascii: "\"") else {
            place = start
            return false
        }
        place += 1
        guard take(UInt8(ascii: ":"), text) else {
            place = start
            return false
        }
        skipSpace(text)
        return true
    }

    /// Reads any name without escapes, the colon and the space around it, and says where the name stands.
    public mutating func takeName(_ text: Span<UInt8>) -> Range<Int>? {
        // An error counts lines up to its place: it must be the end of the text's reading, and so no valid JSON's.
        guard place < text.count, text[place] == UInt8(ascii: "\"") else { return nil }
        var lexer = JSONLexer(offset: place)
        do {
            guard try lexer.name(text) == .plainString else { return nil }
        } catch {
            return nil
        }
        place = lexer.offset
        return lexer.tokenStart + 1..<lexer.tokenEnd - 1
    }
}
