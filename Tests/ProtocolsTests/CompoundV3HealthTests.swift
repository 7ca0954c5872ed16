import Chain
import Ethereum
import Lending
import TestSupport
import Testing

@testable import Protocols

@Suite struct CompoundV3HealthTests {
    static let wad = UInt256.wad

    static func asset(
        _ offset: Int, price: Reading<UInt256> = .known(100_000_000), liquidate: UInt256 = .wad,
        liquidation: UInt256 = .wad, scale: UInt256 = .wad
    ) -> CompoundV3.Asset {
        CompoundV3.Asset(
            offset: offset, token: Address(word: UInt256(UInt64(offset + 1))), symbol: "C\(offset)", decimals: 18,
            priceFeed: .zero, scale: scale, borrowCollateralFactor: .zero, liquidateCollateralFactor: liquidate,
            liquidationFactor: liquidation, price: price, isDeactivated: false)
    }

    static func state(
        _ assets: [CompoundV3.Asset], _ totals: CompoundV3.Totals? = nil,
        basePrice: Reading<UInt256> = .known(100_000_000),
        rules: CompoundV3.Rules = .extended
    ) -> CompoundV3.MarketState {
        let flat = CompoundV3.Totals(
            baseSupplyIndex: CompoundV3.Math.indexScale, baseBorrowIndex: CompoundV3.Math.indexScale,
            totalSupplyBase: .zero, totalBorrowBase: .zero, lastAccrualTime: 0)
        let curve = CompoundV3.Curve(kink: .zero, slopeLow: .zero, slopeHigh: .zero, base: .zero)
        return CompoundV3.MarketState(
            rules: rules, timestamp: 0, totals: totals ?? flat, accrued: totals ?? flat,
            base: CompoundV3.Base(
                token: .zero, symbol: "USDC", decimals: 6, scale: 1_000_000, priceFeed: .zero, price: basePrice,
                borrowMin: .zero, targetReserves: .zero, storeFrontPriceFactor: .zero),
            assets: assets, valueUnit: ValueUnit(symbol: "USD", decimals: 8), supplyCurve: curve, borrowCurve: curve)
    }

    static func health(
        _ state: CompoundV3.MarketState, _ principal: Int64, _ assetsIn: UInt32, _ balances: [UInt256]
    ) throws -> CompoundV3.Health {
        try state.health(principal: Int256(principal), assetsIn: assetsIn, balances: balances, state.totals)
    }

    /// compound-finance/comet test/is-liquidatable-test.ts@d5a30b0a.
    @Test func theProtocolsOwnCases() throws {
        let debt: Int64 = -100_000_000_000
        for (price, factor, balance, expected) in [
            (100_000_000, 100, 100_000, false), (100_000_000, 80, 100_000, true), (100_000_000, 100, 95_000, true),
            (50_000_000, 100, 100_000, true),
        ] as [(UInt256, UInt256, UInt256, Bool)] {
            let state = Self.state([
                Self.asset(0, price: .known(price), liquidate: try factor * 10_000_000_000_000_000)
            ])
            let health = try Self.health(state, debt, 1, [try balance * .wad])
            #expect(health.liquidatable == expected)
            #expect((try #require(health.factor) < .wad) == expected)
        }
        #expect(try !Self.health(Self.state([]), 0, 0, []).liquidatable)
        #expect(try !Self.health(Self.state([]), 5, 0, []).liquidatable)
        #expect(try Self.health(Self.state([]), debt, 0, []).liquidatable)
    }

    /// The view says that it is healthy, and `absorb` succeeds: interest since the last accrual is between them.
    @Test func interestDecides() throws {
        let assets = [
            Self.asset(0, price: .known(234_567_890_123), liquidate: 895_000_000_000_000_000)
        ]
        let balances: [UInt256] = [47_630_000_000_000_000_000]
        let stored = Self.state(assets, CompoundV3MathTests.stored, basePrice: .known(99_993_456))
        let accrued = Self.state(assets, try CompoundV3MathTests.accrued(), basePrice: .known(99_993_456))
        let view = try Self.health(stored, -87_900_162_770, 1, balances)
        #expect(view.liquidity == Int256(13_802_869))
        #expect(!view.liquidatable)
        let execution = try Self.health(accrued, -87_900_162_770, 1, balances)
        #expect(execution.liquidity == Int256(-63_974_140))
        #expect(execution.liquidatable)
    }

    @Test func equalityIsHealthyAndDustIsNothing() throws {
        let state = Self.state([Self.asset(0)])
        #expect(try !Self.health(state, -1_000_000, 1, [.wad]).liquidatable)
        #expect(try Self.health(state, -1_000_000, 1, [.wad - 10_000_000_000]).liquidatable)
        // A debt worth less than one base unit of currency is cut to nothing.
        let cheap = Self.state([], basePrice: .known(1))
        let dust = try Self.health(cheap, -999_999, 0, [])
        #expect(!dust.liquidatable)
        #expect(dust.factor == .max)
        #expect(try Self.health(cheap, -1_000_000, 0, []).liquidatable)
    }

    /// Nothing behind the point where the loop returns is needed for the verdict; before it, everything is.
    @Test func aBrokenFeedOnlyCountsWhereItIsRead() throws {
        let broken = Reading<UInt256>.unknown(.reverted("BadPrice"))
        let late = Self.state([Self.asset(0), Self.asset(1, price: broken)])
        let health = try Self.health(late, -1_000_000, 3, [try 2 * .wad, .wad])
        #expect(!health.liquidatable)
        #expect(health.weighted == nil)
        #expect(health.factor == nil)
        #expect(throws: CompoundV3.Halt.price(asset: 1)) { try Self.health(late, -3_000_000, 3, [2 * .wad, .wad]) }
        // A bit that is not set is not read at all.
        #expect(try Self.health(late, -3_000_000, 1, [try 2 * .wad]).liquidatable)
        #expect(throws: CompoundV3.Halt.basePrice) {
            try Self.health(Self.state([], basePrice: broken), -1, 0, [])
        }
        let zero = Self.asset(0, price: broken, liquidate: .zero)
        #expect(try Self.health(Self.state([zero], rules: .patched), -1_000_000, 1, [.wad]).liquidatable)
        #expect(throws: CompoundV3.Halt.price(asset: 0)) { try Self.health(Self.state([zero]), -1_000_000, 1, [.wad]) }
    }

    @Test func allTwentyFourBitsCount() throws {
        let state = Self.state((0..<24).map { Self.asset($0) })
        for bit in 0..<24 {
            let health = try Self.health(state, -1_000_000, 1 << UInt32(bit), [.wad])
            #expect(!health.liquidatable, "bit \(bit)")
        }
        #expect(try !Self.health(state, -24_000_000, 0xff_ffff, [UInt256](repeating: .wad, count: 24)).liquidatable)
        #expect(try Self.health(state, -24_000_001, 0xff_ffff, [UInt256](repeating: .wad, count: 24)).liquidatable)
    }

    @Test func whatLeavesItsTypeReverts() throws {
        let state = Self.state([Self.asset(0, price: .known(Int256.max.magnitude))])
        #expect(throws: CompoundV3.Halt.reverts(.overflow)) { try Self.health(state, -1_000_000, 1, [.wad]) }
        let nowhere = Self.state([Self.asset(0, scale: .zero)])
        #expect(throws: CompoundV3.Halt.reverts(.divisionByZero)) { try Self.health(nowhere, -1_000_000, 1, [.wad]) }
        #expect(throws: CompoundV3.Halt.accrual) {
            try state.health(principal: Int256(-1), assetsIn: 0, balances: [], nil)
        }
    }

    @Test func rowsOfAnotherShapeAreRefused() {
        let row = CompoundV3.Row(assetsIn: 0x82_8005, balances: [1, 2, 3, 4, .max])
        #expect(CompoundV3.Row(row.bytes) == row)
        #expect(CompoundV3.Row(CompoundV3.Row(assetsIn: 0, balances: []).bytes)?.balances == [])
        for count in 0..<row.bytes.count where count != row.bytes.count {
            #expect(CompoundV3.Row(Array(row.bytes.prefix(count))) == nil, "cut at \(count)")
        }
        #expect(CompoundV3.Row([UInt8](repeating: 0xff, count: 64)) == nil)
        #expect(CompoundV3.Row(row.bytes + [UInt8](repeating: 0, count: 32)) == nil)
    }
}
