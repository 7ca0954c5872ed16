/// Path and query of a request, read strictly: what is spelled in an unusual way is refused, and nothing is resolved.
struct RequestTarget: Hashable {
    let path: String
    let query: [String: String]

    /// Longest target.
    static let longest = 2_048

    init(_ text: String) throws(HTTPRefusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else {
            throw HTTPRefusal(status: 414, what: "the target is too long", expected: "at most \(Self.longest) bytes")
        }
        guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ 0x21...0x7e ~= $0 }) else { throw .notFound }
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let path = bytes[..<mark]
        // No path of ours needs an escape, and none has a dot segment.
        guard !path.contains(UInt8(ascii: "%")), !path.contains(UInt8(ascii: "\\")) else { throw .notFound }
        self.path = String(decoding: path, as: UTF8.self)
        var query: [String: String] = [:]
        if mark < bytes.endIndex {
            let pairs = bytes[(mark + 1)...].split(separator: UInt8(ascii: "&"))
            guard pairs.count <= 32 else {
                throw HTTPRefusal(status: 400, what: "too many parameters", expected: "at most 32")
            }
            for pair in pairs {
                let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                let name = try Self.decoded(halves[0])
                guard query.updateValue(halves.count == 2 ? try Self.decoded(halves[1]) : "", forKey: name) == nil
                else {
                    throw .parameter(name, "each parameter once")
                }
            }
        }
        self.query = query
    }

    /// Resolves `%XX` (RFC 3986 §2.1).
    private static func decoded(_ text: ArraySlice<UInt8>) throws(HTTPRefusal) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.digit), let low = rest.popFirst().flatMap(Self.digit) else {
                throw HTTPRefusal(status: 400, what: "an escape is broken", expected: "%XX")
            }
            bytes.append(high << 4 | low)
        }
        guard let string = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 }) else {
            throw HTTPRefusal(status: 400, what: "a parameter is no text", expected: "UTF-8 without control characters")
        }
        return string
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}

extension RequestTarget {
    /// A whole number.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(HTTPRefusal) -> Int? {
        guard let text = query[name] else { return nil }
        guard text.utf8.allSatisfy({ 48...57 ~= $0 }), let value = Int(text), range.contains(value) else {
            throw .parameter(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// One of a few words.
    func word(_ name: String, of words: [String]) throws(HTTPRefusal) -> String? {
        guard let text = query[name] else { return nil }
        guard words.contains(text) else { throw .parameter(name, "one of \(words.joined(separator: ", "))") }
        return text
    }

    /// Words separated by commas; at most 64.
    func list(_ name: String) throws(HTTPRefusal) -> [String]? {
        guard let text = query[name] else { return nil }
        let words = text.split(separator: ",").map(String.init)
        guard (1...64).contains(words.count) else { throw .parameter(name, "1 to 64 values, separated by commas") }
        return words
    }
}
