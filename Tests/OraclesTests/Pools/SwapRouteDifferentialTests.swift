import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Oracles
import Pools
import TestSupport
import Testing

/// Sales through pools of the real bytecode bring what is expected, to the unit.
@Suite struct SwapRouteDifferentialTests {
    private static let positions =
        "[[-60000,60000,\"900000000000000000\"],[-1200,600,\"5000000000000000000\"],[-6000,-600,\"40000000000000000000\"],"
        + "[1200,4800,\"7000000000000000000\"]]"

    private func read(_ kind: PoolCostProbe.Kind, _ pool: Address, _ chain: DevChain) async throws -> PoolState {
        var probe = PoolCostProbe(pool, kind)
        while case let calls = probe.next(), !calls.isEmpty {
            var answers: [Reading<[UInt8]>] = []
            for call in calls {
                let text = #"[{"to":"\#(call.target)","data":"\#(Hex.encode(call.data))"},"latest"]"#
                let answer = try await chain.call("eth_call", JSONValue(parsing: Array(text.utf8)))
                answers.append(.known(try Hex.decode(try some(answer.string))))
            }
            probe.take(answers)
        }
        return try some(probe.state.value)
    }

    @Test(arguments: ["v2", "v3"])
    func expectedIsWhatTheSwapGives(kind: String) async throws {
        let chain = try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
        let options =
            kind == "v2"
            ? #"{"kind":"v2","amount0":"3000000000000000000000","amount1":"7000000000000"}"#
            : #"{"kind":"v3","tick":-777,"positions":\#(Self.positions)}"#
        let made = try await chain.call("dev_deployPool", JSONValue(parsing: Array(options.utf8)))
        let address = try some(Address(hex: try made.text("pool")))
        let tokens = [try some(Address(hex: try made.text("token0"))), try some(Address(hex: try made.text("token1")))]
        var generator = Seed(0x5A1E).generator
        var route = [Bool: SwapRoute]()
        var crossed = 0
        for sale in 0..<24 {
            let isFirst = Bool.random(using: &generator)
            // What the pool is after our own sales, and every few what it says itself.
            if sale.isMultiple(of: 4) {
                let state: SwapPool.State
                switch try await read(kind == "v2" ? .uniswapV2 : .uniswapV3, address, chain) {
                case .pair(let pair): state = .pair(pair)
                case .ticks(let pool): state = .ticks(pool)
                }
                let pool = try SwapPool(address, tokens: tokens, state: state)
                if let known = route[true]?.pools.first {
                    if case .pair = state { #expect(known == pool) }
                    if case .ticks(let mine) = known.state, case .ticks(let its) = state {
                        #expect(
                            mine.sqrtPrice == its.sqrtPrice && mine.liquidity == its.liquidity && mine.tick == its.tick)
                    }
                }
                route[true] = try SwapRoute([pool], tokens: tokens)
                route[false] = try SwapRoute([pool], tokens: tokens.reversed())
            }
            let way = try some(route[isFirst])
            // What half of the time earns most at a cost a little below the price.
            let unit: UInt256 = 1_000_000_000
            let fair = try max(way.fair(unit), .one)
            let share = UInt256(UInt64.random(in: 900..<985, using: &generator))
            let cost = try SwapCost(max((fair * share).divided(by: 1_000, .down), .one), per: unit)
            var amount = way.optimum(cost, upTo: UInt256.mask(bits: 110))
            if amount.isZero || Bool.random(using: &generator) {
                amount = UInt256(UInt64.random(in: 1_000_000..<900_000_000_000_000, using: &generator))
            }
            let (out, after) = try way.sell(amount)
            guard !out.isZero else { continue }
            let swap = #"{"pool":"\#(address)","amount":"\#(amount)","direction":"\#(isFirst ? "0to1" : "1to0")"}"#
            let there = try await chain.call("dev_swap", JSONValue(parsing: Array(swap.utf8)))
            let amounts = try some(there["amounts"]?.array).map { try some(Int256(decimal: try some($0.string))) }
            #expect(amounts[isFirst ? 0 : 1].magnitude == amount, "sale \(sale)")
            #expect(amounts[isFirst ? 1 : 0].magnitude == out, "sale \(sale) of \(amount)")
            if case .ticks(let before) = way.pools[0].state, case .ticks(let now) = after.pools[0].state,
                before.liquidity != now.liquidity
            {
                crossed += 1
            }
            route[true] = try SwapRoute(after.pools, tokens: tokens)
            route[false] = try SwapRoute(after.pools, tokens: tokens.reversed())
        }
        if kind == "v3" { #expect(crossed > 2, "\(crossed)") }
    }
}
