import ABI
import Ethereum
import JSON
import Testing
import TestSupport

@Suite struct ABICoderPropertyTests {
    @Test(arguments: Seed.sweep(60))
    func roundTrip(seed: Seed) throws {
        var random = RandomABI(seed)
        for _ in 0..<10 {
            let types = (0..<random.pick(0...4)).map { _ in random.type(depth: 3) }
            let values = types.map { random.value($0) }
            let data = try ABICoder.encode(values, as: types)
            #expect(data.count % 32 == 0)
            #expect(try ABICoder.decode(data, as: types, limits: .exact) == values)
            let json = try JSONValue(parsing: JSONValue.array(values.map(\.json)).serialized())
            #expect(try ABIValue.list(json, as: types.map { ABIParameter(type: $0) }) == values)
        }
    }

    @Test(arguments: Seed.sweep(20))
    func everyTruncationIsRefused(seed: Seed) throws {
        var random = RandomABI(seed)
        let types = (0..<3).map { _ in random.type(depth: 2) }
        let data = try ABICoder.encode(types.map { random.value($0) }, as: types)
        for count in 0..<data.count {
            #expect(throws: ABIError.self) { try ABICoder.decode(Array(data[..<count]), as: types) }
        }
    }

    /// Whatever is accepted encodes to bytes that mean the same and are no longer than what was read.
    @Test(arguments: Seed.sweep(60))
    func mutationsAreRefusedOrMeanSomething(seed: Seed) throws {
        var random = RandomABI(seed)
        let types = (0..<3).map { _ in random.type(depth: 3) }
        let data = try ABICoder.encode(types.map { random.value($0) }, as: types)
        guard !data.isEmpty else { return }
        for _ in 0..<100 {
            var mutant = data
            let at = random.pick(0...(data.count - 1))
            switch random.pick(0...3) {
            case 0: mutant[at] ^= 1 << UInt8(random.pick(0...7))
            case 1: mutant[at | 31] = [0, 1, 32, 64, 96, 128][random.pick(0...5)]
            case 2:
                mutant.replaceSubrange(
                    (at & ~31)..<(at | 31) + 1, with: UInt256.random(using: &random.generator).bigEndianBytes)
            default: mutant.replaceSubrange((at & ~31)..<(at | 31) + 1, with: data[..<32])
            }
            let values: [ABIValue]
            do { values = try ABICoder.decode(mutant, as: types) } catch { continue }
            let again = try ABICoder.encode(values, as: types)
            #expect(again.count <= mutant.count)
            #expect(try ABICoder.decode(again, as: types, limits: .exact) == values)
        }
    }
}
