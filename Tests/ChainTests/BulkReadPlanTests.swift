import Ethereum
import Testing

@testable import Chain

@Suite struct BulkReadPlanTests {
    private func group(_ count: Int, returnLength: Int = 192, gas: Int = 3_000_000) -> CallGroup {
        CallGroup(
            target: .zero, selector: Selector(signature: "a(address)"),
            arguments: (0..<count).map { UInt256(UInt64($0)) },
            returnLength: returnLength, gasPerCall: gas)
    }

    private func plan(_ groups: [CallGroup]) -> BulkReadPlan {
        BulkReadPlan(groups: groups, limits: .init(), overhead: (each: 1, whole: 64), padsAnswers: false)
    }

    @Test func partsFitTheReturnCap() {
        var plan = plan([group(1_200)])
        let (parts, _, _) = plan.round()
        // (100000 − 64) / 193 = 517: rpc limits of Erigon and Bor.
        #expect(parts.map(\.range) == [0..<517, 517..<1_034, 1_034..<1_200])
    }

    @Test func exchangesFitTheGasBudget() {
        var plan = plan([group(7_238)])
        let (parts, sizes, _) = plan.round()
        #expect(parts.count == 14)
        #expect(sizes.reduce(0, +) == 14)
        // 45 million gas each: twelve fit 540 million, of which nineteen would fit the bytes.
        #expect(sizes == [12, 2])
    }

    @Test func aShortAnswerIsContinuedWhereItStopped() {
        var plan = plan([group(500)])
        let (parts, _, _) = plan.round()
        #expect(parts.count == 1)
        let goesOn = plan.stopped(parts[0], after: 200)
        #expect(goesOn)
        #expect(plan.pending.map(\.range) == [200..<400, 400..<500])
    }

    @Test func aCompleteAnswerLeavesNothing() {
        var plan = plan([group(10)])
        let (parts, _, _) = plan.round()
        let complete = plan.stopped(parts[0], after: 10)
        #expect(complete)
        #expect(plan.pending.isEmpty)
    }

    @Test func whatIsTooLargeIsHalvedDownToOneCall() {
        var plan = plan([group(7)])
        var rounds = 0
        var alone = 0
        while !plan.pending.isEmpty {
            let (parts, _, _) = plan.round()
            rounds += 1
            for part in parts {
                let halved = plan.halve(part)
                if !halved { alone += 1 }
            }
            #expect(rounds < 10)
        }
        #expect(alone == 7)
    }

    @Test(arguments: [1, 2, 3, 50, 517, 518])
    func everyCallIsAskedExactlyOnce(count: Int) {
        var plan = plan([group(count), group(count * 2, returnLength: 32, gas: 100_000)])
        var seen: [Set<Int>] = [[], []]
        while !plan.pending.isEmpty {
            let (parts, sizes, _) = plan.round()
            #expect(sizes.reduce(0, +) == parts.count)
            for part in parts {
                let done = max(1, part.range.count * 2 / 3)
                for index in part.range.prefix(done) { #expect(seen[part.group].insert(index).inserted) }
                let goesOn = plan.stopped(part, after: done)
                #expect(goesOn)
            }
        }
        #expect(seen[0].count == count)
        #expect(seen[1].count == count * 2)
    }
}
