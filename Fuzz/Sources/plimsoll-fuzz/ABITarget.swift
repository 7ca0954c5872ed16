import ABI
import Ethereum

/// The ABI decoder under random types: what it accepts must encode to no more bytes, and decode from them to the same.
struct ABITarget: FuzzTarget {
    static let name = "abi"

    private struct Case {
        let types: [ABIType]
        let schema: ABISchema
        let inputs: [[UInt8]]
    }

    private let cases: [Case]
    private let words: [[UInt8]]

    init(seed: UInt64) throws {
        var random = FuzzRandom(seed: seed, input: .max)
        var cases: [Case] = []
        while cases.count < 300 {
            let types = (0...random.below(3)).map { _ in ABITarget.type(3, &random) }
            guard let schema = ABITarget.schema(types) else { continue }
            let inputs = try (0..<4).map { _ in
                try ABICoder.encode(types.map { ABITarget.value($0, &random) }, as: schema)
            }
            cases.append(Case(types: types, schema: schema, inputs: inputs))
        }
        self.cases = cases
        let numbers: [UInt64] = [0, 1, 2, 31, 32, 33, 64, 96, 128, 160, 1 << 16, 1 << 59, 1 << 61, 1 << 63]
        let one = UInt256.one
        let large: [UInt256] = [.max, .max &- 31, one << 64, one << 128, one << 160, one << 255]
        words = numbers.map { UInt256($0).bigEndianBytes } + large.map(\.bigEndianBytes)
    }

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let chosen = random.pick(cases)
        let input = Mutator.mutate(random.pick(chosen.inputs), with: random.pick(chosen.inputs), words: words, &random)
        let values: [ABIValue]
        do {
            values = try ABICoder.decode(input.span, as: chosen.schema)
        } catch {
            _ = error.description
            return false
        }
        let again = try ABICoder.encode(values, as: chosen.schema)
        guard again.count <= input.count else {
            throw Violation("\(chosen.types): \(again.count) bytes from \(input.count)", input)
        }
        guard try ABICoder.decode(again.span, as: chosen.schema, limits: .exact) == values else {
            throw Violation("\(chosen.types): other values the second time", input)
        }
        return true
    }

    private static func schema(_ types: [ABIType]) -> ABISchema? {
        do { return try ABISchema(types) } catch { return nil }
    }

    private static func type(_ depth: Int, _ random: inout FuzzRandom) -> ABIType {
        switch random.below(depth > 0 ? 12 : 7) {
        case 0: .uint(8 + 8 * random.below(32))
        case 1: .int(8 + 8 * random.below(32))
        case 2: .address
        case 3: .bool
        case 4: .fixedBytes(1 + random.below(32))
        case 5: .bytes
        case 6: .string
        case 7, 8: .array(type(depth - 1, &random))
        case 9: .fixedArray(type(depth - 1, &random), count: random.below(4))
        default: .tuple(of: (0..<random.below(4)).map { _ in type(depth - 1, &random) })
        }
    }

    private static func value(_ type: ABIType, _ random: inout FuzzRandom) -> ABIValue {
        let word = UInt256(words: random.next(), random.next(), random.next(), random.next())
        return switch type {
        case .uint(let bits): .uint(word >> (256 - bits))
        case .int(let bits): .int(Int256(bits: random.below(2) == 0 ? word >> (257 - bits) : ~(word >> (257 - bits))))
        case .address: .address(Address(word: word))
        case .bool: .bool(random.below(2) == 0)
        case .fixedBytes, .function: .fixedBytes(fixed(type, word))
        case .bytes: .bytes(random.bytes(random.below(70)))
        case .string: .string(String(repeating: random.pick(["a", "é", "🚀", "\0"]), count: random.below(20)))
        case .array(let element): .array((0..<random.below(4)).map { _ in value(element, &random) })
        case .fixedArray(let element, let count): .array((0..<count).map { _ in value(element, &random) })
        case .tuple(let components): .tuple(components.map { value($0.type, &random) })
        }
    }

    private static func fixed(_ type: ABIType, _ word: UInt256) -> FixedBytes {
        let count = if case .fixedBytes(let count) = type { count } else { 24 }
        let rest = 256 - 8 * count
        return FixedBytes(word: (word >> rest) << rest, count: count) ?? FixedBytes(.zero)
    }
}
