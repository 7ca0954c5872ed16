import Ethereum

private let digest = Keccak256.hash("plimsoll".utf8)

private func signature(_ body: (Secp256k1.PrivateKey, Secp256k1.Signature) throws -> Void) {
    do {
        let key = try Secp256k1.PrivateKey(bytes: [UInt8](repeating: 0x11, count: 32))
        try body(key, key.sign(digest))
    } catch {
        consume(error)
    }
}

let signatureBenchmarks: [Benchmark] = [
    Benchmark("secp256k1/sign", operations: 10) {
        signature { key, _ in for _ in 0..<10 { consume(try key.sign(digest)) } }
    },
    Benchmark("secp256k1/recover", operations: 10, baseline: "secp256k1/sign") {
        signature { _, signature in
            for _ in 0..<10 { consume(try Secp256k1.recover(signature, over: digest)) }
        }
    },
]
