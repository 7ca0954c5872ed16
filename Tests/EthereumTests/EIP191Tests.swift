import Ethereum
import Testing

@Suite struct EIP191Tests {
    @Test func personalMessage() throws {
        let digest = EIP191.digest(of: "plimsoll".utf8)
        #expect(digest.hex == "0x951464d0b81b55701541d5d1beee07b573c8e55fc69f88d54f8a94e207337d1b")
        let signature = try Secp256k1.PrivateKey(bytes: [UInt8](repeating: 0x11, count: 32)).sign(digest)
        #expect(
            signature.hex
                == """
                0xedd9cb3f4e645277aa8612ae576e5c64b5f8c64999d0bd3bb8348a6bf387fc21\
                73363b66386d9286443d4d76b44b3298e92978736380eca444a3c7fcba4e58c31b
                """)
    }

    @Test func theLengthCountsBytes() {
        // web3.js documents this digest for its example "Hello World".
        #expect(
            EIP191.digest(of: "Hello World".utf8).hex
                == "0xa1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2")
        let text = "π"
        #expect(
            EIP191.digest(of: text.utf8) == Keccak256.hash(Array("\u{19}Ethereum Signed Message:\n2π".utf8)))
    }
}
