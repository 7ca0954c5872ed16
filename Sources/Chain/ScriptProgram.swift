import Ethereum

/// Calls of any shape that one `eth_call` makes one after another; each sees what those before it wrote, and all of
/// it is
/// forgotten with the `eth_call`.
public struct CallScript: Sendable {
    /// The calls, in order.
    public let calls: [Call]
    /// Gas granted to one call.
    public let gasPerCall: Int
    /// Bytes kept of one answer: a longer one counts as malformed.
    static let mostBytes = 60_000

    /// Makes a script.
    public init(_ calls: [Call], gasPerCall: Int = 3_000_000) {
        self.calls = calls
        self.gasPerCall = gasPerCall
    }
}

/// A program of 126 bytes that makes calls of any shape one after another, placed by state override.
///
/// Calldata is `gasPerCall (4) | most bytes kept of an answer (4)`, then for each call `target (20) | length (4) |
/// data`.
/// It answers `block.number | block.timestamp`, then for each call `ok (1) | length (4) | what it returned or reverted
/// with`, and stops before its gas runs out. Needs PUSH0 (Shanghai).
enum ScriptProgram {
    /// The runtime code; keccak256 0x63b665984f544040c235dd2e7d5e54e3aeb46953a75212fc14b985194c55516d.
    static let code =
        "0x5f358060e01c9060c01c63ffffffff16435f5242602052600860405b36821015607b57838060051c01614e20015a10607b5781358060401c63ffff"
        + "ffff16808460180184375f5f82855f8660601c8bf183536018019050820191503d83811181851802188060e01b8260010152805f83600501"
        + "3e60050101601b565b5ff3"

    static func input(_ calls: ArraySlice<Call>, gasPerCall: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + calls.reduce(0) { $0 + 24 + $1.data.count })
        append(UInt32(clamping: gasPerCall), to: &bytes)
        append(UInt32(CallScript.mostBytes), to: &bytes)
        for call in calls {
            bytes += call.target.bytes
            append(UInt32(clamping: call.data.count), to: &bytes)
            bytes += call.data
        }
        return bytes
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// What one run says: where and when it ran, and one entry for each call that was made.
    struct Output {
        var number: UInt64
        var timestamp: UInt64
        var entries: [(ok: Bool, range: Range<Int>)]
    }

    /// Checks an answer of at most `asked` entries; nil where it is not one.
    static func output(_ bytes: [UInt8], asked: Int) -> Output? {
        guard bytes.count >= 64, let number = UInt256(bigEndian: bytes[0..<32])?.asUInt64(),
            let timestamp = UInt256(bigEndian: bytes[32..<64])?.asUInt64()
        else { return nil }
        var output = Output(number: number, timestamp: timestamp, entries: [])
        var place = 64
        while place < bytes.count {
            guard output.entries.count < asked, bytes.count - place >= 5, bytes[place] <= 1 else { return nil }
            let length = bytes[place + 1..<place + 5].reduce(0) { $0 << 8 | Int($1) }
            guard length <= CallScript.mostBytes, length <= bytes.count - place - 5 else { return nil }
            output.entries.append((bytes[place] == 1, place + 5..<place + 5 + length))
            place += 5 + length
        }
        return output
    }
}
