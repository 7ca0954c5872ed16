import Chain
import Ethereum
import Networks

/// The pools that a network file names, read beside everything else and in the same rounds: all of them as far as one call
/// reaches, and those behind a market's own price with the ticks around theirs.
struct PoolBook {
    /// A pool as far as it was read.
    struct Entry: Sendable {
        let kind: PoolCostProbe.Kind
        var probe: PoolCostProbe
        var tokens: (Address?, Address?) = (nil, nil)
        var decimals: (Int?, Int?) = (nil, nil)
        fileprivate var stage = 0
    }

    private(set) var entries: [Address: Entry] = [:]
    private var order: [Address] = []
    private var asked: [Address] = []

    /// Pools that are asked at most.
    private static let most = 16

    /// The pools among these sources.
    init(_ sources: [PriceSourceConfiguration] = []) {
        for source in sources where order.count < Self.most {
            guard let kind = Self.kind(of: source), let pool = Self.pool(of: source), entries[pool] == nil else {
                continue
            }
            entries[pool] = Entry(kind: kind, probe: PoolCostProbe(pool, kind))
            order.append(pool)
        }
    }

    /// The pool that a source names, where its kind is one whose arithmetic is known.
    static func pool(of source: PriceSourceConfiguration) -> Address? {
        kind(of: source) == nil ? nil : source.contracts["pool"] ?? source.contracts["pair"]
    }

    private static func kind(of source: PriceSourceConfiguration) -> PoolCostProbe.Kind? {
        switch source.kind {
        case "uniswap-v2": .uniswapV2
        case "uniswap-v3": .uniswapV3
        default: nil
        }
    }

    /// What to ask now, a group for each pool.
    ///
    /// - Parameter isBehind: whether a market's own price may rest on a pool; of others only what one call says is asked.
    mutating func next(isBehind: (Address) -> Bool) -> [[Call]] {
        asked = []
        var groups: [[Call]] = []
        for pool in order {
            guard var entry = entries[pool], entry.stage == 0 || isBehind(pool) else { continue }
            var calls = entry.probe.next()
            switch entry.stage {
            case 0: calls += [Call(pool, "token0()"), Call(pool, "token1()")]
            case 1: calls += [entry.tokens.0, entry.tokens.1].compactMap { $0.map { Call($0, "decimals()") } }
            default: break
            }
            entries[pool] = entry
            guard !calls.isEmpty else { continue }
            entry.stage += 1
            entries[pool] = entry
            asked.append(pool)
            groups.append(calls)
        }
        return groups
    }

    /// Takes the answers to what ``next(isBehind:)`` asked, in its order.
    mutating func take(_ groups: [[Reading<[UInt8]>]]) {
        for (pool, answers) in zip(asked, groups) {
            guard var entry = entries[pool] else { continue }
            switch entry.stage {
            case 1:
                entry.tokens = (Self.address(answers.dropLast().last), Self.address(answers.last))
                entry.probe.take(Array(answers.dropLast(2)))
            case 2:
                let count = [entry.tokens.0, entry.tokens.1].count { $0 != nil }
                let decimals = answers.suffix(count).map { $0.number(below: 78).map { Int($0) } }
                if count == 2 { entry.decimals = (decimals[0], decimals[1]) }
                entry.probe.take(Array(answers.dropLast(count)))
            default: entry.probe.take(answers)
            }
            entries[pool] = entry
        }
    }

    private static func address(_ answer: Reading<[UInt8]>?) -> Address? {
        answer?.word().value.flatMap { Address(checkedWord: $0) }
    }
}
