import Ethereum
import Testing

@Suite struct StorageSlotTests {
    @Test func mappings() throws {
        // keccak256 of 64 zero bytes, and of the word 0: constants that many contracts show.
        #expect(
            StorageSlot.mapping(UInt256.zero, at: 0)
                == UInt256(hex: "0xad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5"))
        let address = try #require(Address(hex: "0x00000000219ab540356cbb839cbe05303d7705fa"))
        #expect(StorageSlot.mapping(address, at: 3) == Keccak256.hash(address.word, 3).word)
        let nested = StorageSlot.mapping([5, 6], at: 9)
        #expect(nested == StorageSlot.mapping(6, at: StorageSlot.mapping(5, at: 9)))
        #expect(StorageSlot.mapping([], at: 9) == 9)
        let text = Array("key".utf8)
        #expect(
            StorageSlot.mapping(bytes: text, at: 2) == Keccak256.hash(text + UInt256(2).bigEndianBytes).word)
    }

    @Test func arrays() throws {
        let base = try #require(
            UInt256(hex: "0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563"))
        #expect(StorageSlot.element(0, ofArrayAt: 0) == base)
        #expect(StorageSlot.element(7, ofArrayAt: 0, slots: 3) == base &+ 21)
        // As the EVM: the sum wraps.
        #expect(StorageSlot.element(.max, ofArrayAt: 0) == base &- 1)
        let packed = StorageSlot.packedElement(5, ofArrayAt: 0, bytes: 16)
        #expect(packed.slot == base &+ 2)
        #expect(packed.offset == 16)
        // Three addresses of 20 bytes do not fit a slot: one each.
        #expect(StorageSlot.packedElement(5, ofArrayAt: 0, bytes: 20).slot == base &+ 5)
        #expect(StorageSlot.packedElement(9, ofArrayAt: 0, bytes: 12).offset == 12)
        #expect(StorageSlot.bytes(1, ofBytesAt: 0) == base &+ 1)
    }

    @Test func dynamicBytes() throws {
        #expect(StorageSlot.dynamic(0) == .short([]))
        let text = Array("USDC".utf8)
        let word = try #require(UInt256(bigEndian: text + [UInt8](repeating: 0, count: 27) + [8]))
        #expect(StorageSlot.dynamic(word) == .short(text))
        #expect(StorageSlot.dynamic(65) == .long(length: 32))
        #expect(StorageSlot.dynamic(.max) == .long(length: .max >> 1))
        // A long form of 31 bytes, a short one of 32, and one with bytes after its end.
        #expect(StorageSlot.dynamic(63) == nil)
        #expect(StorageSlot.dynamic(64) == nil)
        #expect(StorageSlot.dynamic(word &+ 256) == nil)
    }
}
