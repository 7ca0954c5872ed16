import Ethereum

/// RLP has one encoding for one item: what is accepted encodes to the very input.
struct RLPTarget: FuzzTarget {
    static let name = "rlp"

    private let inputs: [[UInt8]]
    private let words: [[UInt8]] = [
        [0x80], [0xc0], [0x81, 0x7f], [0xb8, 0x37], [0xb8, 0x38], [0xf8, 0x38], [0xb9, 0xff, 0xff],
        [0xbf] + [UInt8](repeating: 0xff, count: 8),
        [0xff] + [UInt8](repeating: 0xff, count: 8), [0xbb, 0x7f, 0xff, 0xff, 0xff], [0xc1, 0xc1, 0xc1, 0xc1],
    ]

    init(seed: UInt64) {
        var random = FuzzRandom(seed: seed, input: .max)
        inputs = (0..<64).map { _ in RLPTarget.item(5, &random).encoded() }
    }

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let input = Mutator.mutate(random.pick(inputs), with: random.pick(inputs), words: words, &random)
        let item: RLP
        do { item = try RLP(decoding: input) } catch { return false }
        guard item.encoded() == input else { throw Violation("an item encodes differently", input) }
        return true
    }

    private static func item(_ depth: Int, _ random: inout FuzzRandom) -> RLP {
        guard depth > 0, random.below(2) == 0 else {
            return .bytes(random.bytes(random.pick([0, 1, 1, 20, 32, 55, 56, 300])))
        }
        return .list((0..<random.below(6)).map { _ in item(depth - 1, &random) })
    }
}
