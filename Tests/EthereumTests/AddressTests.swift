import Ethereum
import Testing
import TestSupport

@Suite struct AddressTests {
    /// The examples of EIP-55.
    private static let examples = [
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ]

    @Test(arguments: examples) func checksums(text: String) throws {
        let address = try #require(Address(hex: text.lowercased()))
        #expect(address.checksummed == text)
        #expect(address.description == text)
        #expect(address.hex == text.lowercased())
        #expect(Address(checksummed: text) == address)
        #expect(Address(checksummed: text.lowercased()) == address)
        #expect(Address(checksummed: "0x" + text.dropFirst(2).uppercased()) == address)
        #expect(Address(checksummed: text.dropFirst(2)) == address)
    }

    @Test func oneLetterOfTheWrongCaseIsRefused() {
        for text in Self.examples.suffix(4) {
            let bytes = Array(text.utf8)
            for index in bytes.indices.dropFirst(2) where bytes[index] >= 0x41 {
                var wrong = bytes
                wrong[index] ^= 0x20
                let text = String(decoding: wrong, as: UTF8.self)
                #expect(Address(checksummed: text) == nil, "\(text)")
                #expect(Address(hex: text) != nil)
            }
        }
    }

    @Test(arguments: [
        "", "0x", "0x52908400098527886E0F7030069857D2E4169EE", "0x52908400098527886E0F7030069857D2E4169EE700",
        "0x52908400098527886E0F7030069857D2E4169EEg", " 0x52908400098527886E0F7030069857D2E4169EE7",
    ])
    func otherTextIsRefused(text: String) {
        #expect(Address(hex: text) == nil)
        #expect(Address(checksummed: text) == nil)
    }

    @Test(arguments: Seed.sweep(32)) func formsGoRound(seed: Seed) {
        var generator = seed.generator
        let word = UInt256.random(using: &generator)
        let address = Address(word: word)
        #expect(address.word == word & .mask(bits: 160))
        #expect(address.bytes == Array(word.bigEndianBytes.suffix(20)))
        #expect(Address(bytes: address.bytes) == address)
        #expect(Address(hex: address.hex) == address)
        #expect(Address(checksummed: address.checksummed) == address)
        #expect(Address(checkedWord: address.word) == address)
        #expect(Address(checkedWord: address.word | UInt256.one << 160) == nil)
        #expect(Address(checkedWord: address.word | UInt256.one << 255) == nil)
        let other = Address(word: UInt256.random(using: &generator))
        #expect((address < other) == (address.word < other.word))
        #expect(Address(bytes: address.bytes + [0]) == nil)
        #expect(Address(bytes: address.bytes.dropLast()) == nil)
    }
}
