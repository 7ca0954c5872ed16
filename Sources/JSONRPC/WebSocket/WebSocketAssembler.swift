/// Puts messages together from frames and holds a server to RFC 6455. Does no I/O.
struct WebSocketAssembler: Sendable {
    /// A frame as it came.
    struct Frame {
        /// The four bits of RFC 6455 §11.8.
        var opcode: UInt8
        var isFinal = true
        var isMasked = false
        var hasReservedBits = false
        var payload: [UInt8] = []
    }

    /// What a frame completed.
    enum Piece: Equatable {
        case text([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(code: Int, reason: String)
    }

    /// Which rule was broken; the code that the connection is closed with.
    struct Violation: Error, Equatable {
        var code: Int
        var what: String
        /// The cap on a message, where that is what was broken.
        var limit: Int?
    }

    /// A message of many empty fragments costs work and no bytes.
    private static let mostFragments = 16_384

    private let limit: Int
    private var message: [UInt8]?
    private var fragments = 0

    /// - Parameter limit: largest message, in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a frame; nil where more have to come.
    mutating func take(_ frame: Frame) throws(Violation) -> Piece? {
        guard !frame.isMasked else { throw Self.broken("a server's frame is masked") }
        guard !frame.hasReservedBits else {
            throw Self.broken("a frame has reserved bits, and no extension was agreed")
        }
        switch frame.opcode {
        case 0x0, 0x1: return try data(frame)
        case 0x2: throw Violation(code: 1003, what: "a binary message, where JSON is text")
        case 0x8, 0x9, 0xa: return try control(frame)
        default: throw Self.broken("a frame of the reserved kind \(frame.opcode)")
        }
    }

    static func broken(_ what: String) -> Violation { Violation(code: 1002, what: what) }

    static func tooLarge(_ limit: Int) -> Violation {
        Violation(code: 1009, what: "a message is larger than \(limit) bytes", limit: limit)
    }

    private mutating func data(_ frame: Frame) throws(Violation) -> Piece? {
        if frame.opcode == 0 {
            guard message != nil else { throw Self.broken("a continuation of nothing") }
        } else {
            guard message == nil else { throw Self.broken("a message begins inside another") }
            message = []
            fragments = 0
        }
        fragments += 1
        let size = (message?.count ?? 0) + frame.payload.count
        guard size <= limit else { throw Self.tooLarge(limit) }
        guard fragments <= Self.mostFragments else { throw Self.broken("a message of too many fragments") }
        message?.append(contentsOf: frame.payload)
        guard frame.isFinal, let whole = message else { return nil }
        message = nil
        guard Self.isText(whole) else { throw Violation(code: 1007, what: "a text that is not UTF-8") }
        return .text(whole)
    }

    private func control(_ frame: Frame) throws(Violation) -> Piece {
        guard frame.isFinal else { throw Self.broken("a control frame is fragmented") }
        guard frame.payload.count <= 125 else { throw Self.broken("a control frame is longer than 125 bytes") }
        switch frame.opcode {
        case 0x9: return .ping(frame.payload)
        case 0xa: return .pong(frame.payload)
        default: return try closing(frame.payload)
        }
    }

    private func closing(_ payload: [UInt8]) throws(Violation) -> Piece {
        guard !payload.isEmpty else { return .close(code: 1005, reason: "") }
        guard payload.count > 1 else { throw Self.broken("a close of one byte") }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw Self.broken("the close code \(code), which nobody may send")
        }
        let reason = Array(payload[2...])
        guard Self.isText(reason) else { throw Violation(code: 1007, what: "the reason of a close is not UTF-8") }
        return .close(code: code, reason: Cleaned.text(String(decoding: reason, as: UTF8.self), secrets: Secrets()))
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
