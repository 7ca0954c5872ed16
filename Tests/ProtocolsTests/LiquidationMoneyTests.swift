import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Pools
import TestSupport
import Testing

@testable import Protocols

/// What is left of a plan, who lends for it, and what several plans leave each other of a pool.
@Suite struct LiquidationMoneyTests {
    private static func random(_ most: UInt64, _ generator: inout SeededGenerator) -> UInt256 {
        UInt256(UInt64.random(in: 1..<most, using: &generator))
    }

    /// At the break-even price nothing is lost, and a wei more a unit of gas loses.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func breakEven(seed: UInt64) throws {
        var generator = Seed(seed).generator
        let native = Self.random(1_000_000_000_000, &generator)
        let gross = try #require(Int256(exactly: Self.random(1_000_000_000_000_000, &generator)))
        let (used, l1Fee) = (Self.random(5_000_000, &generator), Self.random(1_000_000_000_000, &generator))
        func net(_ price: UInt256) throws -> (cost: LiquidationCost, wei: Int256) {
            var cost = LiquidationCost(gasUsed: used, gasPrice: price)
            cost.l1Fee = l1Fee
            try cost.settle(gross: gross, native: native)
            return (cost, try #require(cost.netWei))
        }
        let price = try #require(try net(1).cost.breakEvenGasPrice)
        guard try !net(.zero).wei.isNegative else {
            #expect(price.isZero)
            return
        }
        #expect(try !net(price).wei.isNegative && net(price + .one).wei.isNegative, "seed \(seed)")
        #expect(try net(price).wei.magnitude < used)
        #expect(try net(price).cost.spent() == used * price + l1Fee)
    }

    /// ⌈amount·premium/1e4⌉, ⌈amount·fee/1e6⌉, and nothing; the cheapest that has enough and is no pool of the exit.
    @Test func lenders() throws {
        let (token, other) = (World.address(kind: 1, 0), World.address(kind: 1, 1))
        func source(_ number: Int, _ fee: FlashSource.Fee, _ available: UInt256, of asset: Address) -> FlashSource {
            FlashSource(
                provider: "\(number)", lender: World.address(kind: 7, number), asset: asset, fee: fee,
                available: available)
        }
        #expect(try source(0, .bps(5), 0, of: token).fee(for: 10_001) == 6)
        #expect(try source(0, .bps(5), 0, of: token).fee(for: 10_000) == 5)
        #expect(try source(0, .millionths(3_000), 0, of: token).fee(for: 1_001) == 4)
        #expect(try source(0, .none, 0, of: token).fee(for: .max) == .zero)
        let sources = [
            source(0, .none, 999, of: token), source(1, .none, 5_000, of: other), source(2, .bps(9), 5_000, of: token),
            source(3, .bps(5), 5_000, of: token), source(4, .millionths(500), 5_000, of: token),
        ]
        func cheapest(_ amount: UInt256, besides pools: Set<Address> = []) -> LiquidationFunding? {
            .cheapest(of: sources, lending: amount, of: token, besides: pools)
        }
        #expect(cheapest(999) == .flash(sources[0], fee: .zero))
        #expect(cheapest(2_000) == .flash(sources[3], fee: 1))
        #expect(
            cheapest(2_000, besides: [World.address(kind: 7, 3), World.address(kind: 7, 2)])
                == .flash(sources[4], fee: 1))
        #expect(cheapest(5_001) == nil)
        let plan = try Self.planned(1)
        var borrowed = plan
        borrowed.funding = .flash(sources[3], fee: 1_000_000)
        let expected = try plan.earned - Int256(100_000_000)
        #expect(borrowed.earnedFunded == expected)
    }

    private static func market() throws -> Aave.Market { try LiquidationPlannerTests.market("3.2") }

    private static func position(_ debt: UInt256) throws -> Position {
        var position = try LiquidationPlannerTests.position(
            try market(), collateral: try debt * 1_200_000_000_000, debt: debt)
        position.collateralValue = try debt * 120
        return position
    }

    private static func planned(_ thousands: UInt64) throws -> LiquidationPlan {
        let planner = LiquidationPlanner(try market(), policy: .profit)
        let position = planner.planned(try position(UInt256(thousands) * 1_000_000_000))
        return try #require(position.plans?.first { $0.size == .most })
    }

    private static func pool(_ thousands: UInt64) throws -> SwapPool {
        let (weth, usdc) = (LiquidationPlannerTests.weth, LiquidationPlannerTests.usdc)
        let unit = try UInt256(thousands) * 1_000_000_000
        return try SwapPool(
            World.address(kind: 7, 70), tokens: [weth, usdc],
            state: .pair(try UniswapV2.Pair(reserve0: unit * 1_000_000_000_000, reserve1: unit)))
    }

    /// Executed in their order, plans bring what each says; alone, each would say more.
    @Test func sizesAreChosenTogether() throws {
        let pool = try Self.pool(4_000)
        let planner = LiquidationPlanner(try Self.market(), policy: .profit, blockTime: 12_000)
        var entries: [(planner: LiquidationPlanner, position: Position)] = []
        for thousands in [30, 90, 60] as [UInt64] {
            let position = try Self.position(UInt256(thousands) * 1_000_000_000)
            entries.append((planner, planner.planned(position)))
        }
        let settled = JointExits.settled(entries, through: ExitBook([pool], over: []))
        var alone: [Position] = []
        for entry in entries { alone += JointExits.settled([entry], through: ExitBook([pool], over: [])) }
        let plans = settled.compactMap { $0.plans?.first }
        #expect(plans.count == 3)
        let orders = plans.compactMap { $0.exit?.group?.order }
        #expect(orders.sorted() == [1, 2, 3] && orders[1] == 1, "\(orders)")
        var state = pool
        var sold = UInt256.zero
        for index in plans.indices.sorted(by: { orders[$0] < orders[$1] }) {
            let exit = try #require(plans[index].exit)
            let (out, after) = try state.sell(
                plans[index].seize, of: LiquidationPlannerTests.weth, for: LiquidationPlannerTests.usdc)
            #expect(out == exit.expectedOut && exit.route.pools == [state])
            #expect(exit.group?.pool == pool.address && exit.group?.soldBefore == sold)
            let single = try #require(alone[index].plans?.first)
            #expect(orders[index] == 1 ? single.earned == plans[index].earned : single.earned > plans[index].earned)
            state = after
            sold = try sold + plans[index].seize
        }
        let record = PositionRecord(settled[0]).json["plans"]?.array?.first
        let exit = record?["exit"]
        #expect(exit?["exitGroup"]?.string == pool.address.checksummed && exit?["order"]?.int == orders[0])
        #expect(exit?["cumulativeDepth"]?.string != exit?["soldBefore"]?.string)
        #expect(record?["valid"]?["untilMs"]?.int == 1_700_000_024_000)
        #expect(record?["valid"]?["requires"]?["data"]?.string?.hasPrefix("0xbf92857c") == true)
    }

    /// What a constant product bears follows from its formula: a sale of `a` gets `x / (x + 0.997 a)` of the first price.
    @Test(arguments: [500, 2_000, 8_000, 40_000] as [UInt64])
    func whatAPoolBears(thousands: UInt64) throws {
        let plans = [try Self.planned(30), try Self.planned(60), try Self.planned(90)]
        let book = ExitBook([try Self.pool(thousands)], over: [])
        let depth = try #require(ExitDepth.measured(plans, through: book).first)
        #expect(depth.positions == 3 && depth.unknown == nil)
        let sum = plans.reduce(0) { $0 + $1.seize.double }
        #expect(depth.seize.double == sum)
        let kept = depth.values.repay.double / depth.values.seize.double
        let reserve = Double(thousands) * 1e21
        let most = reserve * (1 / kept - 1) / 0.997
        #expect(depth.isBearable == (most >= sum), "\(most / sum)")
        let bearable = try #require(depth.bearable).double
        #expect(abs(bearable - min(most, sum)) <= sum / 500, "\(bearable / sum) and not \(most / sum)")
        let impact = 10_000 * (1 - reserve / (reserve + 0.997 * sum))
        #expect(abs(Double(try #require(depth.impactBps)) - impact) <= 1.5)
        // Without a pool nothing is claimed.
        let none = try #require(ExitDepth.measured(plans, through: ExitBook([], over: [])).first)
        #expect(none.isBearable == nil && none.bearable == nil && none.unknown != nil)
    }

    /// A pool that is shallow for the most gets the size that earns most, and its neighbours earn no more.
    @Test(arguments: [100, 400, 900] as [UInt64])
    func theSizeThatEarnsMost(thousands: UInt64) throws {
        let (weth, usdc) = (LiquidationPlannerTests.weth, LiquidationPlannerTests.usdc)
        let pool = try Self.pool(thousands)
        let market = try Self.market()
        let planner = LiquidationPlanner(market, policy: .profit)
        let position = planner.planned(try Self.position(60_000_000_000))
        let settled = planner.exiting(position, through: ExitBook([pool], over: []))
        let plan = try #require(settled.plans?.first)
        #expect(plan.size == .exit && plan.steps.count == 1)
        let route = try SwapRoute([pool], tokens: [weth, usdc])
        func earns(_ cover: UInt256) throws -> Int256 {
            let quote = try market.liquidation(of: position, plan.pair, cover: cover)
            let out = try route.sell(quote.seize).out
            return try #require(Int256(isNegative: out < quote.repay, magnitude: out.distance(to: quote.repay)))
        }
        let best = try earns(plan.repay)
        #expect(best == plan.soldGross)
        for step in [UInt256.one, 2, 1_000, 1_000_000, 1_000_000_000] {
            // One unit of the debt token is what two roundings leave.
            let (less, more) = (try earns(plan.repay &- step), try earns(plan.repay &+ step))
            let most = try best + Int256(1)
            #expect(less <= most && more <= most, "\(step)")
        }
    }

    /// What the smallest clearing repayment is, and what is left uncovered.
    @Test func whatIsLeft() throws {
        let market = try LiquidationPlannerTests.market("3.0")
        let planner = LiquidationPlanner(market, policy: .badDebt)
        // Worth 90, owing 100: everything may be repaid, and the collateral ends first.
        var position = try LiquidationPlannerTests.position(
            market, collateral: 900_000_000_000_000_000_000, debt: 1_000_000_000)
        position.collateralValue = 90_000_000_000
        let plan = try #require(planner.plans(for: position).first { $0.size == .most })
        let least = try #require(plan.minRepayToClear)
        let pair = plan.pair
        // What is asked for beyond the most is clipped to it.
        #expect(try market.liquidation(of: position, pair, cover: least + .one).rest.collateral.isZero)
        #expect(try !market.liquidation(of: position, pair, cover: least - .one).rest.collateral.isZero)
        let left = try #require(position.debtValue).subtractingOrZero(plan.repayValue)
        #expect(try #require(plan.badDebtIfFull).distance(to: left) <= 200)
        // Worth 110 and below 0.95: the debt ends first, and only with all of it.
        let debt = try LiquidationPlannerTests.position(
            market, collateral: 1_100_000_000_000_000_000_000, debt: 1_000_000_000)
        #expect(try planner.plans(for: debt).first { $0.size == .most }?.minRepayToClear == 1_000_000_000)
        let half = try LiquidationPlannerTests.position(
            market, collateral: 1_240_000_000_000_000_000_000, debt: 1_000_000_000)
        let partial = try #require(planner.plans(for: half).first { $0.size == .most })
        #expect(partial.minRepayToClear == nil)
    }

    /// The least of what was evaluated; what was not caps it.
    @Test func confidence() throws {
        let planner = LiquidationPlanner(try Self.market(), policy: .profit)
        var position = planner.exiting(
            planner.planned(try Self.position(60_000_000_000)), through: ExitBook([try Self.pool(90_000)], over: []))
        func bps(_ name: String) -> Int? {
            PositionRecord(position).json["plans"]?.array?.first?["confidence"]?[name]?.int
        }
        #expect(bps("liquidity") == 10_000 && bps("math") == 10_000 && bps("read") == nil && bps("bps") == 5_000)
        position.confirmations = 2
        #expect(bps("read") == 10_000 && bps("bps") == 5_000)
        position.confirmations = 1
        #expect(bps("read") == 5_000)
        let hash = position.block.hash
        for place in (position.plans ?? []).indices {
            position.plans?[place].simulation = .init(ok: false, method: "eth_call", blockHash: hash)
        }
        #expect(bps("sim") == 0 && bps("bps") == 0)
    }
}
