import Ethereum

private let longMessage = [UInt8](repeating: 0xA5, count: 136 * 500 - 1)
private let address = [UInt8](repeating: 0x11, count: 20)

let hashingBenchmarks: [Benchmark] = [
    // 500 permutations, with the absorption of their blocks.
    Benchmark("keccak/permutation", operations: 500, bar: 260) { consume(Keccak256.hash(longMessage)) },
    Benchmark("keccak/address", operations: 500, baseline: "keccak/permutation") {
        for _ in 0..<500 { consume(Keccak256.hash(address)) }
    },
    Benchmark("keccak/mapping slot", operations: 500, baseline: "keccak/permutation") {
        for index in 0..<500 as Range<UInt64> { consume(Keccak256.hash(UInt256(index), 52)) }
    },
]
