import Ethereum

/// A program of 114 bytes that reads one getter for many arguments, placed by state override: no contract is deployed.
///
/// Calldata is one header word, `target | gasPerCall | returnLength | 0 | selector`, then 20 bytes for each argument.
/// It answers
/// `block.number | block.timestamp | k × (ok | returnLength bytes)` and stops before its gas runs out, so that k may be
/// smaller than what was asked: a starved call is never mistaken for a revert. `ok` is 1 where the call succeeded
/// with at
/// least returnLength bytes. Needs PUSH0 (Shanghai).
enum ReaderProgram {
    /// The runtime code; keccak256 0xa1f5e4877255fdb8965798da8c2572cf8385abb2f57cce2dad368714f60128bd.
    static let code =
        "0x5f358060e01b5f5243604052426060528060301c61ffff16908060401c63ffffffff169060601c608060205b80361115606957838060051c01614e20015a"
        + "10606957803560601c600452848260010160245f8688fa853d101516825360140190840160010190602b565b50604090036040f3"

    /// The same program for getters with a second argument, and for calls that follow one that changes something: 155
    /// bytes. Its keccak256 is 0x987da491edf709e02f1b6ee8096e059a49f1564a60be685f28588e41c43064dd.
    ///
    /// Two words follow the header: the second argument, then the selector of the prelude at its left end, or zero. It
    /// reverts where the prelude does.
    static let extendedCode =
        "0x5f358060e01b5f5260203560245243606052426080528060301c61ffff16908060401c63ffffffff169060601c6040358015604e57"
        + "60a0525f5f602460a05f855af16048575f5ffd5b5f5f60a0525b5060a060605b80361115609257838060051c01614e20015a106092"
        + "57803560601c600452848260010160445f8688fa853d1015168253601401908401600101906054565b50606090036060f3"

    /// The same with CALL where `code` has STATICCALL: for getters that write, such as interest that they accrue first.
    static let callingCode =
        "0x5f358060e01b5f5243604052426060528060301c61ffff16908060401c63ffffffff169060601c608060205b80361115606a57838060051c016"
        + "14e20015a10606a57803560601c600452848260010160245f5f8789f1853d101516825360140190840160010190602b565b50604090036040f3"

    /// The program that answers for `group`.
    static func code(for group: CallGroup) -> String {
        isExtended(group) ? extendedCode : group.writes ? callingCode : code
    }

    private static func isExtended(_ group: CallGroup) -> Bool { group.trailing != nil || group.prelude != nil }
    /// Where the program is placed: the last 20 bytes of keccak256("plimsoll.reader.v1"), an address nobody holds a
    /// key to.
    static let address: Address = {
        let word = Keccak256.hash("plimsoll.reader.v1".utf8).word
        return Address(word: word)
    }()

    /// Code that answers the word 42: an endpoint that ignores overrides cannot answer it.
    static let probeCode = "0x602a5f5260205ff3"

    static func input(for group: CallGroup, _ range: Range<Int>) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(32 + 20 * range.count)
        bytes += group.target.bytes
        let gas = UInt32(clamping: group.gasPerCall)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: gas >> shift)) }
        bytes.append(UInt8(truncatingIfNeeded: group.returnLength >> 8))
        bytes.append(UInt8(truncatingIfNeeded: group.returnLength))
        bytes += [0, 0]
        bytes += group.selector.bytes
        if isExtended(group) {
            bytes += (group.trailing ?? .zero).bigEndianBytes
            bytes += (group.prelude?.bytes ?? [0, 0, 0, 0]) + [UInt8](repeating: 0, count: 28)
        }
        for index in range { bytes += Address(word: group.arguments[index]).bytes }
        return bytes
    }

    /// What one run of the program says.
    struct Output {
        var number: UInt64
        var timestamp: UInt64
        /// How many calls were made before the gas ran short.
        var done: Int
    }

    /// Checks the frame of an answer of at most `asked` records; nil where it is not one.
    static func frame(_ bytes: [UInt8], asked: Int, returnLength: Int) -> Output? {
        guard bytes.count >= 64, (bytes.count - 64).isMultiple(of: returnLength + 1) else { return nil }
        let done = (bytes.count - 64) / (returnLength + 1)
        guard done <= asked,
            let number = UInt256(bigEndian: bytes[0..<32])?.asUInt64(),
            let timestamp = UInt256(bigEndian: bytes[32..<64])?.asUInt64()
        else { return nil }
        return Output(number: number, timestamp: timestamp, done: done)
    }
}
