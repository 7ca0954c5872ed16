import ABI
import Ethereum
import TestSupport

/// Random types and values of every kind.
struct RandomABI {
    var generator: SeededGenerator

    init(_ seed: Seed) { generator = seed.generator }

    mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func type(depth: Int) -> ABIType {
        switch pick(depth > 0 ? 0...13 : 0...8) {
        case 0: return .uint(8 * pick(1...32))
        case 1: return .int(8 * pick(1...32))
        case 2: return .address
        case 3: return .bool
        case 4, 5: return .fixedBytes(pick(1...32))
        case 6: return .bytes
        case 7: return .string
        case 8: return .function
        case 9, 10: return .array(element(depth: depth - 1))
        case 11: return .fixedArray(element(depth: depth - 1), count: pick(0...4))
        default:
            var components: [ABIType] = []
            for _ in 0..<pick(0...4) { components.append(type(depth: depth - 1)) }
            return .tuple(of: components)
        }
    }

    /// A type that takes bytes, as an element must.
    private mutating func element(depth: Int) -> ABIType {
        while true {
            let type = type(depth: depth)
            do {
                _ = try ABISchema([.array(type)])
                return type
            } catch {
                continue
            }
        }
    }

    mutating func value(_ type: ABIType) -> ABIValue {
        switch type {
        case .uint(let bits): return .uint(UInt256.random(bits: 0...bits, using: &generator))
        case .int(let bits):
            let magnitude = UInt256.random(bits: 0...(bits - 1), using: &generator)
            return .int(Int256(bits: Bool.random(using: &generator) ? ~magnitude : magnitude))
        case .address: return .address(Address(word: UInt256.random(using: &generator)))
        case .bool: return .bool(Bool.random(using: &generator))
        case .fixedBytes(let count): return .fixedBytes(fixed(count))
        case .function: return .fixedBytes(fixed(24))
        case .bytes: return .bytes(generator.bytes([0, 1, 31, 32, 33, 100][pick(0...5)]))
        case .string:
            let alphabet: [Character] = ["a", "é", "🚀", "\0", "\"", "\n"]
            return .string(String((0..<pick(0...40)).map { _ in alphabet[pick(0...5)] }))
        case .array(let element): return .array(values(element, pick(0...5)))
        case .fixedArray(let element, let count): return .array(values(element, count))
        case .tuple(let components):
            var values: [ABIValue] = []
            for component in components { values.append(value(component.type)) }
            return .tuple(values)
        }
    }

    private mutating func values(_ type: ABIType, _ count: Int) -> [ABIValue] {
        var values: [ABIValue] = []
        for _ in 0..<count { values.append(value(type)) }
        return values
    }

    private mutating func fixed(_ count: Int) -> FixedBytes {
        let word = UInt256.random(using: &generator) << (256 - 8 * count)
        return FixedBytes(word: word, count: count) ?? FixedBytes(.zero)
    }
}
