import Chain
import Ethereum
import Lending
import Networks
import Pools

/// Which pools make the prices of a market, and what is asked of them to say what pushing those prices costs.
///
/// Only prices that rest on pools alone are asked about, and only pools whose kind the network file names: a market that
/// is priced by feeds costs no request more.
struct PoolCosts {
    /// A pool behind one asset's price.
    struct Entry: Sendable {
        var asset: PricedAsset
        var pool: Address
        var probe: PoolCostProbe
        /// Seconds of its average; nil where the price is read as it is in the block.
        var window: Int?
        var tokens: (Address?, Address?) = (nil, nil)
        var decimals: (Int?, Int?) = (nil, nil)
    }

    private(set) var entries: [Entry] = []
    private var stage = 0

    /// Pools that are asked at most.
    private static let most = 16

    init(_ assessments: [AssetAssessment], of network: Network) {
        for found in assessments where entries.count < Self.most {
            guard let source = network.priceSources.first(where: { Self.isBehind($0, found) }),
                let pool = source.contracts["pool"] ?? source.contracts["pair"],
                let kind: PoolCostProbe.Kind =
                    source.kind == "uniswap-v2" ? .uniswapV2 : source.kind == "uniswap-v3" ? .uniswapV3 : nil
            else { continue }
            // Where average and price of the block are the same, nobody can say which of them has to be pushed.
            guard let own = found.pool(), own.isCertain else { continue }
            entries.append(
                Entry(
                    asset: found.asset, pool: pool, probe: PoolCostProbe(pool, kind),
                    window: own.isAverage ? own.window : nil))
        }
    }

    private static func isBehind(_ source: PriceSourceConfiguration, _ found: AssetAssessment) -> Bool {
        guard source.kind == "uniswap-v2" || source.kind == "uniswap-v3", !found.roots.isEmpty,
            found.roots.allSatisfy(\.isPool)
        else { return false }
        guard let pool = source.contracts["pool"] ?? source.contracts["pair"] else { return false }
        return found.roots.contains(OracleRoot("pool", pool))
    }

    /// What to ask now, a group for each pool; empty once all is read.
    mutating func next() -> [[Call]] {
        defer { stage += 1 }
        return entries.indices.map { index in
            var calls = entries[index].probe.next()
            let entry = entries[index]
            switch stage {
            case 0: calls += [Call(entry.pool, "token0()"), Call(entry.pool, "token1()")]
            case 1: calls += [entry.tokens.0, entry.tokens.1].compactMap { $0.map { Call($0, "decimals()") } }
            default: break
            }
            return calls
        }
    }

    /// Takes the answers to what ``next()`` asked, in its order.
    mutating func take(_ answers: [[Reading<[UInt8]>]]) {
        for (index, answers) in zip(entries.indices, answers) {
            switch stage {
            case 1:
                entries[index].tokens = (Self.address(answers.dropLast().last), Self.address(answers.last))
                entries[index].probe.take(Array(answers.dropLast(2)))
            case 2:
                let count = [entries[index].tokens.0, entries[index].tokens.1].count { $0 != nil }
                let decimals = answers.suffix(count).map { $0.number(below: 78).map { Int($0) } }
                if count == 2 { entries[index].decimals = (decimals[0], decimals[1]) }
                entries[index].probe.take(Array(answers.dropLast(count)))
            default: entries[index].probe.take(answers)
            }
        }
    }

    private static func address(_ answer: Reading<[UInt8]>?) -> Address? {
        answer?.word().value.flatMap { Address(checkedWord: $0) }
    }
}

extension PoolCosts.Entry {
    /// How far prices are pushed, in basis points.
    static let moves = [-5_000, -2_000, -1_000, -500, -200, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000]

    /// What each push costs by what was read, and what it would bring; a push that reaches beyond what was read is left
    /// out.
    ///
    /// - Parameter extractable: what the scanned positions give at the asset's price after a push, in whole units.
    func costs(in book: OracleBook, blockTime: Int, extractable: (Int) -> UInt256?) -> [AttackCost] {
        guard let state = probe.state.value, let token0 = tokens.0, let token1 = tokens.1,
            let decimals0 = decimals.0, let decimals1 = decimals.1, asset.asset == token0 || asset.asset == token1,
            asset.currency == "USD", let price0 = worth(token0, book), let price1 = worth(token1, book)
        else { return [] }
        let ofToken0 = asset.asset == token0
        var costs: [AttackCost] = []
        for bps in Self.moves {
            do throws(PoolError) {
                var cost = try state.attackCost(
                    of: try PoolMove(bps: bps, ofToken0: ofToken0), token0: .init(price0, decimals: decimals0),
                    token1: .init(price1, decimals: decimals1), held: try plan(blockTime), unit: asset.currency)
                cost.extractable = extractable(bps)
                costs.append(cost)
            } catch {
                continue
            }
        }
        return costs
    }

    /// The cheapest way to move an average all the way: the price is held through its whole window.
    private func plan(_ blockTime: Int) throws(PoolError) -> HoldingPlan? {
        guard let window, let seconds = UInt32(exactly: window) else { return nil }
        let step = UInt32(clamping: max(1, blockTime / 1_000))
        return try HoldingPlan(window: seconds, blocks: Int(max(1, seconds / step)), blockTime: min(step, seconds))
    }

    /// What a whole token is worth: by the sources; the asset itself, where there are none, by the market's own price.
    private func worth(_ token: Address, _ book: OracleBook) -> ExactPrice? {
        if let price = book.dollars(of: token) { return price }
        guard token == asset.asset else { return nil }
        return asset.priceRaw.flatMap { ExactPrice.ratio($0, .one, over: asset.priceScale, decimals: 0) }
    }
}
