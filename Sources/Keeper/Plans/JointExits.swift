import Ethereum
public import Lending
import Pools

/// Sizes of positions that sell through the same pools, chosen together.
///
/// Whoever earns most goes first; the others are sized again at the pools as they stand after that. Executing the first
/// plans in their order brings what each of them says.
public struct JointExits {
    /// The most positions that are sized again after each one; beyond, they are taken in the order of what they earn
    /// alone.
    static let most = 64

    /// The positions, in their order, with exits at the pools as they stand when their turn comes.
    ///
    /// - Parameter entries: positions with their plans, and who planned them.
    public static func settled(
        _ entries: [(planner: LiquidationPlanner, position: Position)], through book: ExitBook
    ) -> [Position] {
        var book = book
        var positions = entries.map { $0.planner.exiting($0.position, through: book) }
        guard !book.isEmpty else { return positions }
        // Those whose best plan sells anything.
        var waiting = positions.indices.filter { positions[$0].plans?.first?.exit != nil }
        var done: [Int] = []
        var before: [Int: UInt256] = [:]
        while !waiting.isEmpty {
            if waiting.count <= most {
                for index in waiting {
                    positions[index] = entries[index].planner.exiting(entries[index].position, through: book)
                }
            }
            guard let next = waiting.max(by: { earns(positions[$0]) < earns(positions[$1]) }) else { break }
            if waiting.count > most {
                positions[next] = entries[next].planner.exiting(entries[next].position, through: book)
            }
            waiting.removeAll { $0 == next }
            guard let plan = positions[next].plans?.first, plan.exit != nil else { continue }
            // What nobody would send for its exit does not move the pools for the others.
            guard plan.policy != .profit || plan.earned > .zero else { continue }
            do throws(PoolError) {
                before[next] = try book.sell(plan)
                done.append(next)
            } catch {
                continue
            }
        }
        group(&positions, done, before)
        return positions
    }

    private static func earns(_ position: Position) -> Int256 { position.plans?.first?.earned ?? .min }

    /// Names the pools that hang together, and who comes when.
    private static func group(_ positions: inout [Position], _ done: [Int], _ before: [Int: UInt256]) {
        var parents: [Address: Address] = [:]
        func root(_ pool: Address) -> Address {
            var pool = pool
            while let parent = parents[pool], parent != pool { pool = parent }
            return pool
        }
        let plans = positions.flatMap { $0.plans ?? [] }
        for plan in plans {
            let pools = plan.exit?.route.pools.map(\.address) ?? []
            guard let first = pools.first else { continue }
            for pool in pools {
                let (a, b) = (root(first), root(pool))
                parents[max(a, b)] = min(a, b)
            }
        }
        var counts: [Address: Int] = [:]
        var orders: [Int: Int] = [:]
        for index in done {
            guard let pool = positions[index].plans?.first?.exit?.route.pools.first?.address else { continue }
            counts[root(pool), default: 0] += 1
            orders[index] = counts[root(pool)]
        }
        for index in positions.indices {
            for place in (positions[index].plans ?? []).indices {
                guard let pool = positions[index].plans?[place].exit?.route.pools.first?.address else { continue }
                positions[index].plans?[place].exit?.group = LiquidationExit.Group(
                    pool: root(pool), order: place == 0 ? orders[index] : nil,
                    soldBefore: place == 0 ? before[index] ?? .zero : .zero)
            }
        }
    }
}
