@testable import Ethereum
import Testing
import TestSupport

typealias Outcome = Result<UInt256, MathError>

/// An operation on two numbers, ours and the schoolbook's.
struct BinaryOperation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let ours: @Sendable (UInt256, UInt256) throws(MathError) -> UInt256
    let oracle: @Sendable (Reference, Reference) -> Outcome
}

/// An operation on three numbers, ours and the schoolbook's.
struct TernaryOperation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let ours: @Sendable (UInt256, UInt256, UInt256) throws(MathError) -> UInt256
    let oracle: @Sendable (Reference, Reference, Reference) -> Outcome
}

func outcome(_ body: () throws(MathError) -> UInt256) -> Outcome {
    do throws(MathError) { return .success(try body()) } catch { return .failure(error) }
}

/// The result modulo 2^256.
private func wrapped(_ value: Reference) -> Outcome { (value / Reference.two256).remainder.outcome }

private func quotient(_ a: Reference, _ b: Reference, _ rounding: Rounding) -> Outcome {
    b.digits.isEmpty ? .failure(.divisionByZero) : a.divided(by: b, rounding).outcome
}

/// A scaled product as Aave computes it: what leaves 256 bits on the way is an overflow.
private func scaledProduct(_ a: Reference, _ b: Reference, plus c: Reference, over d: Reference, _ rounding: Rounding)
    -> Outcome
{
    let sum = a * b + c
    return sum.fits ? sum.divided(by: d, rounding).outcome : .failure(.overflow)
}

/// A scaled quotient as Aave computes it.
private func scaledQuotient(_ a: Reference, _ scale: Reference, _ b: Reference, half: Bool, _ rounding: Rounding)
    -> Outcome
{
    guard !b.digits.isEmpty else { return .failure(.divisionByZero) }
    let sum = a * scale + (half ? (b / Reference(2)).quotient : Reference(0))
    return sum.fits ? sum.divided(by: b, rounding).outcome : .failure(.overflow)
}

private let ray = Reference(.ray)
private let wad = Reference(.wad)
private let bps = Reference(10_000)
private let halfRay = Reference(500_000_000_000_000_000_000_000_000)
private let halfWad = Reference(500_000_000_000_000_000)
private let halfBps = Reference(5_000)
private let zero = Reference(0)

let binaryOperations: [BinaryOperation] = [
    .init(testDescription: "+") { a, b throws(MathError) in
        try a + b
    } oracle: {
        ($0 + $1).outcome
    },
    .init(testDescription: "-") { a, b throws(MathError) in
        try a - b
    } oracle: {
        ($0 - $1)?.outcome ?? .failure(.overflow)
    },
    .init(testDescription: "*") { a, b throws(MathError) in
        try a * b
    } oracle: {
        ($0 * $1).outcome
    },
    .init(testDescription: "&+") { a, b throws(MathError) in
        a &+ b
    } oracle: {
        wrapped($0 + $1)
    },
    .init(testDescription: "&-") { a, b throws(MathError) in
        a &- b
    } oracle: {
        ($0 + Reference.two256 - $1).map(wrapped) ?? .failure(.overflow)
    },
    .init(testDescription: "&*") { a, b throws(MathError) in
        a &* b
    } oracle: {
        wrapped($0 * $1)
    },
    .init(testDescription: "product, high half") { a, b throws(MathError) in
        a.multipliedFullWidth(by: b).high
    } oracle: {
        (($0 * $1) / Reference.two256).quotient.outcome
    },
    .init(testDescription: "product, low half") { a, b throws(MathError) in
        a.multipliedFullWidth(by: b).low
    } oracle: {
        wrapped($0 * $1)
    },
    .init(testDescription: "%") { a, b throws(MathError) in
        try a % b
    } oracle: {
        $1.digits.isEmpty ? .failure(.divisionByZero) : ($0 / $1).remainder.outcome
    },
    .init(testDescription: "/ down") { a, b throws(MathError) in
        try a.divided(by: b, .down)
    } oracle: {
        quotient($0, $1, .down)
    },
    .init(testDescription: "/ up") { a, b throws(MathError) in
        try a.divided(by: b, .up)
    } oracle: {
        quotient($0, $1, .up)
    },
    .init(testDescription: "/ half up") { a, b throws(MathError) in
        try a.divided(by: b, .halfUp)
    } oracle: {
        quotient($0, $1, .halfUp)
    },
]

let fixedPointOperations: [BinaryOperation] = [
    .init(testDescription: "rayMul") { a, b throws(MathError) in
        try .rayMul(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: halfRay, over: ray, .down)
    },
    .init(testDescription: "rayMulFloor") { a, b throws(MathError) in
        try .rayMulFloor(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: ray, .down)
    },
    .init(testDescription: "rayMulCeil") { a, b throws(MathError) in
        try .rayMulCeil(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: ray, .up)
    },
    .init(testDescription: "rayDiv") { a, b throws(MathError) in
        try .rayDiv(a, b)
    } oracle: {
        scaledQuotient($0, ray, $1, half: true, .down)
    },
    .init(testDescription: "rayDivFloor") { a, b throws(MathError) in
        try .rayDivFloor(a, b)
    } oracle: {
        scaledQuotient($0, ray, $1, half: false, .down)
    },
    .init(testDescription: "rayDivCeil") { a, b throws(MathError) in
        try .rayDivCeil(a, b)
    } oracle: {
        scaledQuotient($0, ray, $1, half: false, .up)
    },
    .init(testDescription: "wadMul") { a, b throws(MathError) in
        try .wadMul(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: halfWad, over: wad, .down)
    },
    .init(testDescription: "wadMulFloor") { a, b throws(MathError) in
        try .wadMulFloor(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: wad, .down)
    },
    .init(testDescription: "wadMulCeil") { a, b throws(MathError) in
        try .wadMulCeil(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: wad, .up)
    },
    .init(testDescription: "wadDiv") { a, b throws(MathError) in
        try .wadDiv(a, b)
    } oracle: {
        scaledQuotient($0, wad, $1, half: true, .down)
    },
    .init(testDescription: "wadDivFloor") { a, b throws(MathError) in
        try .wadDivFloor(a, b)
    } oracle: {
        scaledQuotient($0, wad, $1, half: false, .down)
    },
    .init(testDescription: "wadDivCeil") { a, b throws(MathError) in
        try .wadDivCeil(a, b)
    } oracle: {
        scaledQuotient($0, wad, $1, half: false, .up)
    },
    .init(testDescription: "percentMul") { a, b throws(MathError) in
        try .percentMul(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: halfBps, over: bps, .down)
    },
    .init(testDescription: "percentMulFloor") { a, b throws(MathError) in
        try .percentMulFloor(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: bps, .down)
    },
    .init(testDescription: "percentMulCeil") { a, b throws(MathError) in
        try .percentMulCeil(a, b)
    } oracle: {
        scaledProduct($0, $1, plus: zero, over: bps, .up)
    },
    .init(testDescription: "percentDiv") { a, b throws(MathError) in
        try .percentDiv(a, b)
    } oracle: {
        scaledQuotient($0, bps, $1, half: true, .down)
    },
    .init(testDescription: "percentDivFloor") { a, b throws(MathError) in
        try .percentDivFloor(a, b)
    } oracle: {
        scaledQuotient($0, bps, $1, half: false, .down)
    },
    .init(testDescription: "percentDivCeil") { a, b throws(MathError) in
        try .percentDivCeil(a, b)
    } oracle: {
        scaledQuotient($0, bps, $1, half: false, .up)
    },
]

let ternaryOperations: [TernaryOperation] = Rounding.allCases.map { rounding in
    TernaryOperation(testDescription: "mulDiv \(rounding)") { a, b, d throws(MathError) in
        try .mulDiv(a, b, d, rounding)
    } oracle: {
        quotient($0 * $1, $2, rounding)
    }
}

@Suite struct UInt256OperationTests {
    @Test(arguments: binaryOperations, Seed.sweep(24))
    func agreesWithSchoolbook(operation: BinaryOperation, seed: Seed) {
        check(operation, seed, draws: 20, 0...256, 0...256)
    }

    @Test(arguments: fixedPointOperations, Seed.sweep(24))
    func fixedPointAgreesWithSchoolbook(operation: BinaryOperation, seed: Seed) {
        check(operation, seed, draws: 10, 0...256, 0...256)
        // Where most results fit, and where the sum of the lengths is near the edge.
        check(operation, seed, draws: 10, 0...160, 0...96)
        check(operation, seed, draws: 5, 127...129, 126...129)
    }

    @Test(arguments: ternaryOperations, Seed.sweep(48))
    func productsOf512BitsAgreeWithSchoolbook(operation: TernaryOperation, seed: Seed) {
        var generator = seed.generator
        for _ in 0..<20 {
            let a = UInt256.random(using: &generator)
            let b = UInt256.random(using: &generator)
            let d = UInt256.random(using: &generator)
            let ours = outcome { () throws(MathError) in try operation.ours(a, b, d) }
            #expect(ours == operation.oracle(Reference(a), Reference(b), Reference(d)), "\(a) \(b) \(d)")
        }
    }

    /// Dividends made from their quotient, so that the rare steps of Knuth's algorithm come up: words of all ones.
    @Test(arguments: Seed.sweep(64)) func divisionFindsTheFactorsBack(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<200 {
            let divisor = UInt256.random(bits: 1...256, using: &generator)
            let quotient = UInt256.random(using: &generator)
            let remainder = try UInt256.random(using: &generator) % divisor
            var (high, low) = quotient.multipliedFullWidth(by: divisor)
            let carry: Bool
            (low, carry) = low.addingReportingOverflow(remainder)
            if carry { high = high &+ .one }
            let wide = UInt256.divideWide(high: high, low: low, by: divisor)
            #expect(wide == (quotient, remainder), "\(quotient) · \(divisor) + \(remainder)")
            if high.isZero {
                #expect(try low.quotientAndRemainder(dividingBy: divisor) == (quotient, remainder))
            }
        }
    }

    private func check(
        _ operation: BinaryOperation, _ seed: Seed, draws: Int, _ first: ClosedRange<Int>, _ second: ClosedRange<Int>
    ) {
        var generator = seed.generator
        for _ in 0..<draws {
            let a = UInt256.random(bits: first, using: &generator)
            let b = UInt256.random(bits: second, using: &generator)
            let ours = outcome { () throws(MathError) in try operation.ours(a, b) }
            #expect(ours == operation.oracle(Reference(a), Reference(b)), "\(a) \(b)")
        }
    }
}
