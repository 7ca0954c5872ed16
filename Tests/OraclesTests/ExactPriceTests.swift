import Ethereum
import Testing

@testable import Oracles

struct ExactPriceTests {
    @Test func whatIsNoPriceIsRefusedWithItsReason() throws {
        #expect(throws: PriceFault.zero) { _ = try ExactPrice(.zero, decimals: 8) }
        #expect(throws: PriceFault.negative) { _ = try ExactPrice(answer: Int256(-1), decimals: 8) }
        #expect(throws: PriceFault.absurd("about 10^60")) { _ = try ExactPrice(UInt256.powerOfTen(60), decimals: 0) }
        #expect(throws: PriceFault.absurd("78 decimal places")) { _ = try ExactPrice(.one, decimals: 78) }
        #expect(throws: PriceFault.self) { _ = try ExactPrice(.max, decimals: 8) }
        // Wrong by 10^12 still is a price: that is a detector's to say.
        #expect(try ExactPrice(2_650 * UInt256.powerOfTen(12), decimals: 0).description == "2650000000000000")
    }

    @Test func comparesAcrossDecimals() throws {
        let eight = try ExactPrice(200_000_000_000, decimals: 8)
        let eighteen = try ExactPrice(2_010 * UInt256.powerOfTen(18), decimals: 18)
        #expect(eight.isBelow(eighteen) && !eighteen.isBelow(eight))
        #expect(eighteen.deviationBps(from: eight) == 50)
        // -0.4975 %, rounded towards zero.
        #expect(eight.deviationBps(from: eighteen) == -49)
        #expect(eight.description == "2000")
        #expect(try ExactPrice(1, decimals: 20).description == "0.00000000000000000001")
    }

    @Test func anAnswerFromTheFutureIsNoPrice() throws {
        let source = SourceIdentity("feed", .chainlink)
        let price = ObservedPrice.known(try ExactPrice(1, decimals: 0))
        let ahead = Observation(source, price, updatedAt: 1_000, observedAt: 100)
        #expect(ahead.price == .unknown(.future(900)))
        #expect(Observation(source, price, updatedAt: 150, observedAt: 100).price == price)
    }
}
