import Ethereum
import Testing

@testable import Keeper

@Suite struct FeedQueueTests {
    private func line(_ seq: UInt64, _ kind: FeedMessage.Kind, _ id: Int? = nil, bytes: Int = 10) -> FeedLine {
        FeedLine(seq: seq, kind: kind, id: id.map(FeedWorld.id), bytes: [UInt8](repeating: 65, count: bytes))
    }

    private func rest(of queue: FeedQueue) async -> [UInt64] {
        queue.finish()
        var numbers: [UInt64] = []
        while let line = await queue.next() { numbers.append(line.seq) }
        return numbers
    }

    @Test func fullQueuesKeepTheNewestOfEachPosition() async {
        let queue = FeedQueue(FeedQueue.Limits(messages: 6, overflow: .coalesce))
        for line in [
            line(1, .watch, 1), line(2, .opportunity, 2), line(3, .head), line(4, .watch, 1), line(5, .head),
            line(6, .opportunity, 2), line(7, .close, 2),
        ] {
            #expect(queue.offer(line))
        }
        #expect(queue.coalesced == 4)
        #expect(await rest(of: queue) == [4, 5, 7])
    }

    @Test func whatMustNotBeLostIsNever() async {
        let queue = FeedQueue(FeedQueue.Limits(messages: 4, overflow: .coalesce))
        for line in [line(1, .retract), line(2, .close, 1), line(3, .gap), line(4, .status)] {
            #expect(queue.offer(line))
        }
        // One more does not fit, and none may go: the consumer is cut off, and knows.
        #expect(!queue.offer(line(5, .retract)))
        #expect(queue.end == .overflow)
        #expect(await queue.next() == nil)
        #expect(!queue.offer(line(6, .head)))
    }

    @Test func bytesCountToo() {
        let queue = FeedQueue(FeedQueue.Limits(messages: 100, bytes: 1_000, overflow: .disconnect))
        #expect(queue.offer(line(1, .watch, 1, bytes: 900)))
        #expect(!queue.offer(line(2, .watch, 1, bytes: 200)))
        #expect(queue.end == .overflow)
        #expect(queue.count == 0)
    }

    @Test func whoWaitsIsServedAtOnce() async {
        let queue = FeedQueue()
        async let first = queue.next()
        while queue.offer(line(1, .head)), queue.count == 0 { await Task.yield() }
        #expect(await first?.seq == 1)
    }

    @Test func whoIsCancelledIsLetGo() async {
        let queue = FeedQueue()
        let task = Task { await queue.next() }
        task.cancel()
        #expect(await task.value == nil)
        #expect(queue.end == nil)
    }

    @Test func aThousandMessagesComeInOrder() async {
        let queue = FeedQueue(FeedQueue.Limits(messages: 100_000))
        for seq in 1...5_000 { queue.offer(line(UInt64(seq), .watch, seq)) }
        var expected: UInt64 = 1
        while expected <= 5_000, let line = await queue.next() {
            #expect(line.seq == expected)
            expected += 1
        }
        #expect(expected == 5_001)
        #expect(queue.count == 0)
    }
}
