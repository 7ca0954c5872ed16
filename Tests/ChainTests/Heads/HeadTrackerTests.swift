@testable import Chain
import Ethereum
import TestSupport
import Testing

@Suite struct HeadTrackerTests {
    private var tree = BlockTree()

    /// Answers every need of the tracker from the tree, and returns what it emitted.
    private func settle(_ tracker: inout HeadTracker, _ tree: BlockTree) -> [ChainEvent] {
        var events: [ChainEvent] = []
        while true {
            switch tracker.step() {
            case .idle: return events
            case .need(let hash):
                guard let block = tree.blocks[hash] else {
                    tracker.abandon()
                    continue
                }
                tracker.supply([block])
            case .confirm: tracker.leap()
            case .events(let new): events += new
            case .dishonest: Issue.record("the tree is honest")
            }
        }
    }

    @Test mutating func firstHeadBringsItsAncestorsSilently() {
        let chain = tree.extend(nil, by: 10)
        var tracker = HeadTracker(depth: 4)
        #expect(tracker.announce(chain[9], from: 1) == .accepted)
        #expect(settle(&tracker, tree) == [.block(chain[9])])
        #expect(tracker.floor == chain[5])
        #expect(tracker.tip == chain[9])
    }

    @Test mutating func childrenFollowAndRepeatsDoNot() {
        let chain = tree.extend(nil, by: 4)
        var tracker = HeadTracker(depth: 8, start: [chain[0]])
        for block in chain[1...] {
            #expect(tracker.announce(block, from: 1) == .accepted)
            #expect(tracker.announce(block, from: 2) == .known)
            #expect(settle(&tracker, tree) == [.block(block)])
        }
        #expect(tracker.announce(chain[1], from: 1) == .known)
        #expect(settle(&tracker, tree).isEmpty)
    }

    @Test mutating func skippedHeightsAreFetchedAndNamed() {
        let chain = tree.extend(nil, by: 8)
        var tracker = HeadTracker(depth: 8, start: [chain[0]])
        #expect(tracker.announce(chain[5], from: 1) == .accepted)
        #expect(tracker.missing(most: 3) == 2...4)
        #expect(tracker.missing(most: 30) == 1...4)
        #expect(tracker.step() == .need(chain[4].hash))
        #expect(tracker.step() == .need(chain[4].hash))
        let expected: [ChainEvent] = [.gapClosed(1...4)] + chain[1...5].map { ChainEvent.block($0) }
        #expect(settle(&tracker, tree) == expected)
    }

    @Test mutating func replacedTipIsTakenBack() {
        let chain = tree.extend(nil, by: 6)
        let sibling = tree.add(on: chain[4])
        var tracker = HeadTracker(depth: 8, start: chain)
        // Another source at the same height has to show more.
        #expect(tracker.announce(sibling, from: 1) == .accepted)
        let there: [ChainEvent] = [
            .reorg(commonAncestor: chain[4], orphaned: [chain[5]], depth: 1), .block(sibling),
        ]
        #expect(settle(&tracker, tree) == there)
        #expect(tracker.announce(chain[5], from: 2) == .rival)
        #expect(settle(&tracker, tree).isEmpty)
        // And the way back costs no fetch.
        #expect(tracker.announce(chain[5], from: 1) == .accepted)
        let back: [ChainEvent] = [
            .reorg(commonAncestor: chain[4], orphaned: [sibling], depth: 1), .block(chain[5]),
        ]
        #expect(tracker.step() == .events(back))
    }

    @Test mutating func aLowerHeadOfTheSameSourceIsAReorganisation() {
        let chain = tree.extend(nil, by: 12)
        let lower = tree.add(on: chain[5])
        var tracker = HeadTracker(depth: 8, start: Array(chain[..<11]))
        #expect(tracker.announce(chain[11], from: 1) == .accepted)
        _ = settle(&tracker, tree)
        #expect(tracker.announce(lower, from: 2) == .rival)
        #expect(tracker.announce(lower, from: 1) == .accepted)
        let orphaned = Array(chain[6...].reversed())
        let expected: [ChainEvent] = [
            .reorg(commonAncestor: chain[5], orphaned: orphaned, depth: 6), .block(lower),
        ]
        #expect(settle(&tracker, tree) == expected)
    }

    @Test mutating func aRivalWinsOnceItIsHigherOrAlone() {
        let chain = tree.extend(nil, by: 6)
        let other = tree.extend(chain[3], by: 3)
        var tracker = HeadTracker(depth: 8, start: Array(chain[..<5]))
        _ = tracker.announce(chain[5], from: 1)
        _ = settle(&tracker, tree)
        #expect(tracker.announce(other[1], from: 2) == .rival)
        var copy = tracker
        #expect(copy.announce(other[2], from: 2) == .accepted)
        #expect(settle(&copy, tree).last == .block(other[2]))
        tracker.forget(source: 1)
        #expect(tracker.announce(other[1], from: 2) == .accepted)
        #expect(settle(&tracker, tree).last == .block(other[1]))
    }

    @Test mutating func farBelowIsDriftAndFarAboveIsConfirmed() {
        let chain = tree.extend(nil, by: 60)
        var tracker = HeadTracker(depth: 4, start: Array(chain[..<31]))
        #expect(tracker.announce(chain[20], from: 1) == .tooFarBehind(blocks: 10))
        #expect(tracker.announce(chain[39], from: 1) == .accepted)
        #expect(tracker.step() == .confirm(chain[39]))
        tracker.abandon()
        #expect(tracker.step() == .idle)
        _ = tracker.announce(chain[39], from: 1)
        tracker.leap()
        #expect(settle(&tracker, tree) == [.gap(last: chain[30], next: chain[39]), .block(chain[39])])
        #expect(tracker.floor == chain[35])
        let absurd = Block(
            number: .max, hash: Hash32(word: 1), parentHash: chain[39].hash, timestamp: 0, baseFeePerGas: nil)
        #expect(tracker.announce(absurd, from: 1) == .absurd)
    }

    @Test mutating func aChainWithoutTheFloorEndsEverything() {
        let chain = tree.extend(nil, by: 20)
        for depth in [1, 2, 5] {
            // The deepest reorganisation that is borne, and one block more.
            let fits = tree.extend(chain[19 - depth], by: depth + 1)
            let breaks = tree.extend(chain[18 - depth], by: depth + 2)
            var tracker = HeadTracker(depth: depth, start: chain)
            var copy = tracker
            _ = tracker.announce(fits[depth], from: 1)
            let orphaned = Array(chain[(20 - depth)...].reversed())
            let expected = ChainEvent.reorg(commonAncestor: chain[19 - depth], orphaned: orphaned, depth: depth)
            #expect(settle(&tracker, tree).first == expected)
            _ = copy.announce(breaks[depth + 1], from: 1)
            let end: [ChainEvent] = [.finalityViolation(floor: chain[19 - depth], head: breaks[depth + 1])]
            #expect(settle(&copy, tree) == end)
            _ = copy.announce(chain[19], from: 1)
            #expect(copy.step() == .idle)
        }
    }

    @Test mutating func finalizedBlocksRaiseTheFloor() {
        let chain = tree.extend(nil, by: 20)
        let other = tree.extend(chain[15], by: 6)
        var tracker = HeadTracker(depth: 10, start: chain)
        tracker.finalize(other[0])
        #expect(tracker.floor == chain[9])
        tracker.finalize(chain[16])
        #expect(tracker.floor == chain[16])
        _ = tracker.announce(other[5], from: 1)
        #expect(settle(&tracker, tree) == [.finalityViolation(floor: chain[16], head: other[5])])
    }

    @Test mutating func numbersThatContradictParentsAreDishonest() {
        let chain = tree.extend(nil, by: 10)
        func lie(_ number: UInt64, on parent: Block, _ salt: UInt64) -> Block {
            Block(
                number: number, hash: Hash32(word: UInt256(salt)), parentHash: parent.hash, timestamp: 0,
                baseFeePerGas: nil)
        }
        for (number, parent) in [(9, 5), (6, 8), (10, 8), (8, 8)] {
            var tracker = HeadTracker(depth: 4, start: Array(chain[..<9]))
            let head = lie(UInt64(number), on: chain[parent], 77)
            _ = tracker.announce(head, from: 3)
            var last = tracker.step()
            while case .need(let hash) = last {
                guard let block = tree.blocks[hash] else { break }
                tracker.supply([block])
                last = tracker.step()
            }
            guard case .dishonest(source: 3, _) = last else {
                Issue.record("\(number) on \(parent): \(last)")
                continue
            }
            #expect(tracker.step() == .idle)
        }
    }

    /// A random tree, announced with losses, repeats and in disorder by one or several sources: whatever was seen, the
    /// last word of the source that is followed wins, and the events are the way there.
    @Test(arguments: Seed.sweep(300))
    mutating func anyOrderEndsOnTheLastHead(_ seed: Seed) {
        var generator = seed.generator
        let depth = Int.random(in: 3...24, using: &generator)
        var all = tree.extend(nil, by: 3)
        let start = all[2]
        for _ in 0..<120 {
            let parent = all[Int.random(in: max(2, all.count - 8)..<all.count, using: &generator)]
            all.append(tree.add(on: parent))
        }
        var tracker = HeadTracker(depth: depth, start: [start])
        var replica = Replica([start])
        let sources = Int.random(in: 1...3, using: &generator)
        var next = 3
        while next < all.count {
            // Announcements wander around the newest blocks.
            next += Int.random(in: 0...3, using: &generator)
            let index = min(all.count - 1, max(3, next - Int.random(in: 0...5, using: &generator)))
            _ = tracker.announce(all[index], from: Int.random(in: 1...sources, using: &generator))
            let answers = Int.random(in: 0...6, using: &generator)
            for _ in 0..<answers {
                switch tracker.step() {
                case .events(let events): for event in events { replica.take(event) }
                // Some fetches fail, some are late.
                case .need(let hash):
                    if Bool.random(using: &generator), let block = tree.blocks[hash] { tracker.supply([block]) }
                case .confirm: tracker.leap()
                case .dishonest: Issue.record("the tree is honest")
                case .idle: break
                }
            }
            #expect(tracker.pool.count <= 4 * depth + 256)
            #expect(tracker.ring.count <= depth + 1)
            guard replica.violation == nil else { return }
        }
        // Everybody agrees in the end on a block that nobody has seen, so that it is no duplicate.
        guard let tip = replica.tip else { return }
        let base = all.filter { tip.number < $0.number + 3 && $0.number >= 2 }.randomElement(using: &generator) ?? tip
        let final = tree.extend(base, by: 4)[3]
        // Twice: the first time a source may be heard while another's higher head is still looked for.
        for source in Array(1...sources) + Array(1...sources) {
            _ = tracker.announce(final, from: source)
            for event in settle(&tracker, tree) { replica.take(event) }
        }
        guard replica.violation == nil else { return }
        #expect(replica.tip == final)
        let known = tree.chain(to: final)
        #expect(replica.chain.elementsEqual(known.suffix(replica.chain.count)))
    }
}
