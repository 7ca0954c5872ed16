import ABI
import Bindings
import Ethereum

/// What `aggregate3` answers for 1000 calls of 192 bytes each: `(bool,bytes)[]`.
private let results: [UInt8] = {
    let elements = (0..<1_000).map { index in
        ABIValue.tuple([.bool(true), .bytes((0..<192).map { UInt8(truncatingIfNeeded: $0 + index) })])
    }
    do { return try ABICoder.encode([.array(elements)], as: types) } catch { fatalError("\(error)") }
}()

private let types: [ABIType] = {
    do { return [try ABIType(parsing: "(bool,bytes)[]")] } catch { fatalError("\(error)") }
}()

/// Beside them `Benchmarks/peers/memory.py` prints what faster-eth-abi takes for the same bytes.
let codingBenchmarks: [Benchmark] = [
    Benchmark("abi/decode (bool,bytes[192]), binding", operations: 1_000) {
        do { consume(try Multicall3.Aggregate3.decode(results.span)) } catch { fatalError("\(error)") }
    },
    Benchmark(
        "abi/decode (bool,bytes[192]), any type", operations: 1_000,
        baseline: "abi/decode (bool,bytes[192]), binding"
    ) {
        do { consume(try ABICoder.decode(results, as: types)) } catch { fatalError("\(error)") }
    },
]
