import Chain
import Ethereum
import Keeper
import Lending
import Networks
import Pools

/// Plans positions of several markets together: exits, who lends, trials, and what is left.
struct PlanDesk {
    let network: Network
    let snapshot: Snapshot
    let policy: LiquidationPlan.Policy
    /// Who will send the plans; nil where that is not known.
    let sender: Address?
    /// Wei for one unit of gas, as somebody said it; nil for the next block's base fee.
    let fee: UInt256?
    /// Whether the sender holds what is repaid.
    let holdsInventory: Bool
    /// Whether plans are tried.
    let tries: Bool

    /// The positions with their plans, market by market.
    func planned(
        _ markets: [(market: any LendingMarket, positions: [Position])]
    ) async throws(ChainError) -> [Position] {
        var entries: [(planner: LiquidationPlanner, position: Position)] = []
        for (market, positions) in markets {
            let planner = LiquidationPlanner(
                market, policy: policy, sender: sender, blockTime: network.blockTime)
            entries += positions.map { (planner, planner.planned($0)) }
        }
        // Nothing to sell: nothing is asked.
        guard entries.contains(where: { $0.position.plans?.isEmpty == false }) else { return entries.map(\.position) }
        let pools = try await ExitPools.read(network, on: snapshot)
        let legs = entries.flatMap { $0.position.collateral + $0.position.debt }
        var positions = JointExits.settled(entries, through: ExitPools.book(network, pools, legs))
        let lenders = try await lenders(for: positions, markets.map(\.market), pools)
        let (price, basis) = try await gasPrice()
        let trials = PlanTrials(on: snapshot, gasPrice: price, basis: basis, lenders: lenders)
        positions = trials.funded(positions)
        guard tries else { return positions }
        var tried: [Position] = []
        for (market, own) in markets {
            let part = Array(positions.prefix(own.count))
            positions.removeFirst(own.count)
            tried += try await trials.tried(part, native: NativePrice.of(network, in: market, part))
        }
        return tried
    }

    private func lenders(
        for positions: [Position], _ markets: [any LendingMarket], _ pools: [SwapPool]
    ) async throws(ChainError) -> [FlashSource]? {
        guard !holdsInventory else { return nil }
        var tokens: [Address] = []
        for plan in positions.flatMap({ $0.plans ?? [] }) where !tokens.contains(plan.pair.debtAsset) {
            tokens.append(plan.pair.debtAsset)
        }
        return try await FlashSources.read(tokens, from: markets, pools, on: snapshot)
    }

    /// What a unit of gas is taken to cost, and why.
    private func gasPrice() async throws(ChainError) -> (UInt256?, LiquidationCost.Basis) {
        if let fee { return (fee, .stated) }
        guard tries else { return (nil, .baseFee) }
        switch try await snapshot.nextBaseFee() {
        case .known(let next): return (next, .nextBaseFee)
        case .unknown: return (snapshot.block.baseFeePerGas, .baseFee)
        }
    }
}

/// What the native token is worth in a market's base units, by the market's own oracle.
enum NativePrice {
    /// The price of the token whose symbol is the native asset's with a W before it; `nil` where there is none.
    static func of(_ network: Network, in market: any LendingMarket, _ positions: [Position]) -> UInt256? {
        let wrapped = "W" + network.nativeSymbol
        return market.pricedAssets(of: positions).first {
            $0.symbol?.uppercased() == wrapped.uppercased() && $0.decimals == 18
        }?.priceRaw
    }
}
