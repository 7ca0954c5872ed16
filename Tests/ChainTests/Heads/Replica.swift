import Chain
import Ethereum
import Testing

/// What a consumer of head events believes; refuses events that do not fit.
struct Replica {
    private(set) var chain: [Block]
    private(set) var reorgs: [Int] = []
    private(set) var gaps = 0
    private(set) var violation: Block?
    private(set) var statuses: [HeadStatus] = []
    private var announced: ClosedRange<UInt64>?
    private var leapsTo: Block?

    init(_ start: [Block] = []) { chain = start }

    var tip: Block? { chain.last }

    mutating func take(_ event: ChainEvent) {
        #expect(violation == nil, "nothing follows a violation")
        switch event {
        case .block(let block):
            if let leap = leapsTo {
                #expect(leap == block)
                chain = []
            } else if let tip {
                let fits = block.parentHash == tip.hash && block.number == tip.number + 1
                #expect(fits, "\(block.number) on \(tip.number)")
            }
            leapsTo = nil
            chain.append(block)
        case .reorg(let ancestor, let orphaned, let depth):
            #expect(depth == orphaned.count && depth > 0)
            // What the stream began on was never told as a block.
            let told = min(depth, chain.count)
            #expect(Array(orphaned.prefix(told)) == Array(chain.suffix(told).reversed()))
            chain.removeLast(told)
            if chain.isEmpty { chain = [ancestor] }
            #expect(chain.last == ancestor)
            reorgs.append(depth)
        case .gapClosed(let heights):
            // They follow, on the ancestor that was named or on the tip.
            #expect(chain.last.map { $0.number < heights.lowerBound } ?? true)
        case .gap(let last, let next):
            #expect(last == tip)
            leapsTo = next
            gaps += 1
        case .finalityViolation(_, let head): violation = head
        case .status(let status): statuses.append(status)
        }
    }
}

/// Blocks of a made-up tree.
struct BlockTree {
    private(set) var blocks: [Hash32: Block] = [:]
    private var made: UInt64 = 0

    mutating func add(on parent: Block?, timestamp: UInt64? = nil) -> Block {
        made += 1
        let number = parent.map { $0.number + 1 } ?? 0
        let block = Block(
            number: number, hash: Keccak256.hash(Array("block \(made)".utf8)), parentHash: parent?.hash ?? .zero,
            timestamp: timestamp ?? 1_700_000_000 + number * 12, baseFeePerGas: nil)
        blocks[block.hash] = block
        return block
    }

    /// That many blocks, each on the one before.
    mutating func extend(_ parent: Block?, by count: Int) -> [Block] {
        var chain: [Block] = []
        for _ in 0..<count { chain.append(add(on: chain.last ?? parent)) }
        return chain
    }

    /// From the first block to this one.
    func chain(to block: Block) -> [Block] {
        var chain = [block]
        while let last = chain.last, let parent = blocks[last.parentHash] { chain.append(parent) }
        return chain.reversed()
    }
}
