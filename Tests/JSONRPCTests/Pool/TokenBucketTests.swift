@testable import JSONRPC
import Testing

@Suite struct TokenBucketTests {
    @Test func aFullSecondPassesAtOnceAndThenTheRateHolds() {
        var bucket = TokenBucket()
        for _ in 0..<20 { #expect(bucket.take(at: .zero) == .zero) }
        #expect(bucket.take(at: .zero) == .milliseconds(50))
        #expect(bucket.take(at: .zero) == .milliseconds(100))
        // Two are owed; after a second there are eighteen.
        for _ in 0..<18 { #expect(bucket.take(at: .seconds(1)) == .zero) }
        #expect(bucket.take(at: .seconds(1)) > .zero)
    }

    @Test func aComplaintHalvesOnceASecondAndNotBelowThree() {
        var bucket = TokenBucket()
        bucket.refused(at: .zero)
        bucket.refused(at: .milliseconds(500))
        #expect(bucket.rate == 10)
        for second in 1...9 { bucket.refused(at: .seconds(second)) }
        #expect(bucket.rate == 3)
    }

    @Test func aRateThatIsUsedGrows() {
        var bucket = TokenBucket()
        for number in 0..<100 { bucket.succeeded(at: .milliseconds(50) * number) }
        #expect(bucket.rate == 21)
        // One that is not used stays.
        for number in 0..<105 { bucket.succeeded(at: .seconds(10) + .milliseconds(100) * number) }
        #expect(bucket.rate == 21)
    }

    @Test func itNeverGrowsBeyondFiveHundred() {
        var bucket = TokenBucket(.init(start: 490))
        for number in 0..<6_000 { bucket.succeeded(at: .milliseconds(1) * number) }
        #expect(bucket.rate == 500)
    }

    @Test func aNodeOfOnesOwnIsNotHeldBackUntilItComplains() {
        var bucket = TokenBucket(startsUnlimited: true)
        for _ in 0..<1_000 { #expect(bucket.take(at: .zero) == .zero) }
        bucket.refused(at: .seconds(1))
        #expect(bucket.rate == 20)
        #expect(bucket.take(at: .seconds(1)) == .milliseconds(50))
    }
}

@Suite struct AllowanceTests {
    @Test func extraQuestionsArePaidForByOrdinaryOnes() {
        var allowance = Allowance(perQuestion: 0.1, most: 2)
        func spend() -> Bool { allowance.spend() }
        #expect([spend(), spend(), spend()] == [true, true, false])
        for _ in 0..<9 { allowance.earn() }
        #expect(!spend())
        for _ in 0..<2 { allowance.earn() }
        #expect(spend())
        for _ in 0..<1_000 { allowance.earn() }
        #expect([spend(), spend(), spend()] == [true, true, false])
    }
}

@Suite struct LatencyLogTests {
    @Test func percentileNeedsTwentySamples() {
        var log = LatencyLog()
        for number in 1...19 { log.add(.milliseconds(number), method: "m") }
        #expect(log.p95("m") == nil)
        log.add(.milliseconds(20), method: "m")
        #expect(log.p95("m") == .milliseconds(20))
        #expect(log.p95("other") == nil)
        for _ in 0..<500 { log.add(.milliseconds(5), method: "m") }
        #expect(log.p95("m") == .milliseconds(5))
    }

    @Test func methodsAreBounded() {
        var log = LatencyLog()
        for method in 0..<100 { for _ in 0..<20 { log.add(.milliseconds(1), method: "\(method)") } }
        #expect((0..<100).count { log.p95("\($0)") != nil } == 32)
    }
}
