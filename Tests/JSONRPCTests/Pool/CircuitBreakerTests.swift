@testable import JSONRPC
import Testing

@Suite struct CircuitBreakerTests {
    private func fail(_ breaker: inout CircuitBreaker, _ times: Int, at now: Duration = .zero) {
        for _ in 0..<times { breaker.failed(1, isMalformed: false, at: now, jitter: 0) }
    }

    @Test func opensAtTenFailuresOfForty() {
        var breaker = CircuitBreaker()
        for _ in 0..<30 { breaker.succeeded() }
        fail(&breaker, 9)
        #expect(breaker.state == .closed)
        fail(&breaker, 1)
        #expect(breaker.state == .open(until: .seconds(5)))
        #expect(!breaker.admits(at: .seconds(4)))
        #expect(breaker.admits(at: .seconds(5)))
    }

    /// Nine failures are too few, and a failure in five is too rare, however many there were.
    @Test func staysClosedBelow() {
        var breaker = CircuitBreaker()
        fail(&breaker, 9)
        #expect(breaker.state == .closed)
        var other = CircuitBreaker()
        for _ in 0..<50 {
            for _ in 0..<4 { other.succeeded() }
            fail(&other, 1)
        }
        #expect(other.state == .closed)
    }

    @Test func threeBrokenAnswersInARowOpenIt() {
        var breaker = CircuitBreaker()
        for _ in 0..<37 { breaker.succeeded() }
        for _ in 0..<2 { breaker.failed(1, isMalformed: true, at: .zero, jitter: 0) }
        breaker.succeeded()
        for _ in 0..<2 { breaker.failed(1, isMalformed: true, at: .zero, jitter: 0) }
        #expect(breaker.state == .closed)
        breaker.failed(1, isMalformed: true, at: .zero, jitter: 0)
        #expect(breaker.state == .open(until: .seconds(5)))
    }

    @Test func oneQuestionAtATimePassesAndThreeSuccessesCloseIt() {
        var breaker = CircuitBreaker()
        fail(&breaker, 10)
        for _ in 0..<3 {
            #expect(breaker.admits(at: .seconds(5)))
            breaker.began(at: .seconds(5))
            #expect(breaker.state == .halfOpen)
            #expect(!breaker.admits(at: .seconds(5)))
            breaker.succeeded()
        }
        #expect(breaker.state == .closed)
    }

    @Test func waitsDoubleUpToFiveMinutes() {
        var breaker = CircuitBreaker()
        fail(&breaker, 10)
        var now = Duration.zero
        var waits: [Duration] = []
        for _ in 0..<8 {
            guard case .open(let until) = breaker.state else { break }
            waits.append(until - now)
            now = until
            breaker.began(at: now)
            fail(&breaker, 1, at: now)
        }
        #expect(waits == [5, 10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
    }

    @Test func aQuestionWithoutAVerdictLetsTheNextOneTry() {
        var breaker = CircuitBreaker()
        fail(&breaker, 10)
        breaker.began(at: .seconds(5))
        breaker.ended()
        #expect(breaker.admits(at: .seconds(5)))
    }
}
