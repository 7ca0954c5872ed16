import Chain
import Ethereum
import JSON
import Lending
import TestSupport

@testable import Protocols

/// A family with a market that holds one random position, drawn from a seed.
enum Family: String, CaseIterable, Sendable {
    case aaveAveraged, aaveSummed, aaveV2, aaveV4, compoundV2, compoundV3, morphoBlue

    /// The first healthy position of so many draws.
    func drawn(_ random: inout SeededGenerator, small: Bool) throws -> (market: any LendingMarket, position: Position) {
        for _ in 0..<2_000 {
            if let found = draw(&random, small: small) { return found }
        }
        throw NothingDrawn(family: self)
    }

    /// No draw of a family is healthy: its numbers are drawn wrongly.
    struct NothingDrawn: Error {
        var family: Family
    }

    /// A market and a position in it that is healthy at its prices; `nil` where the draw made none.
    ///
    /// - Parameter small: prices of a few thousand units, so that every one of them can be tried.
    func draw(_ random: inout SeededGenerator, small: Bool) -> (market: any LendingMarket, position: Position)? {
        var draw = RandomPosition(random, small: small)
        defer { random = draw.random }
        return switch self {
        case .aaveAveraged: draw.aave(revision: Int.random(in: 1...7, using: &draw.random))
        case .aaveSummed: draw.aave(revision: 11)
        case .aaveV2: draw.aaveV2()
        case .aaveV4: draw.aaveV4()
        case .compoundV2: draw.compoundV2()
        case .compoundV3: draw.compoundV3()
        case .morphoBlue: draw.morpho()
        }
    }
}

/// Draws the numbers of one position.
struct RandomPosition {
    var random: SeededGenerator
    let small: Bool
    static let timestamp: UInt64 = 1_700_000_000

    init(_ random: SeededGenerator, small: Bool) {
        self.random = random
        self.small = small
    }

    static func asset(_ number: Int) -> Address { Address(word: UInt256(UInt64(1_000 + number))) }

    mutating func number(_ bits: ClosedRange<Int>) -> UInt256 { .random(bits: bits, using: &random) }
    mutating func price() -> UInt256 { small ? number(6...11) : number(20...50) }
    mutating func amount() -> UInt256 { small ? number(18...34) : number(30...90) }
    mutating func count() -> Int { Int.random(in: 1...4, using: &random) }
    mutating func flip(_ chance: Int) -> Bool { Int.random(in: 0..<chance, using: &random) == 0 }

    func position(_ unit: String) -> Position {
        var position = Position(
            market: MarketID(chainId: 1, network: "n", family: "f", protocol: "p", deployment: "d"),
            account: Account(.zero), entrypoint: .zero,
            block: Block(
                number: 19, hash: Hash32(word: 7), parentHash: Hash32(word: 6), timestamp: Self.timestamp,
                baseFeePerGas: nil),
            hfUnit: unit, predicate: "x", hfScale: .wad, valueUnit: ValueUnit(symbol: "USD", decimals: 8))
        position.match = .equal
        position.hfProtocol = .wad
        position.liquidatable = false
        return position
    }

    mutating func leg(_ number: Int, _ price: UInt256, decimals: Int = 6) -> Leg {
        let amount = amount()
        return Leg(
            asset: Self.asset(number), symbol: "T\(number)", decimals: decimals, raw: amount, amount: amount,
            index: .ray,
            priceRaw: price, priceScale: .wad, value: .zero, source: PriceSource(.feed))
    }

    /// Collateral and debt; one asset in three stands on both sides.
    mutating func legs(_ position: inout Position) {
        let held = count()
        var prices: [UInt256] = []
        for number in 0..<held {
            prices.append(price())
            var leg = leg(number, prices[number])
            leg.factor = Int.random(in: 5_000...9_500, using: &random)
            position.collateral.append(leg)
        }
        for number in 0..<Int.random(in: 1...3, using: &random) {
            let isShared = flip(3) && number < held
            position.debt.append(leg(isShared ? number : 10 + number, isShared ? prices[number] : price()))
        }
    }

    /// Scales debt so that the position is a little above its line, mostly.
    mutating func settle(_ market: any LendingMarket, _ position: Position) -> (any LendingMarket, Position)? {
        guard let verdict = market.revalue(position, at: [:]), !verdict.liquidatable, !verdict.hfDen.isZero else {
            return nil
        }
        return (market, position)
    }

    // MARK: Families

    private mutating func reserves(_ position: Position) -> [Aave.Reserve] {
        (position.collateral + position.debt).map(\.asset).sorted().reduce(into: [Address]()) { list, asset in
            if list.last != asset { list.append(asset) }
        }.enumerated().map { id, asset in
            Aave.Reserve(
                id: id, asset: asset, symbol: "T",
                configuration: Aave.ReserveConfiguration(word: UInt256(6 as UInt64) << 48),
                liquidityIndex: .ray, variableBorrowIndex: .ray, liquidityRate: number(60...84),
                variableBorrowRate: number(70...87), lastUpdate: Self.timestamp, aToken: .zero,
                stableDebtToken: .zero, variableDebtToken: .zero, price: .known(.one), source: PriceSource(.feed))
        }
    }

    private mutating func aave(rules: Aave.Rules) -> (any LendingMarket, Position)? {
        var position = position("base1e8")
        legs(&position)
        for place in position.debt.indices { position.debt[place].kind = "variable" }
        position.debt.sort { $0.asset < $1.asset }
        let state = Aave.MarketState(
            rules: rules, timestamp: Self.timestamp, reserves: reserves(position), categories: [:])
        let market = Aave.Market(
            id: position.market,
            addresses: Aave.Contracts(
                provider: .zero, pool: .zero, oracle: .zero, sentinel: .zero, fallbackOracle: .zero,
                baseCurrency: .zero, baseUnit: 100_000_000, valueUnit: ValueUnit(symbol: "USD", decimals: 8)),
            rules: rules, deployBlock: 0, fork: nil, state: state)
        return settle(market, position)
    }

    mutating func aave(revision: Int) -> (any LendingMarket, Position)? {
        aave(rules: Aave.Rules.table[revision - 1])
    }

    mutating func aaveV2() -> (any LendingMarket, Position)? { aave(rules: AaveV2.rules) }

    mutating func aaveV4() -> (any LendingMarket, Position)? {
        var position = position("ray")
        legs(&position)
        var collateral: [JSONValue] = []
        var debt: [JSONValue] = []
        var reserves: [Reading<AaveV4.Reserve>] = []
        func reserve(_ leg: Leg, _ asset: AaveV4.HubAsset) -> AaveV4.Reserve {
            AaveV4.Reserve(
                id: reserves.count, underlying: leg.asset, symbol: nil, hub: .zero, assetId: 0, decimals: 6,
                collateralRisk: .zero, flags: 0, dynamicConfigurationKey: 0, price: .known(leg.priceRaw),
                source: leg.source, asset: .known(asset), share: .unknown(.noCode))
        }
        for place in position.collateral.indices {
            collateral.append(["reserveId": .integer(reserves.count)])
            let shares = position.collateral[place].raw
            let asset = AaveV4.HubAsset(
                liquidity: shares, addedShares: shares, drawnIndex: .ray, lastUpdate: Self.timestamp)
            reserves.append(.known(reserve(position.collateral[place], asset)))
        }
        for place in position.debt.indices {
            position.debt[place].kind = "drawn"
            debt.append(["reserveId": .integer(reserves.count), "premiumOffsetRay": "0"])
            let asset = AaveV4.HubAsset(
                drawnShares: position.debt[place].raw, drawnIndex: .ray, drawnRate: number(70...87),
                lastUpdate: Self.timestamp)
            reserves.append(.known(reserve(position.debt[place], asset)))
        }
        position.details = ["collateralReserves": .array(collateral), "debtReserves": .array(debt)]
        let state = AaveV4.MarketState(
            rules: AaveV4.Rules.table[0], timestamp: Self.timestamp, reserves: reserves,
            liquidation: AaveV4.LiquidationConfiguration(
                targetHealthFactor: .wad, healthFactorForMaxBonus: .wad, liquidationBonusFactor: .zero))
        let market = AaveV4.Market(
            id: position.market, spoke: .zero, oracle: .zero, liquidationLogic: .zero, rules: AaveV4.Rules.table[0],
            deployBlock: 0, state: state)
        return settle(market, position)
    }

    mutating func compoundV2() -> (any LendingMarket, Position)? {
        var position = position("base1e18")
        legs(&position)
        let rounding = CompoundV2.Rounding.allCases.randomElement(using: &random) ?? .truncating
        var rates: [JSONValue] = []
        for place in position.collateral.indices {
            position.collateral[place].factorRaw = number(59...59)
            position.collateral[place].priceRaw = scaled(position.collateral[place].priceRaw)
            rates.append(.string(number(58...62).description))
        }
        for place in position.debt.indices {
            position.debt[place].priceRaw = scaled(position.debt[place].priceRaw)
        }
        position.details = [
            "rounding": .string(rounding.rawValue), "accruedRates": .array(rates),
            "accruedDebt": .array(position.debt.map { .string($0.amount.description) }),
        ]
        position.execution = ExecutionHealth(
            verdict: Verdict(hfNum: .one, hfDen: .one, hfProtocol: nil, liquidatable: false), predicate: "x",
            match: .equal)
        let market = CompoundV2.Market(
            id: position.market, comptroller: .zero, deployBlock: 0, nativeSymbol: "E", symbols: [:],
            state: CompoundV2.MarketState(rules: CompoundV2.Rules.known[0], oracle: .zero, markets: []),
            secondsPerBlock: 12)
        return settle(market, position)
    }

    /// Compound's prices have 18 places more.
    private func scaled(_ price: UInt256) -> UInt256 { small ? price : price &* 1_000_000_000 }

    mutating func compoundV3() -> (any LendingMarket, Position)? {
        var position = position("base1e8")
        legs(&position)
        position.debt = [leg(50, price())]
        position.details["principal"] = .string("-\(position.debt[0].raw)")
        var assets: [CompoundV3.Asset] = []
        for (offset, leg) in position.collateral.enumerated() {
            assets.append(
                CompoundV3.Asset(
                    offset: offset, token: leg.asset, symbol: nil, decimals: 6, priceFeed: .zero, scale: 1_000_000,
                    borrowCollateralFactor: .zero, liquidateCollateralFactor: number(59...59), liquidationFactor: .wad,
                    price: .known(leg.priceRaw), isDeactivated: false))
        }
        let totals = CompoundV3.Totals(
            baseSupplyIndex: CompoundV3.Math.indexScale, baseBorrowIndex: CompoundV3.Math.indexScale,
            totalSupplyBase: 2_000_000, totalBorrowBase: 1_000_000, lastAccrualTime: Self.timestamp)
        let curve = CompoundV3.Curve(
            kink: .wad, slopeLow: number(20...30), slopeHigh: .zero, base: number(28...33))
        let state = CompoundV3.MarketState(
            rules: .extended, timestamp: Self.timestamp, totals: totals, accrued: totals,
            base: CompoundV3.Base(
                token: position.debt[0].asset, symbol: "B", decimals: 6, scale: 1_000_000, priceFeed: .zero,
                price: .known(position.debt[0].priceRaw), borrowMin: .zero, targetReserves: .zero,
                storeFrontPriceFactor: .zero),
            assets: assets, valueUnit: position.valueUnit, supplyCurve: curve, borrowCurve: curve)
        let market = CompoundV3.Market(
            id: position.market, comet: .zero, extensionDelegate: .zero, deployBlock: 0, state: state)
        return settle(market, position)
    }

    mutating func morpho() -> (any LendingMarket, Position)? {
        var position = position("loan")
        var collateral = leg(0, small ? number(6...11) : number(90...130))
        if small { collateral.amount = number(120...128) }
        collateral.factorRaw = number(59...59)
        position.collateral = [collateral]
        let totals = MorphoBlue.Totals(
            supplyAssets: number(70...90), supplyShares: number(90...100), borrowAssets: number(69...70),
            borrowShares: number(89...90), lastUpdate: UInt256(Self.timestamp), fee: .zero)
        var debt = leg(1, .wad)
        debt.source = PriceSource(.base)
        debt.raw = number(small ? 20...30 : 30...88)
        position.details = [
            "storedTotals": .array(totals.words.map { .string($0.description) }),
            "irm": ["kind": "adaptive-curve", "rateAtTarget": .string(number(27...35).description)],
        ]
        do {
            let owed = try MorphoBlue.Math.toAssetsUp(debt.raw, totals.borrowAssets, totals.borrowShares)
            debt.amount = owed
            position.hfDen = owed
        } catch {
            return nil
        }
        position.debt = [debt]
        let market = MorphoBlue.Market(
            id: position.market, morpho: .zero, oracleFactory: .zero, preLiquidationFactory: .zero, deployBlock: 0,
            chosen: [], tokens: [:], readsSlots: false)
        return settle(market, position)
    }
}
