import Ethereum
import Keeper
import Testing

@Suite struct FlashbotsSignatureTests {
    private let body = Array(
        #"{"jsonrpc":"2.0","id":1,"method":"eth_sendBundle","params":[{"txs":["0x02"],"blockNumber":"0x1"}]}"#.utf8)
    private let address = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
    private let signature = """
        0x1b818b18afb94ed71cf54a402c6883e59a85c12fbe9823c3bec060a2841e5a9e\
        56e7b6347abe7cbe492d2a25135886c44994517c2a76d01b9199c02ca24790aa1c
        """

    private func key() throws -> Secp256k1.PrivateKey {
        try Secp256k1.PrivateKey(bytes: [UInt8](repeating: 0x11, count: 32))
    }

    @Test func signsTheTextOfTheHash() throws {
        #expect(
            Keccak256.hash(body).hex == "0xa55d698681b1f2a257ac702cb3b6a69aa42c68900f7a21db6e48c2e794bdf316")
        #expect(try FlashbotsSignature.headerValue(for: body, signedBy: key()) == "\(address):\(signature)")
        let sender = try FlashbotsSignature.verify(headerValue: "\(address):\(signature)", body: body)
        #expect(sender.checksummed == address)
    }

    @Test func aSignatureOverTheRawHashIsRefused() throws {
        let wrong = try key().sign(EIP191.digest(of: Keccak256.hash(body).bytes)).hex
        // The one that keeper documentation warns of.
        #expect(wrong.hasPrefix("0x1797a5c6") && wrong.hasSuffix("38d547d251b"))
        #expect(throws: SignatureError.mismatch) {
            try FlashbotsSignature.verify(headerValue: "\(address):\(wrong)", body: body)
        }
        let overBody = try key().sign(EIP191.digest(of: body)).hex
        #expect(throws: SignatureError.mismatch) {
            try FlashbotsSignature.verify(headerValue: "\(address):\(overBody)", body: body)
        }
    }

    @Test func anotherBodyOrSenderIsRefused() {
        #expect(throws: SignatureError.mismatch) {
            try FlashbotsSignature.verify(headerValue: "\(address):\(signature)", body: body + [0x0A])
        }
        #expect(throws: SignatureError.mismatch) {
            try FlashbotsSignature.verify(
                headerValue: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf:\(signature)", body: body)
        }
    }

    @Test func otherFormsAreMalformed() {
        let headers = [
            "", ":", address, "\(address):", ":\(signature)", "\(address):\(signature):", "\(signature):\(address)",
            "\(address.dropFirst(2)):\(signature)", "\(address):\(signature.dropFirst(2))",
            "\(address):\(signature.dropLast(2))", "\(address):\(signature)00", "\(address):\(signature.dropLast(2))00",
            "\(address.replacing("E7E", with: "e7E")):\(signature)", " \(address):\(signature)",
        ]
        for header in headers {
            let error = #expect(throws: SignatureError.self) {
                try FlashbotsSignature.verify(headerValue: header, body: body)
            }
            if case .malformed = error { continue }
            Issue.record("\(header)")
        }
    }
}
