public import Ethereum

/// Single words as values of their types; `at` is the position that an error names.
public enum ABIWord {
    /// A `uintN` of up to 256 bits.
    @inlinable
    public static func uint(_ word: UInt256, bits: Int, at: Int) throws(ABIError) -> UInt256 {
        guard fits(word, bits: bits) else { throw .range(at: at, word: word, type: "uint\(bits)") }
        return word
    }

    /// A `uintN` of up to 64 bits.
    @inlinable
    public static func uint64(_ word: UInt256, bits: Int, at: Int) throws(ABIError) -> UInt64 {
        guard word.high == 0, word.low &>> UInt128(bits) == 0 else {
            throw .range(at: at, word: word, type: "uint\(bits)")
        }
        return UInt64(truncatingIfNeeded: word.low)
    }

    /// An `intN` of up to 256 bits.
    @inlinable
    public static func int(_ word: UInt256, bits: Int, at: Int) throws(ABIError) -> Int256 {
        guard fitsSigned(word, bits: bits) else { throw .range(at: at, word: word, type: "int\(bits)") }
        return Int256(bits: word)
    }

    /// An `intN` of up to 64 bits.
    @inlinable
    public static func int64(_ word: UInt256, bits: Int, at: Int) throws(ABIError) -> Int64 {
        Int64(truncatingIfNeeded: try int(word, bits: bits, at: at).bits.low)
    }

    /// An `address`: the high 12 bytes of the word must be zero.
    @inlinable
    public static func address(_ word: UInt256, at: Int) throws(ABIError) -> Address {
        guard let address = Address(checkedWord: word) else { throw .range(at: at, word: word, type: "address") }
        return address
    }

    /// A `bool`: exactly 0 or 1.
    @inlinable
    public static func bool(_ word: UInt256, at: Int) throws(ABIError) -> Bool {
        guard word.high == 0, word.low <= 1 else { throw .range(at: at, word: word, type: "bool") }
        return word.low == 1
    }

    /// A `bytesN`: what follows the N bytes must be zero.
    @inlinable
    public static func fixedBytes(_ word: UInt256, count: Int, at: Int) throws(ABIError) -> FixedBytes {
        guard let value = FixedBytes(word: word, count: count) else { throw .padding(at: at, type: "bytes\(count)") }
        return value
    }

    /// Whether a word is a number of so many bits.
    @inlinable
    static func fits(_ word: UInt256, bits: Int) -> Bool {
        bits >= 256
            || (bits >= 128
                ? word.high &>> UInt128(bits &- 128) == 0 : word.high == 0 && word.low &>> UInt128(bits) == 0)
    }

    /// Whether a word is a sign-extended two's complement number of so many bits.
    @inlinable
    static func fitsSigned(_ word: UInt256, bits: Int) -> Bool {
        if bits >= 256 { return true }
        let isNegative = word[bit: bits &- 1]
        return fits(isNegative ? ~word : word, bits: bits &- 1)
    }
}
