import ABI
import Bindings
public import Chain
import Ethereum
public import Lending
public import Networks

extension CompoundV3 {
    /// Opens a Comet: reads its configuration, and chooses the rules by the functions it answers.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let comet = configuration.contracts["comet"] else {
            throw .missingContract(market: configuration.id, role: "comet")
        }
        var opening = Opening(market: configuration.id, comet: comet, snapshot: snapshot)
        for asset in network.assets where opening.symbols[asset.address] == nil {
            opening.symbols[asset.address] = asset.symbol
        }
        let (state, extensionDelegate) = try await opening.state()
        return Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: configuration.protocol,
                protocol: "compound-v" + state.rules.version, deployment: configuration.id),
            comet: comet, extensionDelegate: extensionDelegate, deployBlock: configuration.deployBlock, state: state)
    }

    /// The reads that open a Comet.
    struct Opening: Sendable {
        /// The deployment's name, for messages.
        let market: String
        /// The proxy.
        let comet: Address
        /// The block.
        let snapshot: Snapshot
        /// Symbols that the network file knows.
        var symbols: [Address: String] = [:]

        init(market: String, comet: Address, snapshot: Snapshot) {
            self.market = market
            self.comet = comet
            self.snapshot = snapshot
        }
    }

    /// Getters of a Comet without arguments, each one word.
    enum Getter: Int, CaseIterable {
        case numAssets, baseToken, baseTokenPriceFeed, baseScale, baseBorrowMin, targetReserves, storeFrontPriceFactor
        case supplyKink, supplySlopeLow, supplySlopeHigh, supplyBase
        case borrowKink, borrowSlopeLow, borrowSlopeHigh, borrowBase
        case trackingSupplySpeed, trackingBorrowSpeed, minForRewards
        case assetList, maxUtilization, extensionDelegate

        private typealias Comet = CompoundV3Comet

        var selector: Selector {
            switch self {
            case .numAssets: Comet.NumAssets.selector
            case .baseToken: Comet.BaseToken.selector
            case .baseTokenPriceFeed: Comet.BaseTokenPriceFeed.selector
            case .baseScale: Comet.BaseScale.selector
            case .baseBorrowMin: Comet.BaseBorrowMin.selector
            case .targetReserves: Comet.TargetReserves.selector
            case .storeFrontPriceFactor: Comet.StoreFrontPriceFactor.selector
            case .supplyKink: Comet.SupplyKink.selector
            case .supplySlopeLow: Comet.SupplyPerSecondInterestRateSlopeLow.selector
            case .supplySlopeHigh: Comet.SupplyPerSecondInterestRateSlopeHigh.selector
            case .supplyBase: Comet.SupplyPerSecondInterestRateBase.selector
            case .borrowKink: Comet.BorrowKink.selector
            case .borrowSlopeLow: Comet.BorrowPerSecondInterestRateSlopeLow.selector
            case .borrowSlopeHigh: Comet.BorrowPerSecondInterestRateSlopeHigh.selector
            case .borrowBase: Comet.BorrowPerSecondInterestRateBase.selector
            case .trackingSupplySpeed: Comet.BaseTrackingSupplySpeed.selector
            case .trackingBorrowSpeed: Comet.BaseTrackingBorrowSpeed.selector
            case .minForRewards: Comet.BaseMinForRewards.selector
            case .assetList: Comet.AssetList.selector
            case .maxUtilization: Comet.MaxSupportedUtilization.selector
            case .extensionDelegate: Comet.ExtensionDelegate.selector
            }
        }
    }
}

extension CompoundV3.Opening {
    /// Everything but accounts.
    func state() async throws(LendingError) -> (CompoundV3.MarketState, extensionDelegate: Address) {
        let answers = try await ask(
            CompoundV3.Getter.allCases.map { Call(target: comet, data: $0.selector.bytes) }
                + [Call(target: comet, data: CompoundV3Comet.totalsBasic().encode())])
        try requireCode(answers[0])
        func word(_ getter: CompoundV3.Getter) throws(LendingError) -> UInt256 {
            try known(CompoundV3.word(answers[getter.rawValue]), "\(getter)()")
        }
        func address(_ getter: CompoundV3.Getter) throws(LendingError) -> Address {
            guard let address = Address(checkedWord: try word(getter)) else {
                throw .unreadable(market: market, what: "\(getter)()", at: comet, .malformed("it is no address"))
            }
            return address
        }
        let totals = try known(
            CompoundV3.decode(CompoundV3Comet.TotalsBasic.self, answers[CompoundV3.Getter.allCases.count]),
            "totalsBasic()")
        let count = try word(.numAssets)
        guard let count = count.asInt(), count <= 24 else {
            throw .unreadable(
                market: market, what: "numAssets()", at: comet,
                .malformed("\(count) assets, where an account's bits have room for 24"))
        }
        let rules = CompoundV3.Rules.select(
            hasAssetList: try isThere(answers[CompoundV3.Getter.assetList.rawValue], "assetList()"),
            limitsUtilization: try isThere(
                answers[CompoundV3.Getter.maxUtilization.rawValue], "MAX_SUPPORTED_UTILIZATION()"))
        let base = CompoundV3.Base(
            token: try address(.baseToken), symbol: nil, decimals: 0, scale: try word(.baseScale),
            priceFeed: try address(.baseTokenPriceFeed), price: .unknown(.failed("it was not asked")),
            borrowMin: try word(.baseBorrowMin), targetReserves: try word(.targetReserves),
            storeFrontPriceFactor: try word(.storeFrontPriceFactor))
        var state = CompoundV3.MarketState(
            rules: rules, timestamp: snapshot.block.timestamp, totals: CompoundV3.Totals(totals), accrued: nil,
            base: base, assets: [], valueUnit: ValueUnit(symbol: "base", decimals: 8),
            supplyCurve: CompoundV3.Curve(
                kink: try word(.supplyKink), slopeLow: try word(.supplySlopeLow),
                slopeHigh: try word(.supplySlopeHigh), base: try word(.supplyBase)),
            borrowCurve: CompoundV3.Curve(
                kink: try word(.borrowKink), slopeLow: try word(.borrowSlopeLow),
                slopeHigh: try word(.borrowSlopeHigh), base: try word(.borrowBase)))
        var tracking = CompoundV3.Tracking()
        tracking.supplySpeed = try word(.trackingSupplySpeed)
        tracking.borrowSpeed = try word(.trackingBorrowSpeed)
        tracking.minimum = try word(.minForRewards)
        let balance = try await fill(&state, assets: count)
        accrue(&state, tracking, balance)
        let delegate = CompoundV3.word(answers[CompoundV3.Getter.extensionDelegate.rawValue]).value
        return (state, delegate.flatMap { Address(checkedWord: $0) } ?? .zero)
    }

    /// Brings interest up to the block's time, as `accrueInternal` would.
    private func accrue(
        _ state: inout CompoundV3.MarketState, _ tracking: CompoundV3.Tracking, _ balance: Reading<UInt256>
    ) {
        do throws(MathError) {
            let rates = try CompoundV3.Math.rates(
                state.totals, supply: state.supplyCurve, borrow: state.borrowCurve, state.rules,
                baseBalance: balance.value)
            state.accrued = try CompoundV3.Math.accrue(
                state.totals, to: state.timestamp, rates: rates, tracking: tracking, baseScale: state.base.scale)
        } catch {
            state.notices.append("\(market): interest cannot be accrued: the contract's indexes leave their types")
        }
    }

    func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }

    func known<Value>(_ reading: Reading<Value>, _ what: String) throws(LendingError) -> Value {
        switch reading {
        case .known(let value): return value
        case .unknown(let reason): throw .unreadable(market: market, what: what, at: comet, reason)
        }
    }

    /// Whether a function is there: it is not where the Comet reverts or answers nothing.
    private func isThere(_ answer: Reading<[UInt8]>, _ what: String) throws(LendingError) -> Bool {
        switch answer {
        case .known(let bytes): return bytes.count >= 32
        case .unknown(.reverted), .unknown(.noCode): return false
        case .unknown(let reason): throw .unreadable(market: market, what: what, at: comet, reason)
        }
    }

    private func requireCode(_ answer: Reading<[UInt8]>) throws(LendingError) {
        switch answer {
        case .known(let bytes) where bytes.isEmpty: throw .noCode(market: market, role: "comet", comet)
        case .unknown(.noCode): throw .noCode(market: market, role: "comet", comet)
        default: return
        }
    }
}

extension CompoundV3.Totals {
    /// The totals as the Comet answers them.
    init(_ totals: CompoundV3Comet.TotalsBasic2) {
        self.init(
            baseSupplyIndex: UInt256(totals.baseSupplyIndex), baseBorrowIndex: UInt256(totals.baseBorrowIndex),
            trackingSupplyIndex: UInt256(totals.trackingSupplyIndex),
            trackingBorrowIndex: UInt256(totals.trackingBorrowIndex), totalSupplyBase: totals.totalSupplyBase,
            totalBorrowBase: totals.totalBorrowBase, lastAccrualTime: totals.lastAccrualTime,
            pauseFlags: UInt8(truncatingIfNeeded: totals.pauseFlags))
    }
}
