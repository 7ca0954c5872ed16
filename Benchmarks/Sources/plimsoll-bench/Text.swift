import Ethereum

private let words = (1...100 as ClosedRange<UInt64>).map { UInt256(words: $0 &* 0x9E37_79B9_7F4A_7C15, $0, $0, 0) }
private let decimals = words.map(\.description)
private let account = Address(a: 0x19E7_E376_E7C2_13B7, b: 0xE7E7_E46C_C70A_5DD0, c: 0x86DA_FF2A)
private let kilobyte = Hex.encode([UInt8](repeating: 0x5A, count: 1024))

let textBenchmarks: [Benchmark] = [
    Benchmark("text/decimal", operations: 100) { for word in words { consume(word.description) } },
    Benchmark("text/parse decimal", operations: 100) { for text in decimals { consume(UInt256(decimal: text)) } },
    Benchmark("text/checksum address", operations: 100, baseline: "keccak/permutation") {
        for _ in 0..<100 { consume(account.checksummed) }
    },
    Benchmark("text/decode hex, a byte", operations: 1024) {
        do { consume(try Hex.decode(kilobyte)) } catch { consume(error) }
    },
]
