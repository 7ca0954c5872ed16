import Synchronization
import Testing

@testable import plimsoll

@Suite struct ProgressBarTests {
    private func state(_ done: Int, of total: Int?) -> ProgressState {
        ProgressState(step: "discovering", done: done, total: total, unit: "blocks")
    }

    @Test func showsShareRateAndTimeLeft() {
        let text = ProgressLine.text(state(12_345, of: 20_000), seconds: 10, width: 120)
        #expect(text == "discovering  [████████████········]  61 %  12,345 of 20,000 blocks  1,234/s  0:07 left")
    }

    @Test(
        arguments: [
            (0, 0, "discovering  0 blocks"), (3, nil, "discovering  3 blocks"),
            (9, 5, "discovering  [████████████████████]  100 %  9 of 5 blocks"),
        ] as [(Int, Int?, String)])
    func promisesNothingUnknown(done: Int, total: Int?, text: String) {
        #expect(ProgressLine.text(state(done, of: total), seconds: 0, width: 120) == text)
    }

    @Test func showsHours() {
        #expect(ProgressLine.text(state(10, of: 100_000), seconds: 1, width: 120).hasSuffix("2:46:39 left"))
    }

    @Test func fitsTheWidth() {
        #expect(DisplayText.width(ProgressLine.text(state(1, of: 9), seconds: 5, width: 30)) == 30)
    }

    @Test func drawsTenTimesASecondAndClears() {
        let clock = Mutex(0.0)
        let drawn = Mutex<[String]>([])
        let bar = ProgressBar(
            width: 80, now: { clock.withLock { $0 } }, sink: { text in drawn.withLock { $0.append(text) } })
        for step in 0..<100 {
            clock.withLock { $0 = Double(step) / 64 }
            bar.update(state(step, of: 100))
        }
        bar.clear()
        bar.clear()
        let lines = drawn.withLock { $0 }
        #expect(lines.count == 16)
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("\r\u{1B}[Kdiscovering") })
        #expect(lines.last == "\r\u{1B}[K")
    }

    @Test func isSilentWithoutATerminal() {
        let bar = ProgressBar(width: nil, now: { 0 }, sink: { Issue.record("drew \($0)") })
        bar.update(state(1, of: 2))
        bar.clear()
    }
}
