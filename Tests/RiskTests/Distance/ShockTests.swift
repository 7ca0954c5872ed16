import Ethereum
import Lending
@testable import Risk
import TestSupport
import Testing

@Suite struct ShockTests {
    static func asset(_ number: Int, _ symbol: String, _ price: UInt256) -> PricedAsset {
        PricedAsset(
            asset: RandomPosition.asset(number), symbol: symbol, decimals: 18, priceRaw: price,
            priceScale: 100_000_000, currency: "USD", source: PriceSource(.feed))
    }

    static let assets = [
        asset(0, "WETH", 200_000_000_000), asset(1, "wstETH", 240_000_000_000), asset(2, "USDC", 100_000_000),
        asset(3, "LINK", 1_500_000_001),
    ]

    static var roots: PriceRoots {
        var roots = PriceRoots(of: assets)
        let ether = PriceRoot("chainlink:ETH / USD")
        roots.powers[RandomPosition.asset(0)] = [PriceRoots.Power(ether)]
        roots.powers[RandomPosition.asset(1)] = [
            PriceRoots.Power(ether), PriceRoots.Power(PriceRoot("rate:0x01")),
        ]
        roots.names[ether] = "ETH"
        return roots
    }

    static func prices(_ text: String) throws -> [Int: UInt256] {
        let moved = try Shock(parsing: text).prices(of: assets, roots: roots)
        var found: [Int: UInt256] = [:]
        for number in 0..<4 { found[number] = moved.prices[RandomPosition.asset(number)] }
        return found
    }

    @Test func aRootMovesWhatHangsOnIt() throws {
        #expect(try Self.prices("ETH=-20%") == [0: 160_000_000_000, 1: 192_000_000_000])
        #expect(try Self.prices("eth=x0.5,LINK=+10%") == [0: 100_000_000_000, 1: 120_000_000_000, 3: 1_650_000_001])
        #expect(try Self.prices("USDC=0.97") == [2: 97_000_000])
        #expect(try Self.prices("ETH=-12.5%") == [0: 175_000_000_000, 1: 210_000_000_000])
        // A later term acts on what the earlier one left.
        #expect(try Self.prices("ETH=x0.5,wstETH=x0.5") == [0: 100_000_000_000, 1: 60_000_000_000])
    }

    @Test func allIsWhateverIsNoDollar() throws {
        #expect(
            try Self.prices("ALL=-50%") == [0: 100_000_000_000, 1: 120_000_000_000, 3: 750_000_000])
    }

    @Test func aPriceNeverBecomesZero() throws {
        #expect(try Self.prices("USDC=-100%") == [2: .one])
    }

    @Test func unknownNamesMoveNothing() throws {
        let moved = try Shock(parsing: "ETH=-1%,DOGE=-1%").prices(of: Self.assets, roots: Self.roots)
        #expect(moved.used == [0])
    }

    @Test(arguments: [
        "", "ETH", "ETH=", "=5%", "ETH=5%", "ETH=-101%", "ETH=--5%", "ETH=x", "ETH=x-1", "ETH=1e5", "ETH=-5%,",
        "ETH=.5",
        "ETH=0x5", "ETH=" + String(repeating: "9", count: 60),
    ]) func whatIsNoShockIsRefused(text: String) {
        #expect(throws: Shock.Failure.self) { try Shock(parsing: text) }
    }

    /// The sorted list answers what looking at every entry does.
    @Test(arguments: Seed.sweep(20)) func thresholdsAnswerAsTheWholeBook(seed: Seed) {
        var random = seed.generator
        func entries(_ count: Int) -> [ThresholdIndex.Entry] {
            (0..<count).map { _ in
                ThresholdIndex.Entry(
                    price: .random(bits: 0...8, using: &random), debt: .random(bits: 0...100, using: &random))
            }
        }
        let falling = entries(Int.random(in: 0...60, using: &random))
        let rising = entries(Int.random(in: 0...20, using: &random))
        let index = ThresholdIndex(falling: falling, rising: rising)
        for number in 0...260 as ClosedRange<UInt64> {
            let price = UInt256(number)
            let fallen = falling.filter { price <= $0.price } + rising.filter { price >= $0.price }
            let debt = fallen.reduce(UInt256.zero) { $0.addingOrMax($1.debt) }
            #expect(index.fall(at: price) == ThresholdIndex.Fall(count: fallen.count, debt: debt), "\(seed)")
        }
    }
}
