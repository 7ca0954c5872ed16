import Testing

@testable import Chain

@Suite struct LogWidthTests {
    @Test func growsByTwoAtMost() {
        var width = LogWidth()
        width.passed(width: 2_000, logs: 0)
        #expect(width.blocks == 4_000)
        width.passed(width: 4_000, logs: 0)
        #expect(width.blocks == 8_000)
    }

    @Test func aShortLastRangeDoesNotGrow() {
        var width = LogWidth()
        width.passed(width: 10, logs: 0)
        #expect(width.blocks == 2_000)
    }

    @Test func densityPredictsTheWidth() {
        var width = LogWidth()
        width.passed(width: 2_000, logs: 10_000)
        // Five logs a block and room for 6,000: 1,200 blocks.
        #expect(width.blocks == 1_200)
    }

    @Test func aResultCapIsLearned() {
        var width = LogWidth()
        width.tooMany(width: 2_000, cap: 1_000)
        #expect(width.resultCap == 1_000)
        #expect(width.blocks == 1_000)
        width.passed(width: 1_000, logs: 400)
        #expect(width.blocks <= 2_000)
    }

    @Test func aStructuralCapNeverWidens() {
        var width = LogWidth()
        width.tooWide(width: 2_000, limit: 800)
        #expect(width.blocks == 800)
        width.passed(width: 800, logs: 0)
        #expect(width.blocks == 800)
        width.tooWide(width: 800, limit: nil)
        #expect(width.blocks == 400)
    }

    @Test func aLimitThatDoesNotHelpStillNarrows() {
        var width = LogWidth()
        width.tooWide(width: 5, limit: 10_000)
        #expect(width.blocks == 2)
    }

    @Test(arguments: [1, 2, 3, 17, 2_000])
    func shrinksToOneAndStays(start: UInt64) {
        var width = LogWidth()
        var size = start
        for _ in 0..<64 {
            width.tooSlow(width: size)
            size = width.blocks
        }
        #expect(width.blocks == 1)
    }
}
