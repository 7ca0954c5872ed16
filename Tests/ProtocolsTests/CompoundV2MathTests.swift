import Ethereum
import Protocols
import Testing

/// The vectors of compound.md A10, and properties of the arithmetic.
@Suite struct CompoundV2MathTests {
    typealias Math = CompoundV2.Math

    private func number(_ text: String) throws -> UInt256 { try #require(UInt256(decimal: text)) }

    /// compound-finance/compound-protocol `tests/Comptroller/liquidateCalculateAmountSeizeTest.js@a3214f6`, exact.
    @Test func seizures() throws {
        let rows = [
            [
                "1000000000000000000", "1000000000000000000", "1000000000000000000", "1000000000000000000",
                "1000000000000000000", "1000000000000000000",
            ],
            [
                "2000000000000000000", "1000000000000000000", "1000000000000000000", "1000000000000000000",
                "1000000000000000000", "500000000000000000",
            ],
            [
                "2000000000000000000", "2000000000000000000", "1420000000000000000", "1300000000000000000",
                "2450000000000000000", "2242957746478873238",
            ],
            [
                "2789000000000000000", "5230480842000000000", "771320000000000000000", "1300000000000000000",
                "10002450000000000000000", "31616096631969328535",
            ],
            [
                "200123456789012345678901234", "1000123000000000000000000000000", "2345678901234567890123",
                "1080000000000000000", "23650061728", "54418039501",
            ],
        ]
        for row in rows {
            let words = try row.map { try number($0) }
            let seized = try Math.seizeTokens(
                repaying: words[4], incentive: words[3], borrowedPrice: words[1], collateralPrice: words[2],
                exchangeRate: words[0])
            #expect(seized == words[5])
        }
    }

    @Test func liquidities() throws {
        let tokens = try number("123456789012")
        let rate = try number("200123456789012345678901234")
        let weight = try number("825000000000000000")
        let price = try number("2345678901234567890123")
        for rounding in [CompoundV2.Rounding.truncating, .weightLast] {
            let value = try Math.collateral(tokens, weight: weight, rate: rate, price: price, rounding)
            #expect(value.description == "47811842833941519441060")
        }
        #expect(try Math.value(tokens, rate: rate, price: price).description == "57953748889626084170982")
        let debt = try Math.mul(number("1000123000000000000000000000000"), number("47300123456"))
        #expect(debt.description == "47305941371185088000000")
    }

    /// The three kinds of code do not agree.
    @Test func roundingsDiffer() throws {
        let tokens = try number("987654321012345678")
        let rate = try number("230456789012347")
        let price = try number("1000123000000000000000000000000")
        func value(_ weight: String, _ rounding: CompoundV2.Rounding) throws -> String {
            try Math.collateral(tokens, weight: number(weight), rate: rate, price: price, rounding).description
        }
        #expect(try value("855000000000000000", .truncating) == "194631891949332447358867063")
        #expect(try value("855000000000000000", .halfUp) == "194631891949333435134669557")
        #expect(try value("855000000000000001", .truncating) == "194631891949332447358867063")
        #expect(try value("855000000000000001", .weightLast) == "194631891949333124212931411")
    }

    @Test func accrual() throws {
        let totals = CompoundV2.Totals(
            cash: 5_000_000_000_000, borrows: 20_000_000_000_000, reserves: 123_456_000_000,
            supply: 108_765_432_109_876_543, index: try number("1087654321098765432"),
            reserveFactor: 75_000_000_000_000_000, slot: 1_000)
        let accrued = try Math.accrue(totals, rate: 23_456_789_012, to: 8_201)
        #expect(accrued.borrows == 20_003_378_246_753)
        #expect(accrued.reserves == 123_709_368_506)
        #expect(accrued.index.description == "1087838039332724987")
        #expect(try Math.exchangeRate(accrued) == 228_746_104_305_577)
        let debt = try Math.borrowBalance(
            principal: 47_300_123_456, interestIndex: number("1050000000000000000"), index: accrued.index)
        #expect(debt == 49_004_641_486)
        #expect(try Math.accrue(totals, rate: 23_456_789_012, to: 1_000) == totals)
        #expect(throws: MathError.overflow) { try Math.accrue(totals, rate: 1, to: 999) }
    }

    @Test func vai() throws {
        let amount = try Math.vaiRepayAmount(
            minted: number("1000000000000000000000"), pastInterest: number("25000000000000000000"),
            userIndex: number("1010000000000000000"), mintIndex: number("1034567890123456789"))
        #expect(amount.description == "1023953692870370369275")
        #expect(try Math.vaiRepayAmount(minted: 7, pastInterest: 0, userIndex: 0, mintIndex: .wad) == 7)
    }

    @Test func emptyMarketsHaveNoRate() throws {
        var totals = CompoundV2.Totals(
            cash: 5, borrows: 0, reserves: 0, supply: 0, index: .wad, reserveFactor: 0, slot: 0)
        #expect(try Math.exchangeRate(totals) == nil)
        totals.supply = 1
        totals.reserves = 6
        #expect(throws: MathError.overflow) { try Math.exchangeRate(totals) }
        totals.badDebt = 2
        #expect(try Math.exchangeRate(totals) == .wad)
    }

    @Test func forksAreDeclared() {
        #expect(Set(CompoundV2.Rules.known.map(\.name)).count == CompoundV2.Rules.known.count)
        #expect(CompoundV2.Rules.named("venus")?.weightWord == 3)
        #expect(CompoundV2.Rules.named("nobody") == nil)
        #expect(CompoundV2.Rules.known.allSatisfy { !$0.roundings.isEmpty })
    }
}
