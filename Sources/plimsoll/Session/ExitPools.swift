import Chain
import Ethereum
import Keeper
import Lending
import Networks
import Oracles
import Pools

/// The pools of a network file through which collateral may be sold.
enum ExitPools {
    /// The most pools that are read.
    private static let most = 64

    private enum Probe {
        case uniswap(PoolCostProbe, tokens: [Address])
        case curve(CurvePoolProbe)
    }

    /// Whether the file names any pool that may be one.
    static func areNamed(by network: Network) -> Bool {
        network.priceSources.contains { ["uniswap-v2", "uniswap-v3", "curve"].contains($0.kind) }
    }

    /// Every pair of Uniswap V2, pool of Uniswap V3 and pool of Curve that the file names under `priceSources`, at the
    /// pinned block. One that does not answer, or contradicts its own mathematics, is no exit.
    static func read(_ network: Network, on snapshot: Snapshot) async throws(ChainError) -> [SwapPool] {
        var probes: [(pool: Address, probe: Probe)] = []
        for source in network.priceSources {
            guard let pool = source.contracts["pool"] ?? source.contracts["pair"], probes.count < most,
                !probes.contains(where: { $0.pool == pool })
            else { continue }
            switch source.kind {
            case "uniswap-v2": probes.append((pool, .uniswap(PoolCostProbe(pool, .uniswapV2), tokens: [])))
            case "uniswap-v3": probes.append((pool, .uniswap(PoolCostProbe(pool, .uniswapV3), tokens: [])))
            case "curve": probes.append((pool, .curve(CurvePoolProbe(pool))))
            default: break
            }
        }
        guard !probes.isEmpty else { return [] }
        let tokens = ["token0()", "token1()"].map { Selector(signature: $0).bytes }
        var isFirst = true
        while true {
            var asked: [[Call]] = []
            for index in probes.indices {
                switch probes[index].probe {
                case .uniswap(var probe, let known):
                    let calls = probe.next()
                    probes[index].probe = .uniswap(probe, tokens: known)
                    let pool = probes[index].pool
                    asked.append(calls + (isFirst ? tokens.map { Call(target: pool, data: $0) } : []))
                case .curve(var probe):
                    asked.append(probe.next())
                    probes[index].probe = .curve(probe)
                }
            }
            guard asked.contains(where: { !$0.isEmpty }) else { break }
            var answers = try await snapshot.read(asked.flatMap { $0 })[...]
            for index in probes.indices {
                let own = Array(answers.prefix(asked[index].count))
                answers = answers.dropFirst(own.count)
                switch probes[index].probe {
                case .uniswap(var probe, var known):
                    if isFirst { known = own.suffix(2).compactMap { token($0) } }
                    probe.take(isFirst ? Array(own.dropLast(2)) : own)
                    probes[index].probe = .uniswap(probe, tokens: known)
                case .curve(var probe):
                    probe.take(own)
                    probes[index].probe = .curve(probe)
                }
            }
            isFirst = false
        }
        return probes.compactMap { pool($0.pool, $0.probe) }
    }

    private static func pool(_ address: Address, _ probe: Probe) -> SwapPool? {
        switch probe {
        case .curve(let probe): return probe.state.value
        case .uniswap(let probe, let tokens):
            guard let state = probe.state.value else { return nil }
            do throws(PoolError) {
                switch state {
                case .pair(let pair): return try SwapPool(address, tokens: tokens, state: .pair(pair))
                case .ticks(let pool): return try SwapPool(address, tokens: tokens, state: .ticks(pool))
                }
            } catch {
                return nil
            }
        }
    }

    private static func token(_ answer: Reading<[UInt8]>) -> Address? {
        answer.value.flatMap { $0.count >= 32 ? UInt256(bigEndian: $0[0..<32]) : nil }
            .flatMap { Address(checkedWord: $0) }
    }

    /// Symbols of what is used as money between other tokens.
    private static let money: Set<String> = ["USDC", "USDT", "DAI", "USDS", "USDC.E", "USDBC", "FRAX", "CRVUSD", "GHO"]

    /// The pools with the tokens that a way of two may lead over: the native one's wrapper and stable ones, by the
    /// symbols of the file and of the positions' legs.
    static func book(_ network: Network, _ pools: [SwapPool], _ legs: [Leg]) -> ExitBook {
        let wrapped = "W" + network.nativeSymbol.uppercased()
        var middles: Set<Address> = []
        let named =
            network.assets.map { ($0.address, $0.symbol) }
            + legs.compactMap { leg in leg.symbol.map { (leg.asset, $0) } }
        for (address, symbol) in named where symbol.uppercased() == wrapped || money.contains(symbol.uppercased()) {
            middles.insert(address)
        }
        return ExitBook(pools, over: middles)
    }
}
