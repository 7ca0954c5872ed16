// A missing entry is a broken fixture, and should stop the test where it is noticed.
// swift-format-ignore-file: NeverForceUnwrap
import Ethereum
import TestSupport

/// A pool and its accounts as raw numbers: what a chain would answer, drawn from a seed.
struct World {
    struct ReserveRow {
        var id: Int
        var asset: Address
        var configuration: UInt256
        var liquidityIndex: UInt256
        var liquidityRate: UInt256
        var borrowIndex: UInt256
        var borrowRate: UInt256
        var updated: UInt64
        var price: UInt256

        var aToken: Address { World.address(kind: 2, id) }
        var stableToken: Address { World.address(kind: 3, id) }
        var variableToken: Address { World.address(kind: 4, id) }
    }

    struct CategoryRow {
        var id: Int
        var ltv: UInt256
        var threshold: UInt256
        var bonus: UInt256
        var priceSource: Address
        var price: UInt256
        var collateralBitmap: UInt256
        var zeroLTVBitmap: UInt256
        var isIsolated: Bool
    }

    struct StableRow {
        var principal: UInt256
        var rate: UInt256
        var updated: UInt64
    }

    struct UserRow {
        var address: Address
        var configuration: UInt256
        var category: Int
        var supplies: [Int: UInt256] = [:]
        var debts: [Int: UInt256] = [:]
        var stable: [Int: StableRow] = [:]
        /// What `balanceOf` of the debt token answers, for reserves without virtual accounting under 3.3.
        var debtBalances: [Int: UInt256] = [:]
    }

    var revision: Int
    var timestamp: UInt64
    var reserves: [ReserveRow]
    var categories: [CategoryRow]
    var users: [UserRow]

    static func address(kind: Int, _ number: Int) -> Address {
        Address(a: 0xAA00_0000_0000_0000 | UInt64(kind), b: UInt64(number), c: 7)
    }
}

extension World {
    /// A market with `users` accounts; where `wild`, also numbers that overflow.
    init(revision: Int, seed: Seed, users count: Int, wild: Bool) {
        var random = seed.generator
        self.revision = revision
        timestamp = 1_700_000_000
        reserves = []
        categories = []
        users = []
        var ids = Set<Int>()
        let wanted = Int.random(in: 1...12, using: &random)
        while ids.count < wanted { ids.insert(Int.random(in: 0..<(wild ? 128 : 20), using: &random)) }
        for id in ids.sorted() { reserves.append(World.reserve(id, timestamp, wild: wild, &random)) }
        for id in 1...3 { categories.append(category(id, &random)) }
        for index in 0..<count { users.append(user(index, wild: wild, &random)) }
    }

    private static func number(bits: ClosedRange<Int>, _ random: inout SeededGenerator) -> UInt256 {
        let length = Int.random(in: bits, using: &random)
        guard length > 0 else { return .zero }
        let value = UInt256(words: random.next(), random.next(), random.next(), random.next())
        return (value & .mask(bits: length)) | (UInt256.one << (length - 1))
    }

    private static func reserve(
        _ id: Int, _ timestamp: UInt64, wild: Bool, _ random: inout SeededGenerator
    ) -> ReserveRow {
        let isCollateral = Int.random(in: 0..<5, using: &random) != 0
        let threshold = isCollateral ? UInt64.random(in: 5_000...9_500, using: &random) : 0
        let ltv = Int.random(in: 0..<5, using: &random) == 0 ? 0 : threshold - threshold / 20
        let decimals = UInt64.random(in: 0...(wild ? 40 : 27), using: &random)
        var word = UInt256(ltv) | UInt256(threshold) << 16 | UInt256(10_500 as UInt64) << 32
        word = word | UInt256(decimals) << 48 | UInt256(UInt64.random(in: 0...31, using: &random)) << 56
        word = word | UInt256(UInt64.random(in: 0...4, using: &random)) << 168
        if Int.random(in: 0..<4, using: &random) != 0 { word = word | UInt256.one << 252 }
        let top = wild ? 128 : 100
        return ReserveRow(
            id: id, asset: address(kind: 1, id), configuration: word,
            liquidityIndex: .ray &+ number(bits: 0...(wild ? 126 : 88), &random),
            liquidityRate: number(bits: 0...(wild ? top : 87), &random),
            borrowIndex: .ray &+ number(bits: 0...(wild ? 126 : 89), &random),
            borrowRate: number(bits: 0...(wild ? top : 88), &random),
            updated: timestamp - [0, 1, 2, 12, UInt64.random(in: 0...80_000_000, using: &random)].randomElement(
                using: &random)!,
            price: number(bits: 1...(wild ? 90 : 60), &random))
    }

    private func category(_ id: Int, _ random: inout SeededGenerator) -> CategoryRow {
        let hasPrice = Bool.random(using: &random)
        return CategoryRow(
            id: id, ltv: UInt256(UInt64.random(in: 8_000...9_300, using: &random)),
            threshold: UInt256(UInt64.random(in: 9_300...9_800, using: &random)), bonus: 10_200,
            priceSource: hasPrice ? World.address(kind: 5, id) : .zero,
            price: World.number(bits: 0...40, &random),
            collateralBitmap: World.number(bits: 128...128, &random),
            zeroLTVBitmap: World.number(bits: 128...128, &random), isIsolated: Bool.random(using: &random))
    }

    private func user(_ index: Int, wild: Bool, _ random: inout SeededGenerator) -> UserRow {
        var user = UserRow(
            address: World.address(kind: 9, index), configuration: .zero,
            category: Int.random(in: 0...3, using: &random))
        let size = wild ? 0...127 : 20...90
        for reserve in reserves {
            if Int.random(in: 0..<3, using: &random) == 0 {
                user.configuration = user.configuration | UInt256.one << (2 * reserve.id + 1)
                user.supplies[reserve.id] = World.number(bits: size, &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                user.configuration = user.configuration | UInt256.one << (2 * reserve.id)
                let isDust = Int.random(in: 0..<6, using: &random) == 0
                user.debts[reserve.id] = isDust ? .zero : World.number(bits: size, &random)
                user.debtBalances[reserve.id] = isDust ? .zero : World.number(bits: size, &random)
                if Bool.random(using: &random) {
                    user.stable[reserve.id] = StableRow(
                        principal: World.number(bits: size, &random), rate: World.number(bits: 0...88, &random),
                        updated: timestamp - UInt64.random(in: 0...40_000_000, using: &random))
                }
            }
        }
        // A bit of a reserve that is not listed means nothing.
        if Int.random(in: 0..<8, using: &random) == 0 {
            let id = Int.random(in: 0..<128, using: &random)
            if !reserves.contains(where: { $0.id == id }) {
                user.configuration = user.configuration | UInt256.one << (2 * id + 1)
            }
        }
        return user
    }
}
