import Ethereum
import JSON
import Oracles
import TestSupport
import Testing

@Suite struct OpenPriceMessageTests {
    @Test func realMessagesVerify() throws {
        for vector in try Vector.all("open-price") {
            let message = try OpenPriceMessage(message: vector.bytes("message"))
            let signer = try vector.address("signer")
            #expect(try message.verify(vector.bytes("signature"), by: [signer]) == signer)
            #expect(message.key == (try vector.text("name")))
            #expect(message.value.description == (try vector.text("value")))
            #expect(Int(message.timestamp) == (try vector.number("timestamp")))
        }
    }

    @Test func anyFlippedBitIsRefused() throws {
        for vector in try Vector.all("open-price") {
            let (message, signature) = (try vector.bytes("message"), try vector.bytes("signature"))
            let signer = try vector.address("signer")
            var accepted: [Int] = []
            forEachFlip(of: message + signature) { bytes, bit in
                do {
                    let read = try OpenPriceMessage(message: Array(bytes.prefix(message.count)))
                    _ = try read.verify(Array(bytes.suffix(96)), by: [signer])
                    accepted.append(bit)
                } catch {}
            }
            #expect(accepted.isEmpty, "bits \(accepted.prefix(10))")
            expectTruncationsRefused(message) { _ = try OpenPriceMessage(message: $0) }
        }
    }

    @Test func reporterAndTimeCount() throws {
        let vector = try some(try Vector.all("open-price").first)
        let message = try OpenPriceMessage(message: vector.bytes("message"))
        let (signature, signer) = (try vector.bytes("signature"), try vector.address("signer"))
        #expect(throws: SignedDataError.unauthorisedSigner(signer)) { try message.verify(signature, by: []) }
        #expect(throws: SignedDataError.self) { try message.verify(signature, by: [signer], after: message.timestamp) }
        _ = try message.verify(signature, by: [signer], after: message.timestamp - 1, now: message.timestamp - 3599)
        #expect(throws: SignedDataError.self) {
            try message.verify(signature, by: [signer], now: message.timestamp - 3600)
        }
        #expect(throws: SignedDataError.truncated) { try message.verify(Array(signature.prefix(64)), by: [signer]) }
    }
}
