import Ethereum
import Testing

@testable import plimsoll

@Suite struct FixedPointTextTests {
    struct Case: Sendable {
        let value: String
        let decimals: Int
        let places: Int
        let down: String
        let halfEven: String
    }

    @Test(arguments: [
        Case(value: "0", decimals: 18, places: 2, down: "0.00", halfEven: "0.00"),
        Case(value: "1", decimals: 8, places: 2, down: "0.00", halfEven: "0.00"),
        Case(value: "123456789012345", decimals: 8, places: 2, down: "1,234,567.89", halfEven: "1,234,567.89"),
        Case(value: "125", decimals: 3, places: 2, down: "0.12", halfEven: "0.12"),
        Case(value: "135", decimals: 3, places: 2, down: "0.13", halfEven: "0.14"),
        Case(value: "1250001", decimals: 7, places: 2, down: "0.12", halfEven: "0.13"),
        Case(value: "999999", decimals: 3, places: 2, down: "999.99", halfEven: "1,000.00"),
        Case(value: "99999", decimals: 1, places: 0, down: "9,999", halfEven: "10,000"),
        Case(value: "5", decimals: 0, places: 3, down: "5.000", halfEven: "5.000"),
        Case(value: "1000", decimals: 0, places: 0, down: "1,000", halfEven: "1,000"),
        Case(
            value: "115792089237316195423570985008687907853269984665640564039457584007913129639935", decimals: 77,
            places: 4, down: "1.1579", halfEven: "1.1579"),
    ])
    func roundsAsAsked(example: Case) throws {
        let value = try #require(UInt256(decimal: example.value))
        let (decimals, places) = (example.decimals, example.places)
        #expect(FixedPointText.grouped(value, decimals: decimals, places: places, .down) == example.down)
        #expect(FixedPointText.grouped(value, decimals: decimals, places: places, .halfEven) == example.halfEven)
    }

    @Test(arguments: [
        ("1023400000000000000", "1.0234"), ("999999999999999999", "0.9999"), ("1000000000000000000", "1.0000"),
        ("0", "0.0000"),
    ])
    func neverShowsHealthAboveWhatItIs(wad: String, text: String) throws {
        #expect(FixedPointText.health(try #require(UInt256(decimal: wad))) == text)
    }

    @Test func showsNoDebtAsInfinity() {
        #expect(FixedPointText.health(.max) == "∞")
    }

    @Test(arguments: [(0, "0.00"), (194, "1.94"), (10_000, "100.00"), (-5, "-0.05"), (1_234_567, "12,345.67")])
    func showsBasisPointsAsPercent(bps: Int, text: String) {
        #expect(FixedPointText.percent(bps: bps) == text)
    }

    @Test(arguments: [("1500", 3, "1.5"), ("1000", 3, "1"), ("1", 18, "0.000000000000000001"), ("12", 0, "12")])
    func hasAnExactForm(value: String, decimals: Int, text: String) throws {
        #expect(FixedPointText.exact(try #require(UInt256(decimal: value)), decimals: decimals) == text)
    }

    @Test func groupsNegativeNumbers() {
        #expect(FixedPointText.grouped(-1234) == "-1,234")
        #expect(FixedPointText.grouped(Int.min) == "-9,223,372,036,854,775,808")
    }
}
