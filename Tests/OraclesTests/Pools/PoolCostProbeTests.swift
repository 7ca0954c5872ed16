import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Oracles
import Pools
import TestSupport
import Testing

/// What a push costs by a pool read at a block, beside the push.
@Suite struct PoolCostProbeTests {
    private static func pool(_ chain: DevChain, _ options: String) async throws -> (Address, JSONValue) {
        let made = try await chain.call("dev_deployPool", JSONValue(parsing: Array(options.utf8)))
        return (try some(Address(hex: try made.text("pool"))), made)
    }

    /// Reads to the end; what `fails` names is answered by nobody.
    private func read(
        _ probe: PoolCostProbe, _ chain: DevChain, fails: (Call) -> Bool = { _ in false }
    ) async throws -> (probe: PoolCostProbe, rounds: Int, calls: Int) {
        var (probe, rounds, count) = (probe, 0, 0)
        while case let calls = probe.next(), !calls.isEmpty {
            rounds += 1
            count += calls.count
            var answers: [Reading<[UInt8]>] = []
            for call in calls {
                guard !fails(call) else {
                    answers.append(.unknown(.failed("nobody answered")))
                    continue
                }
                let text = #"[{"to":"\#(call.target)","data":"\#(Hex.encode(call.data))"},"latest"]"#
                let answer = try await chain.call("eth_call", JSONValue(parsing: Array(text.utf8)))
                answers.append(.known(try Hex.decode(try some(answer.string))))
            }
            probe.take(answers)
        }
        return (probe, rounds, count)
    }

    private static let positions =
        "[[-60000,60000,\"900000000000000000\"],[-1200,600,\"5000000000000000000\"],[-6000,-600,\"40000000000000000000\"],"
        + "[1200,4800,\"7000000000000000000\"],[-15000,-14940,\"1\"]]"

    @Test func aPushTakesWhatIsSaid() async throws {
        let chain = try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
        var crossed = 0
        for bps in [1, -1, 200, -200, 1_000, -1_000, 5_000, -5_000] {
            for ofToken0 in [true, false] {
                // A pool of its own for each: a push leaves fees and roundings.
                let (address, _) = try await Self.pool(
                    chain, #"{"kind":"v3","tick":-777,"positions":\#(Self.positions)}"#)
                let (probe, rounds, calls) = try await read(PoolCostProbe(address, .uniswapV3), chain)
                #expect(rounds == 3 && calls < 120, "\(calls) calls in \(rounds) rounds")
                guard case .known(.ticks(let pool)) = probe.state else {
                    Issue.record("\(probe.state)")
                    continue
                }
                let move = try PoolMove(bps: bps, ofToken0: ofToken0)
                let cost = try pool.cost(of: move)
                let target = try pool.sqrtPrice(after: move)
                #expect(cost.putsInToken0 == ((bps < 0) == ofToken0))
                let options = """
                    {"pool":"\(address)","amount":"\(UInt256.mask(bits: 200))","limit":"\(target)",\
                    "direction":"\(cost.putsInToken0 ? "0to1" : "1to0")"}
                    """
                let there = try await chain.call("dev_swap", JSONValue(parsing: Array(options.utf8)))
                let amounts = try some(there["amounts"]?.array).map { try some(Int256(decimal: try some($0.string))) }
                #expect(amounts[cost.putsInToken0 ? 0 : 1].magnitude == cost.capital, "\(bps) bps")
                #expect(amounts[cost.putsInToken0 ? 1 : 0].magnitude == cost.received, "\(bps) bps")
                #expect(try some(there["state"]).word("sqrtPriceX96") == target)
                // The price went as far as was asked for, to a millionth.
                let ratio = (target.double / pool.sqrtPrice.double) * (target.double / pool.sqrtPrice.double)
                let wanted = Double(10_000 + bps) / 10_000
                #expect(abs((ofToken0 ? ratio : 1 / ratio) / wanted - 1) < 1e-6)
                crossed += cost.ticksCrossed
            }
        }
        #expect(crossed > 10, "\(crossed) ticks")
    }

    @Test func aPairTakesWhatIsSaid() async throws {
        let chain = try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
        for bps in [100, -100, 3_000, -3_000] {
            let (address, _) = try await Self.pool(
                chain, #"{"kind":"v2","amount0":"3000000000000","amount1":"7000000000"}"#)
            let (probe, rounds, _) = try await read(PoolCostProbe(address, .uniswapV2), chain)
            guard rounds == 1, case .known(.pair(let pair)) = probe.state else {
                Issue.record("\(probe.state)")
                continue
            }
            let cost = try pair.cost(of: try PoolMove(bps: bps, ofToken0: true))
            let options = """
                {"pool":"\(address)","amount":"\(cost.capital)",\
                "direction":"\(cost.putsInToken0 ? "0to1" : "1to0")"}
                """
            let there = try await chain.call("dev_swap", JSONValue(parsing: Array(options.utf8)))
            let state = try some(there["state"])
            let (one, other) = (try state.word("reserve0"), try state.word("reserve1"))
            let moved = (other.double / one.double) / (pair.reserve1.double / pair.reserve0.double)
            #expect(bps < 0 ? moved <= Double(10_000 + bps) / 10_000 : moved >= Double(10_000 + bps) / 10_000)
            #expect(abs(moved / (Double(10_000 + bps) / 10_000) - 1) < 1e-6, "\(bps): \(moved)")
        }
    }

    /// What was not read is not known; what does not need it is.
    @Test func aFailedReadIsUnknownAndNoMore() async throws {
        let chain = try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
        let (address, _) = try await Self.pool(chain, #"{"kind":"v3","tick":-777,"positions":\#(Self.positions)}"#)
        let slot0 = Selector(signature: "slot0()").bytes
        let deaf = try await read(PoolCostProbe(address, .uniswapV3), chain) { $0.data == slot0 }
        #expect(deaf.probe.state.value == nil && deaf.rounds == 1)
        // The word below the price: what rises does not need it.
        let word = Selector(signature: "tickBitmap(int16)").bytes + Int256(-2).bits.bigEndianBytes
        let (probe, _, _) = try await read(PoolCostProbe(address, .uniswapV3), chain) { $0.data == word }
        let whole = try await read(PoolCostProbe(address, .uniswapV3), chain).probe
        let state = try some(probe.state.value)
        let rise = try PoolMove(bps: 500, ofToken0: true)
        #expect(try state.cost(of: rise) == some(whole.state.value).cost(of: rise))
        let fall = try PoolMove(bps: -8_000, ofToken0: true)
        #expect(throws: PoolError.self) { try state.cost(of: fall) }
        #expect(try !some(whole.state.value).cost(of: fall).capital.isZero)
        // A tick of the word at the price: nothing is known.
        let tick = Selector(signature: "ticks(int24)").bytes + Int256(-1_200).bits.bigEndianBytes
        #expect(try await read(PoolCostProbe(address, .uniswapV3), chain) { $0.data == tick }.probe.state.value == nil)
        // Fewer ticks than there are: those next to the price stay.
        var limits = PoolCostProbe.Limits()
        limits.ticks = 1
        #expect(try await read(PoolCostProbe(address, .uniswapV3, limits: limits), chain).probe.state.value == nil)
        // A token is no pool.
        let token = try some(Address(hex: try await Self.pool(chain, #"{"kind":"v2"}"#).1.text("token0")))
        for kind in [PoolCostProbe.Kind.uniswapV2, .uniswapV3] {
            var probe = PoolCostProbe(token, kind)
            probe.take(probe.next().map { _ in .unknown(.reverted("")) })
            #expect(probe.state.value == nil && probe.next().isEmpty)
            var liar = PoolCostProbe(token, kind)
            for _ in 0..<4 {
                liar.take(liar.next().map { _ in .known([UInt8](repeating: 0xff, count: 96)) })
            }
            #expect(liar.state.value == nil && liar.next().isEmpty)
        }
    }

    /// In whole units: within one transaction what is lost is two fees, over blocks it is all that others take.
    @Test func costsInDollars() throws {
        let pair = PoolState.pair(
            try UniswapV2.Pair(reserve0: 1_000 &* .wad, reserve1: 2_000_000_000_000))
        let ether = PoolState.Worth(try ExactPrice(2_000, decimals: 0), decimals: 18)
        let dollar = PoolState.Worth(try ExactPrice(100, decimals: 2), decimals: 6)
        let up = try PoolMove(bps: 2_100, ofToken0: true)
        let flash = try pair.attackCost(of: up, token0: ether, token1: dollar)
        // √1.21 = 1.1: a tenth of two million goes in, and three thousandths of it are the fee, twice.
        #expect(flash.capital >= 200_000 && flash.capital < 201_000, "\(flash)")
        #expect(flash.lost > 1_000 && flash.lost < 1_300 && flash.blocks == 0, "\(flash)")
        let plan = try HoldingPlan(window: 1_800, blocks: 75, blockTime: 12)
        let held = try pair.attackCost(of: up, token0: ether, token1: dollar, held: plan)
        // Half of the window: the price has to be held 42 % up.
        #expect(held.capital > 380_000 && held.capital < 390_000 && held.blocks == 75, "\(held)")
        #expect(held.lost > flash.lost &* 75)
        let none = PoolState.Worth(ether.price, decimals: 78)
        #expect(throws: PoolError.self) { try pair.attackCost(of: up, token0: none, token1: none) }
        #expect(throws: PoolError.self) { try PoolMove(bps: -10_000, ofToken0: true) }
        #expect(throws: PoolError.self) { try PoolMove(bps: 0, ofToken0: true) }
    }
}
