import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Testing

@testable import Protocols

/// Which calls are planned, on positions with one collateral and one debt.
@Suite struct LiquidationPlannerTests {
    static let weth = World.address(kind: 1, 0)
    static let usdc = World.address(kind: 1, 1)
    static let block = Block(
        number: 100, hash: Hash32(word: 1), parentHash: Hash32(word: 2), timestamp: 1_700_000_000,
        baseFeePerGas: 1_000_000_000)

    /// A pool of two assets, indexes one.
    static func market(
        _ version: String, bonus: UInt64 = 10_500, fee: UInt64 = 0, threshold: UInt64 = 8_000
    ) throws -> Aave.Market {
        let rules = try AaveLiquidationTests.rules(version)
        func reserve(_ id: Int, _ asset: Address, _ decimals: UInt64) -> Aave.Reserve {
            let word = UInt256(threshold) | UInt256(bonus) << 32 | UInt256(decimals) << 48 | UInt256(fee) << 152
            return Aave.Reserve(
                id: id, asset: asset, symbol: nil, configuration: Aave.ReserveConfiguration(word: word),
                liquidityIndex: .ray, variableBorrowIndex: .ray, liquidityRate: .zero, variableBorrowRate: .zero,
                lastUpdate: block.timestamp, aToken: .zero, stableDebtToken: .zero, variableDebtToken: .zero,
                price: .known(100_000_000), source: PriceSource(.feed))
        }
        let unit = ValueUnit(symbol: "USD", decimals: 8)
        return Aave.Market(
            id: MarketID(chainId: 1, network: "n", family: "aave-v3", protocol: "aave-v\(version)", deployment: "d"),
            addresses: Aave.Contracts(
                provider: .zero, pool: World.address(kind: 9, 9), oracle: .zero, sentinel: .zero,
                fallbackOracle: .zero, baseCurrency: .zero, baseUnit: 100_000_000, valueUnit: unit),
            rules: rules, deployBlock: 0, fork: nil,
            state: Aave.MarketState(
                rules: rules, timestamp: block.timestamp, reserves: [reserve(0, weth, 18), reserve(1, usdc, 6)]))
    }

    /// The collateral in wei and the debt in millionths, both at one dollar, threshold 80 %.
    static func position(
        _ market: Aave.Market, collateral: UInt256, debt: UInt256, bonus: Int = 10_500, threshold: Int = 8_000
    ) throws -> Position {
        var position = Position(
            market: market.id, account: Account(World.address(kind: 8, 8)), entrypoint: market.addresses.pool,
            block: block, hfUnit: "base1e8", predicate: "hf < 1e18", hfScale: .wad,
            valueUnit: ValueUnit(symbol: "USD", decimals: 8))
        position.collateral = [
            Leg(
                asset: weth, symbol: "WETH", decimals: 18, raw: collateral, amount: collateral, index: .ray,
                priceRaw: 100_000_000, priceScale: 100_000_000, value: .zero, factor: threshold, bonusBps: bonus,
                source: PriceSource(.feed))
        ]
        position.debt = [
            Leg(
                asset: usdc, symbol: "USDC", decimals: 6, raw: debt, amount: debt, index: .ray,
                priceRaw: 100_000_000, priceScale: 100_000_000, value: .zero, source: PriceSource(.feed),
                kind: "variable")
        ]
        position.hfProtocol = .zero  // any number: the revaluation gives the true one
        let verdict = try #require(market.revalue(position, at: [:]))
        position.hfProtocol = verdict.hfProtocol
        position.liquidatable = verdict.liquidatable
        position.match = .equal
        position.debtValue = try debt * 100
        return position
    }

    /// keeper-needs.md §9.1: what a second step adds to one call, by health; in millionths.
    @Test(arguments: [[999, 6_250], [990, 62_500], [980, 125_000], [960, 250_000]], ["2", "3.0", "3.2"])
    func twoSteps(row: [Int], version: String) throws {
        let market = try Self.market(version)
        let debt: UInt256 = 1_000_000_000_000
        let collateral = try (debt * UInt256(UInt64(row[0]))).divided(by: 800, .down) * 1_000_000_000_000
        let position = try Self.position(market, collateral: collateral, debt: debt)
        let plans = try LiquidationPlanner(market, policy: .profit).plans(for: position)
        let plan = try #require(plans.first)
        #expect(plan.size == .steps && plan.steps.count == 2)
        let single = try #require(plans.first { $0.size == .most })
        let gain = try ((plan.repay - single.repay) * 1_000_000).divided(by: single.repay, .down)
        #expect(gain.distance(to: UInt256(UInt64(row[1]))) <= 40, "\(gain)")
        #expect(plan.extraSeized == (try plan.seize - single.seize))
        // The predicate holds after step 1, and does not after one more.
        let first = plan.steps[0]
        #expect(market.position(position, after: first)?.liquidatable == true)
        let more = try market.liquidation(of: position, first.pair, cover: first.repay + .one)
        #expect(market.position(position, after: more)?.liquidatable == false)
    }

    /// risk.md §12, after Qin et al., arXiv 2106.06389: collateral 100, debt 84, threshold 0.83, spread 5 %, close factor
    /// one half. The first step repays 7.782101; both together earn 2.294553, one call 2.10.
    @Test(arguments: ["2", "3.0", "3.2"]) func publishedTwoSteps(version: String) throws {
        let market = try Self.market(version, threshold: 8_300)
        let position = try Self.position(
            market, collateral: 100_000_000_000_000_000_000, debt: 84_000_000, threshold: 8_300)
        let plans = try LiquidationPlanner(market, policy: .profit).plans(for: position)
        let plan = try #require(plans.first { $0.size == .steps })
        let single = try #require(plans.first { $0.size == .most })
        #expect(plan.steps[0].repay.distance(to: 7_782_101) <= 1)
        #expect(abs(plan.gross.double / 1e8 - 2.294553) < 2e-6 && abs(single.gross.double / 1e8 - 2.1) < 2e-6)
    }

    /// A position whose health only falls is taken at the close factor, again and again.
    @Test func belowItsBonus() throws {
        let market = try Self.market("2", bonus: 13_000)
        let position = try Self.position(
            market, collateral: 1_200_000_000_000_000_000_000, debt: 1_000_000_000, bonus: 13_000)
        let plan = try #require(LiquidationPlanner(market, policy: .profit).plans(for: position).first)
        #expect(plan.size == .steps && plan.steps.count > 2)
        #expect(plan.healthImproves != true)
    }

    /// Where all would leave dust, the largest size that does not.
    @Test(arguments: ["3.3", "3.7"])
    func dustEdge(version: String) throws {
        let market = try Self.market(version, fee: 1_000)
        // 3,000 dollars of debt, of which half may be repaid at most where both sides are large.
        let position = try Self.position(
            market, collateral: 3_700_000_000_000_000_000_000, debt: 2_600_000_000)
        var low = position
        low.hfProtocol = 990_000_000_000_000_000
        low.liquidatable = true
        low.debtValue = 350_000_000_000
        let pair = LiquidationPair(debtAsset: Self.usdc, collateralAsset: Self.weth)
        #expect(try !market.liquidation(of: low, pair, cover: .max).dustOK)
        let plan = try #require(LiquidationPlanner(market, policy: .profit).plans(for: low).first)
        #expect(plan.size == .dustEdge && plan.steps.count == 1)
        #expect(plan.steps[0].dustOK && plan.steps[0].repayArg == plan.repay)
        #expect(plan.repay == 1_600_000_000)
        #expect(try !market.liquidation(of: low, pair, cover: plan.repay + .one).dustOK)
    }

    /// Who is healthy, or not known, has no plan; the record says why.
    @Test func withoutPlans() throws {
        let market = try Self.market("3.2")
        let planner = LiquidationPlanner(market, policy: .profit)
        let healthy = planner.planned(
            try Self.position(market, collateral: 2_000_000_000_000_000_000_000, debt: 1_000_000_000))
        #expect(healthy.plans == [] && healthy.unknown.isEmpty)
        var open = try Self.position(market, collateral: 1_000_000_000_000_000_000_000, debt: 1_000_000_000)
        open.liquidatable = nil
        #expect(planner.planned(open).unknown.map(\.field) == ["plans"])
        open.liquidatable = true
        open.collateral[0].paused = true
        let paused = planner.planned(open)
        #expect(paused.plans == [] && paused.unknown.map(\.field) == ["plans"])
        open.collateral[0].paused = false
        open.match = .differs
        #expect(planner.planned(open).plans == [])
    }

    /// A plan that was not tried says so, and is trusted at most by half.
    @Test func record() throws {
        let market = try Self.market("3.2")
        let position = LiquidationPlanner(market, policy: .safety).planned(
            try Self.position(market, collateral: 1_240_000_000_000_000_000_000, debt: 1_000_000_000))
        let record = PositionRecord(position).json
        let plan = try #require(record["plans"]?.array?.first)
        #expect(plan["sim"]?.isNull == true && plan["policy"]?.string == "safety")
        #expect(plan["confidence"]?["bps"]?.int == 5_000)
        #expect(plan["size"]?.string == "max")
        let data = try #require(plan["steps"]?.array?.first?["data"]?.string)
        #expect(data.hasPrefix("0x00a718a9") && data.utf8.count == 2 + 8 + 5 * 64)
        #expect(plan["repayArg"]?.string == UInt256.max.description)
        #expect(plan["maxRepay"]?.string == "500000000" && plan["repay"]?.string == "500000000")
        #expect(plan["seize"]?.string == "525000000000000000000")
        #expect(plan["unknown"]?.array?.contains { $0["field"]?.string == "sim" } == true)
    }

    /// What is left after gas, rounded against the sender.
    @Test func cost() throws {
        var cost = LiquidationCost(gasUsed: 400_001, gasPrice: 3)
        #expect(cost.gasLimit == 550_002)
        // A gross of 1.00000001 dollars with the native token at 3 dollars: 333333336666666666 wei.
        let gross = try #require(Int256(exactly: 100_000_001))
        try cost.settle(gross: gross, native: 300_000_000)
        #expect(cost.netWei?.description == "333333336665466663")
        #expect(cost.netBase?.description == "100000000")
        #expect(cost.breakEvenGasPrice == 833_331_258_338)
        var loss = LiquidationCost(gasUsed: 10, gasPrice: 1)
        try loss.settle(gross: try #require(Int256(isNegative: true, magnitude: 1)), native: 300_000_000)
        #expect(loss.breakEvenGasPrice == .zero && loss.netWei?.description == "-3333333344")
    }
}
