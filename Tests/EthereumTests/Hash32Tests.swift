import Ethereum
import Testing

@Suite struct Hash32Tests {
    private let text = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"

    @Test func formsGoRound() throws {
        let hash = try #require(Hash32(hex: text))
        #expect(hash.hex == text)
        #expect(hash.description == text)
        #expect(Hash32(bytes: hash.bytes) == hash)
        #expect(Hash32(hex: text.dropFirst(2)) == hash)
        #expect(hash == Keccak256.hash([0xC0]))
        #expect(Hash32.zero < hash)
    }

    @Test func otherLengthsAreRefused() {
        #expect(Hash32(hex: text.dropLast()) == nil)
        #expect(Hash32(hex: text.dropLast(2)) == nil)
        #expect(Hash32(hex: text + "00") == nil)
        #expect(Hash32(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(Hash32(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        #expect(Hash32(hex: "") == nil)
    }
}
