import Bindings
public import Chain
import Ethereum
public import Lending
public import Networks

extension CompoundV2 {
    /// Most markets that one comptroller may have: it bounds what a hostile answer can make us read.
    static let mostMarkets = 512

    /// Opens a deployment: finds its markets from the comptroller, and the rules by the fork's name or by what answers.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`, `.unknownRules` with what was read.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let comptroller = configuration.contracts["comptroller"] else {
            throw .missingContract(market: configuration.id, role: "comptroller")
        }
        let symbols = Dictionary(
            network.assets.map { ($0.address, $0.symbol) }, uniquingKeysWith: { first, _ in first })
        let opening = Opening(
            chain: Chain(market: configuration.id, snapshot: snapshot), comptroller: comptroller, symbols: symbols,
            nativeSymbol: network.nativeSymbol)
        var (state, markets) = try await opening.comptroller(
            fork: configuration.fork, deployBlock: configuration.deployBlock)
        if state.rules.name == "cream" && network.chainId == 1 { state.rules.currency = "ETH" }
        state.markets = try await opening.cTokens(markets, state)
        let name = state.rules.name
        return Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: configuration.protocol,
                protocol: configuration.protocol + (name == "compound" ? "" : ".\(name)"),
                deployment: configuration.id),
            comptroller: comptroller, deployBlock: configuration.deployBlock, nativeSymbol: network.nativeSymbol,
            symbols: symbols, state: state, secondsPerBlock: network.blockTime)
    }

    /// The reads that open a deployment.
    struct Opening: Sendable {
        let chain: Chain
        let comptroller: Address
        let symbols: [Address: String]
        let nativeSymbol: String
    }
}

extension CompoundV2.Opening {
    /// What the comptroller says of itself, and which markets it lists.
    func comptroller(
        fork: String?, deployBlock: UInt64
    ) async throws(LendingError) -> (CompoundV2.MarketState, [Address]) {
        let answers = try await chain.read(
            [
                CompoundComptroller.oracle().encode(), CompoundComptroller.getAllMarkets().encode(),
                CompoundComptroller.closeFactorMantissa().encode(),
                CompoundComptroller.minLiquidatableCollateral().encode(),
                CompoundComptroller.vaiController().encode(), CompoundComptroller.liquidatorContract().encode(),
                CompoundComptroller.userPoolId(.zero).encode(), CompoundComptroller.protocolPaused().encode(),
            ].map { Call(target: comptroller, data: $0) })
        if answers[0].value?.isEmpty == true {
            throw .noCode(market: chain.market, role: "comptroller", comptroller)
        }
        let oracle = try chain.required(CompoundV2.word(answers[0]), "oracle()", comptroller)
        func optional(_ index: Int, _ what: String) throws(LendingError) -> UInt256? {
            try chain.optional(answers[index], what, comptroller)
        }
        let minimum = try optional(3, "minLiquidatableCollateral()")
        let pools = try optional(6, "userPoolId()")
        var rules = try rules(fork, isolated: minimum != nil, pools: pools != nil)
        if pools == nil, rules.pools {
            // Before its version 10, Venus had neither pools nor thresholds.
            rules.pools = false
            rules.weightWord = 1
            rules.incentiveWord = nil
        }
        var state = CompoundV2.MarketState(rules: rules, oracle: Address(word: oracle), markets: [])
        state.closeFactor = try optional(2, "closeFactorMantissa()")
        state.minimumCollateral = rules.hasMinimumCollateral ? minimum : nil
        if rules.mintsVAI {
            state.vaiController = Address(word: try optional(4, "vaiController()") ?? .zero)
            state.liquidator = Address(word: try optional(5, "liquidatorContract()") ?? .zero)
            state.isPaused = try optional(7, "protocolPaused()").map { !$0.isZero } ?? false
            if !state.liquidator.isZero { state.liquidatorTerms = try await liquidatorTerms(state.liquidator) }
            if !state.vaiController.isZero {
                let vai = try await chain.read([
                    Call(target: state.vaiController, data: VenusVAIController.getVAIAddress().encode())
                ])[0]
                state.vai = CompoundV2.word(vai).value.flatMap { Address(checkedWord: $0) } ?? .zero
            }
        }
        return (state, try await listed(answers[1], deployBlock))
    }

    /// What the contract that alone may liquidate adds.
    private func liquidatorTerms(_ liquidator: Address) async throws(LendingError) -> CompoundV2.LiquidatorTerms {
        let answers = try await chain.read(
            [
                VenusLiquidator.treasuryPercentMantissa().encode(), VenusLiquidator.forceVAILiquidate().encode(),
                VenusLiquidator.minLiquidatableVAI().encode(),
            ].map { Call(target: liquidator, data: $0) })
        return CompoundV2.LiquidatorTerms(
            treasuryShare: CompoundV2.word(answers[0]).value,
            forcesVAI: CompoundV2.word(answers[1]).value.map { !$0.isZero },
            leastVAI: CompoundV2.word(answers[2]).value)
    }

    /// The rules of the fork that the file names, or of the one that the comptroller shows to be.
    private func rules(_ fork: String?, isolated: Bool, pools: Bool) throws(LendingError) -> CompoundV2.Rules {
        let name = fork ?? (isolated ? "venus-isolated" : pools ? "venus" : "compound")
        guard let rules = CompoundV2.Rules.named(name) else {
            throw .unknownRules(
                market: chain.market, at: comptroller, read: "fork \"\(name)\"",
                expected: CompoundV2.Rules.known.map(\.name).joined(separator: ", "))
        }
        guard rules.hasMinimumCollateral == isolated else {
            throw .unknownRules(
                market: chain.market, at: comptroller,
                read: isolated ? "minLiquidatableCollateral()" : "no minLiquidatableCollateral()",
                expected: "a comptroller of \(name)")
        }
        return rules
    }

    /// The markets: as the comptroller lists them or, where an old one has no list, as its events tell.
    private func listed(
        _ answer: Reading<[UInt8]>, _ deployBlock: UInt64
    ) async throws(LendingError) -> [Address] {
        var markets: [Address] = []
        switch CompoundV2.addresses(answer) {
        case .known(let list): markets = list
        case .unknown(.reverted), .unknown(.noCode): markets = try await announced(deployBlock)
        case .unknown(let reason):
            throw .unreadable(market: chain.market, what: "getAllMarkets()", at: comptroller, reason)
        }
        guard markets.count <= CompoundV2.mostMarkets else {
            throw .unreadable(
                market: chain.market, what: "getAllMarkets()", at: comptroller,
                .malformed("\(markets.count) markets, where at most \(CompoundV2.mostMarkets) are read"))
        }
        var seen: Set<Address> = []
        return markets.filter { seen.insert($0).inserted }
    }

    private func announced(_ deployBlock: UInt64) async throws(LendingError) -> [Address] {
        var markets: [Address] = []
        var broken: String?
        let query = LogQuery(
            addresses: [comptroller],
            topics: [[CompoundComptroller.MarketListedEvent.topic0, CompoundComptroller.MarketSupportedEvent.topic0]])
        let outcome = await LogScanner(chain.snapshot).scan(query, from: deployBlock) { page in
            for log in page.logs {
                guard let market = CompoundV2.address(of: log, topic: 1, word: 0) else {
                    broken = "a MarketListed event in block \(log.blockNumber) names no market"
                    continue
                }
                markets.append(market)
            }
        }
        if let gap = outcome.gaps.first { broken = "blocks \(gap.from) to \(gap.to): \(gap.why)" }
        if outcome.contradiction != nil { broken = "the endpoint contradicts itself" }
        guard let broken else { return markets }
        throw .unreadable(market: chain.market, what: "MarketListed events", at: comptroller, .failed(broken))
    }
}
