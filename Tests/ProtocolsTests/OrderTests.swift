import Ethereum
import Lending
import Risk
import TestSupport
import Testing

@Suite struct OrderTests {
    private static let unit = UInt256.wad

    private static var positions: [Position] {
        var sunk = PositionRecordTests.position(1, health: 400_000_000_000_000_000, debt: 500)
        sunk.collateralValue = 300
        let small = PositionRecordTests.position(2, health: 990_000_000_000_000_000, debt: 10)
        let large = PositionRecordTests.position(3, health: 999_000_000_000_000_000, debt: 9_000)
        let near = PositionRecordTests.position(4, health: 1_010_000_000_000_000_000, debt: 70)
        let far = PositionRecordTests.position(5, health: 3_000_000_000_000_000_000, debt: 80_000)
        let unknown = PositionRecordTests.position(6)
        let idle = PositionRecordTests.position(7, health: .max, debt: .zero)
        return [idle, unknown, far, near, large, small, sunk]
    }

    private func order(_ order: Order) -> [UInt64] { order.sorted(Self.positions).map(\.account.address.b) }

    @Test func urgency() { #expect(order(.urgency) == [3, 1, 2, 6, 4, 5, 7]) }
    @Test func borrower() { #expect(order(.borrower) == [1, 2, 3, 6, 4, 5, 7]) }
    @Test func lender() { #expect(order(.lender) == [1, 6, 2, 3, 4, 5, 7]) }
    @Test func health() { #expect(order(.health) == [6, 1, 2, 3, 4, 5, 7]) }
    @Test func distance() { #expect(order(.distance) == [6, 1, 2, 3, 4, 5, 7]) }
    @Test func debt() { #expect(order(.debt) == [6, 5, 3, 1, 4, 2, 7]) }

    @Test(arguments: Order.allCases, Seed.sweep(5))
    func orderOfTheInputDoesNotMatter(order: Order, seed: Seed) {
        var random = seed.generator
        let sorted = order.sorted(Self.positions).map(\.account)
        #expect(order.sorted(Self.positions.shuffled(using: &random)).map(\.account) == sorted)
    }

    @Test func namesAreThoseOfTheCommandLine() {
        #expect(
            Order.allCases.map(\.rawValue) == ["urgency", "borrower", "keeper", "lender", "distance", "health", "debt"])
    }

    @Test func jointFall() {
        let positions = Dictionary(uniqueKeysWithValues: Self.positions.map { ($0.account.address.b, $0) })
        func fall(_ number: UInt64) -> Int? { positions[number].flatMap { Proximity.jointFallBps(of: $0) } }
        // 1 − 1 / 1.01 is 0.99 %, 1 − 1 / 3 is 66.66 %.
        #expect(fall(4) == 99 && fall(5) == 6_666 && fall(1) == 0)
        #expect(fall(6) == nil && fall(7) == nil)
    }
}
