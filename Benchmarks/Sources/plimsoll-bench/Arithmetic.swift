import Ethereum

/// Triples of numbers of given lengths in bits, the same in every run, few enough to stay in the first cache.
private func triples(_ a: Int, _ b: Int, _ d: Int) -> [(UInt256, UInt256, UInt256)] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func word() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
    func number(_ bits: Int) -> UInt256 {
        (UInt256(words: word(), word(), word(), word()) | UInt256.one << 255) >> (256 - bits)
    }
    return (0..<128).map { _ in (number(a), number(b), number(d)) }
}

/// Times an operation over independent operands: throughput, as in a loop over accounts.
private func arithmetic(
    _ name: String, bits: (Int, Int, Int), baseline: String? = "arithmetic/add", bar: Double? = nil,
    _ operation: @escaping @Sendable (UInt256, UInt256, UInt256) throws(MathError) -> UInt256
) -> Benchmark {
    let operands = triples(bits.0, bits.1, bits.2)
    return Benchmark("arithmetic/\(name)", operations: 50 * 128, baseline: baseline, bar: bar) {
        var sum = UInt256.zero
        for _ in 0..<50 {
            for (a, b, d) in operands {
                do throws(MathError) {
                    sum = sum ^ (try operation(a, b, d))
                } catch {
                    consume(error)
                }
            }
        }
        consume(sum)
    }
}

/// Amounts of about 80 bits, indexes of a little over a ray: the sizes that scans meet.
let arithmeticBenchmarks: [Benchmark] = [
    arithmetic("add", bits: (80, 91, 1), baseline: nil) { a, b, _ throws(MathError) in try a + b },
    arithmetic("multiply", bits: (80, 91, 1)) { a, b, _ throws(MathError) in try a * b },
    arithmetic("rayMul", bits: (80, 91, 1), bar: 12) { a, b, _ throws(MathError) in try .rayMul(a, b) },
    arithmetic("rayDiv", bits: (80, 91, 1)) { a, b, _ throws(MathError) in try .rayDiv(a, b) },
    arithmetic("wadMul", bits: (80, 61, 1)) { a, b, _ throws(MathError) in try .wadMul(a, b) },
    arithmetic("percentMul", bits: (80, 14, 1)) { a, b, _ throws(MathError) in try .percentMul(a, b) },
    arithmetic("mulDiv, 64-bit divisor", bits: (80, 91, 60), bar: 80) { a, b, d throws(MathError) in
        try .mulDiv(a, b, d, .down)
    },
    arithmetic("mulDiv, 128-bit divisor", bits: (80, 91, 90), bar: 80) { a, b, d throws(MathError) in
        try .mulDiv(a, b, d, .down)
    },
    arithmetic("mulDiv, 512-bit product", bits: (250, 240, 254), bar: 80) { a, b, d throws(MathError) in
        try .mulDiv(a, b, d, .up)
    },
    arithmetic("divide 256 by 200 bits", bits: (256, 1, 200)) { a, _, d throws(MathError) in
        try a.divided(by: d, .down)
    },
]
