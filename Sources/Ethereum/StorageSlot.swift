/// Where Solidity keeps a variable in a contract's storage; slots are numbers, sums wrap as the EVM's do.
///
/// Source: Solidity documentation, "Layout of State Variables in Storage and Transient Storage".
public enum StorageSlot {
    /// The slot of a mapping's entry, for a key of at most 32 bytes as the ABI pads it: `keccak256(key ‖ slot)`.
    public static func mapping(_ key: UInt256, at slot: UInt256) -> UInt256 {
        Keccak256.hash(key, slot).word
    }

    /// The slot of a mapping's entry, for an address.
    public static func mapping(_ key: Address, at slot: UInt256) -> UInt256 {
        mapping(key.word, at: slot)
    }

    /// The slot of an entry of a mapping of mappings, the outermost key first.
    public static func mapping(_ keys: [UInt256], at slot: UInt256) -> UInt256 {
        keys.reduce(slot) { mapping($1, at: $0) }
    }

    /// The slot of a mapping's entry, for a key of type `string` or `bytes`, which is not padded.
    public static func mapping(bytes key: [UInt8], at slot: UInt256) -> UInt256 {
        var hasher = Keccak256()
        hasher.update(key.span)
        hasher.update(slot.bigEndianBytes.span)
        return hasher.finalize().word
    }

    /// The slot where element `index` of a dynamic array begins; the array's own slot holds its length.
    ///
    /// - Parameter slots: how many slots an element takes.
    public static func element(_ index: UInt256, ofArrayAt slot: UInt256, slots: UInt256 = .one) -> UInt256 {
        Keccak256.hash(slot.bigEndianBytes).word &+ index &* slots
    }

    /// The slot and the offset in bytes, from its low end, of an array's element of which several share a slot.
    ///
    /// - Parameter bytes: how many bytes an element takes, 1 to 32.
    public static func packedElement(
        _ index: UInt256, ofArrayAt slot: UInt256, bytes: Int
    ) -> (slot: UInt256, offset: Int) {
        precondition((1...32).contains(bytes), "an element of a packed array has 1 to 32 bytes")
        let each = UInt256(UInt64(32 / bytes))
        let (quotient, remainder) = index.dividedUnchecked(by: each)
        return (element(quotient, ofArrayAt: slot), Int(remainder.word0) * bytes)
    }

    /// What the slot of a `string` or `bytes` says.
    public enum Dynamic: Equatable, Sendable {
        /// All of it, at most 31 bytes.
        case short([UInt8])
        /// Its length, 32 bytes or more; they begin at ``StorageSlot/bytes(_:ofBytesAt:)`` zero.
        case long(length: UInt256)
    }

    /// Reads the slot of a `string` or `bytes`; `nil` where it is in no form that Solidity writes.
    public static func dynamic(_ word: UInt256) -> Dynamic? {
        if word.word0 & 1 == 1 {
            let length = word >> 1
            return length < 32 ? nil : .long(length: length)
        }
        let length = Int(word.word0 & 0xFF) / 2
        guard length < 32 else { return nil }
        let bytes = word.bigEndianBytes
        guard bytes[length..<31].allSatisfy({ $0 == 0 }) else { return nil }
        return .short(Array(bytes[..<length]))
    }

    /// The slot of the 32 bytes number `index` of a long `string` or `bytes`.
    public static func bytes(_ index: UInt256, ofBytesAt slot: UInt256) -> UInt256 {
        element(index, ofArrayAt: slot)
    }
}
