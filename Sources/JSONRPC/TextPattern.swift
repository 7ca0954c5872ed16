/// A text that nodes use, with places for what varies.
///
/// `(N)` stands for a decimal number with `,` `.` `_` between its digits and perhaps a `k` behind it, `(H)` for `0x`
/// and hex
/// digits, `*` for at most 200 bytes of anything. All else is itself, in lower case.
struct TextPattern: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Piece: Sendable {
        case text([UInt8])
        case decimal, hex, gap
    }

    let description: String
    private let pieces: [Piece]

    init(stringLiteral text: String) {
        description = text
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var rest = Array(text.utf8)[...]
        func special(_ piece: Piece, _ count: Int) {
            if !literal.isEmpty { pieces.append(.text(literal)) }
            literal = []
            pieces.append(piece)
            rest = rest.dropFirst(count)
        }
        while let byte = rest.first {
            if rest.starts(with: "(N)".utf8) {
                special(.decimal, 3)
            } else if rest.starts(with: "(H)".utf8) {
                special(.hex, 3)
            } else if byte == UInt8(ascii: "*") {
                special(.gap, 1)
            } else {
                literal.append(byte)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        self.pieces = pieces
    }

    /// The numbers where `text`, in lower case, holds the pattern; nil where it does not.
    func numbers(in text: [UInt8]) -> [UInt64]? {
        for start in text.indices {
            if let numbers = numbers(in: text, from: start) { return numbers }
        }
        return nil
    }

    private func numbers(in text: [UInt8], from start: Int) -> [UInt64]? {
        var position = start
        var numbers: [UInt64] = []
        var isFree = false
        for piece in pieces {
            switch piece {
            case .text(let literal):
                let last = min(isFree ? position + 200 : position, text.count - literal.count)
                guard
                    let found = position <= last
                        ? (position...last).first(where: { Self.stands(literal, text, $0) }) : nil
                else { return nil }
                position = found + literal.count
                isFree = false
            case .decimal:
                guard let (number, end) = Self.decimal(text, position) else { return nil }
                numbers.append(number)
                position = end
            case .hex:
                guard let (number, end) = Self.hex(text, position) else { return nil }
                numbers.append(number)
                position = end
            case .gap: isFree = true
            }
        }
        return numbers
    }

    private static func stands(_ literal: [UInt8], _ text: [UInt8], _ offset: Int) -> Bool {
        for index in literal.indices where text[offset + index] != literal[index] { return false }
        return true
    }

    private static func decimal(_ text: [UInt8], _ start: Int) -> (UInt64, Int)? {
        var position = start
        var value: UInt64 = 0
        var digits = 0
        while position < text.count {
            let byte = text[position]
            if isDigit(byte) {
                digits += 1
                guard digits <= 18 else { return nil }
                value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
            } else if digits == 0 || !",._".utf8.contains(byte) || position + 1 == text.count
                || !isDigit(text[position + 1])
            {
                break
            }
            position += 1
        }
        guard digits > 0 else { return nil }
        if position < text.count, text[position] == UInt8(ascii: "k") { return (value * 1_000, position + 1) }
        return (value, position)
    }

    private static func hex(_ text: [UInt8], _ start: Int) -> (UInt64, Int)? {
        guard text.count - start > 2, text[start] == UInt8(ascii: "0"), text[start + 1] == UInt8(ascii: "x") else {
            return nil
        }
        var position = start + 2
        var value: UInt64 = 0
        while position < text.count, let digit = digit(text[position]) {
            guard position - start <= 17 else { return nil }
            value = value << 4 | UInt64(digit)
            position += 1
        }
        return position > start + 2 ? (value, position) : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
