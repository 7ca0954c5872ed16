@testable import JSONRPC
import Synchronization
import Testing

@Suite struct GateTests {
    @Test func narrowsWhenRateLimitedAndWidensSlowly() async throws {
        let gate = Gate(limit: 8)
        for expected in [4, 2, 1, 1] {
            try await gate.enter("host")
            gate.leave(wasRateLimited: true)
            #expect(gate.limit == expected)
        }
        for _ in 0..<15 {
            try await gate.enter("host")
            gate.leave(wasRateLimited: false)
        }
        #expect(gate.limit == 1)
        for _ in 0..<200 {
            try await gate.enter("host")
            gate.leave(wasRateLimited: false)
        }
        #expect(gate.limit == 8)
    }

    @Test func refusesMoreThanItKeepsWaiting() async throws {
        let gate = Gate(limit: 1, mostWaiting: 0)
        try await gate.enter("host")
        #expect(await caught { () throws(RPCError) in try await gate.enter("host") } == .saturated(endpoint: "host"))
        gate.leave(wasRateLimited: false)
        try await gate.enter("host")
    }

    @Test func cancelledBeforeItWaits() async throws {
        let gate = Gate(limit: 1)
        try await gate.enter("host")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await caught { () throws(RPCError) in try await gate.enter("host") }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    /// Entered, cancelled while waiting, cancelled before: whoever leaves lets the next in, and nobody is forgotten.
    @Test func cancellationLosesNoPlace() async throws {
        let gate = Gate(limit: 2)
        let inside = Counter()
        await withTaskGroup { group in
            for number in 0..<400 {
                group.addTask {
                    let task = Task {
                        do throws(RPCError) {
                            try await gate.enter("host")
                        } catch {
                            return
                        }
                        inside.enter()
                        await Task.yield()
                        inside.leave()
                        gate.leave(wasRateLimited: false)
                    }
                    if number % 3 == 0 { task.cancel() }
                    await task.value
                }
            }
        }
        let counts = inside.counts
        #expect(counts.now == 0)
        #expect(counts.most <= 2)
        #expect(counts.entered >= 266)
        // Both places are free again.
        try await gate.enter("host")
        try await gate.enter("host")
    }
}
