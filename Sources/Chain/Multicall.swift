import Ethereum

/// Reads through `aggregate3` of a deployed Multicall3: the second choice, for endpoints without state overrides.
///
/// It has no gas cap for one call and reports success for an address without code, so an empty answer is never taken
/// as one.
enum Multicall {
    /// `keccak256` of the published runtime code (mds1/multicall `Multicall3.sol@19da7a5`).
    static let publishedCodeHash = Hash32(hex: "0xd5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891")
    /// Where the published contract stands on most chains.
    static let publishedAddress = Address(hex: "0xcA11bde05977b3631167028862bE2a173976CA11")
    /// `aggregate3((address,bool,bytes)[])`.
    static let selector: [UInt8] = [0x82, 0xad, 0x56, 0xcb]

    static func input(_ calls: [Call]) -> [UInt8] {
        var bytes = selector
        bytes.reserveCapacity(68 + calls.count * 224)
        append(32, to: &bytes)
        append(calls.count, to: &bytes)
        var offset = 32 * calls.count
        for call in calls {
            append(offset, to: &bytes)
            offset += 128 + padded(call.data.count)
        }
        for call in calls {
            bytes += call.target.word.bigEndianBytes
            append(1, to: &bytes)
            append(96, to: &bytes)
            append(call.data.count, to: &bytes)
            bytes += call.data
            bytes += [UInt8](repeating: 0, count: padded(call.data.count) - call.data.count)
        }
        return bytes
    }

    /// Where each call's return data lies in the answer, nil for a call that failed; nil where the answer is not
    /// canonical.
    static func output(_ bytes: [UInt8], count: Int) -> [Range<Int>?]? {
        entries(bytes, count: count).map { $0.map { $0.ok ? $0.range : nil } }
    }

    /// Whether each call succeeded, and where what it returned or reverted with lies; nil where the answer is not
    /// canonical.
    static func entries(_ bytes: [UInt8], count: Int) -> [(ok: Bool, range: Range<Int>)]? {
        var position = 64 + 32 * count
        guard bytes.count >= position, word(bytes, 0) == 32, word(bytes, 32) == count else { return nil }
        var entries: [(ok: Bool, range: Range<Int>)] = []
        entries.reserveCapacity(count)
        for index in 0..<count {
            guard word(bytes, 64 + 32 * index) == position - 64,
                let success = word(bytes, position), success <= 1,
                word(bytes, position + 32) == 64,
                let length = word(bytes, position + 64),
                length <= bytes.count - position - 96
            else { return nil }
            let start = position + 96
            entries.append((success == 1, start..<start + length))
            position = start + padded(length)
        }
        return position == bytes.count ? entries : nil
    }

    private static func padded(_ length: Int) -> Int { (length + 31) / 32 * 32 }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        bytes += UInt256(UInt64(number)).bigEndianBytes
    }

    /// The word at `offset` as a small number; nil where it lies outside or is not small.
    private static func word(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - 32 else { return nil }
        var value = 0
        for (index, byte) in bytes[offset..<offset + 32].enumerated() {
            if index < 25 {
                guard byte == 0 else { return nil }
            } else {
                value = value << 8 | Int(byte)
            }
        }
        return value
    }
}
