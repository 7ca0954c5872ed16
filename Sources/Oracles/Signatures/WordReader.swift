import Ethereum

/// Reads the words of an ABI encoding in the one form that compilers write: tails in order, without gaps.
struct WordReader {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) throws(SignedDataError) {
        guard bytes.count % 32 == 0 else { throw .malformed("not a whole number of words") }
        self.bytes = bytes
    }

    /// How many words there are.
    var count: Int { bytes.count / 32 }

    /// A word by its index.
    func word(_ index: Int) throws(SignedDataError) -> UInt256 {
        guard index >= 0, index < count,
            let word = UInt256(bigEndian: bytes[(bytes.startIndex + 32 * index)...].prefix(32))
        else { throw .truncated }
        return word
    }

    /// A number of so many bits, refused where it needs more.
    func unsigned(_ index: Int, bits: Int) throws(SignedDataError) -> UInt64 {
        let word = try word(index)
        guard word.significantBits <= bits, let value = word.asUInt64() else {
            throw .malformed("word \(index) does not fit \(bits) bits")
        }
        return value
    }

    /// An `int192`, refused where the sign is not extended over the word.
    func int192(_ index: Int) throws(SignedDataError) -> Int256 {
        let word = try word(index)
        let high = word >> 191
        guard high.isZero || high == UInt256.mask(bits: 65) else {
            throw .malformed("word \(index) is no int192")
        }
        return Int256(bits: word)
    }

    /// Refuses an offset that is not the one that a compiler writes.
    func expectOffset(_ index: Int, words: Int) throws(SignedDataError) {
        guard try word(index) == UInt256(UInt64(32 * words)) else {
            throw .malformed("the offset in word \(index) is not \(32 * words)")
        }
    }

    /// A length, refused above `most`.
    func length(_ index: Int, most: Int) throws(SignedDataError) -> Int {
        guard let value = try word(index).asInt(), value <= most else {
            throw .malformed("the length in word \(index) is above \(most)")
        }
        return value
    }

    /// `length` bytes from a word on; the padding to the next word must be zero.
    func padded(_ index: Int, length: Int) throws(SignedDataError) -> ArraySlice<UInt8> {
        let start = bytes.startIndex + 32 * index
        let end = start + (length + 31) / 32 * 32
        guard end <= bytes.endIndex else { throw .truncated }
        guard bytes[(start + length)..<end].allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
        return bytes[start..<start + length]
    }
}
