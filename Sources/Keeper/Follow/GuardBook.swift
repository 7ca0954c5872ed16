internal import Ethereum
internal import Lending

/// Who has to be looked at after a move of prices and indexes, without looking at everybody.
///
/// Accounts that were well above the line at some block wait in groups of equal basket and block, in the order of their
/// health. A move is one number for a group, so that those it may bring down are the beginning of the group.
struct GuardBook: Sendable {
    private struct Key: Hashable {
        var epoch: Int
        var basket: Basket
    }

    fileprivate struct Group {
        /// Ascending by floor, from `first` on.
        var members: [(floor: HealthBound, account: Account, ticket: Int)] = []
        var first = 0
        var isSorted = true
    }

    private var groups: [Key: Group] = [:]
    private var pulses: [Int: MarketPulse] = [:]
    private var tickets: [Account: Int] = [:]
    private var lastTicket = 0
    private var lastEpoch = 0

    /// Whom no group holds.
    func isFree(_ account: Account) -> Bool { tickets[account] == nil }

    /// How many accounts wait.
    var count: Int { tickets.count }

    /// Begins a block.
    mutating func begin(_ pulse: MarketPulse) {
        lastEpoch += 1
        pulses[lastEpoch] = pulse
    }

    /// Lets an account wait until its health may have fallen from `floor`.
    mutating func put(_ account: Account, _ basket: Basket, floor: HealthBound) {
        lastTicket += 1
        tickets[account] = lastTicket
        groups[Key(epoch: lastEpoch, basket: basket), default: Group()].append((floor, account, lastTicket))
    }

    /// Lets an account go.
    mutating func remove(_ account: Account) { tickets[account] = nil }

    /// Takes out everybody whose health may be below `line` by now; of groups that have grown few and old, everybody.
    ///
    /// - Parameter mostEpochs: blocks that groups may go back to before they are emptied.
    mutating func take(_ now: MarketPulse, below line: HealthBound, mostEpochs: Int = 256) -> [Account] {
        var taken: [Account] = []
        var living: Set<Int> = [lastEpoch]
        for key in Array(groups.keys) {
            guard let then = pulses[key.epoch] else { continue }
            // A group that is nearly used up costs more to ask than to move.
            let isOld = lastEpoch - key.epoch > mostEpochs
            let move = isOld ? HealthBound.none : key.basket.move(from: then, to: now)
            groups[key]?.take(move, below: line) { member in
                guard tickets[member.account] == member.ticket else { return }
                tickets[member.account] = nil
                taken.append(member.account)
            }
            if groups[key]?.isEmpty ?? true { groups[key] = nil } else { living.insert(key.epoch) }
        }
        for epoch in pulses.keys where !living.contains(epoch) { pulses[epoch] = nil }
        return taken
    }

    /// Takes everybody out.
    mutating func takeAll() -> [Account] {
        let everybody = Array(tickets.keys)
        tickets = [:]
        groups = [:]
        return everybody
    }
}

extension GuardBook.Group {
    fileprivate var isEmpty: Bool { first >= members.count }

    fileprivate mutating func append(_ member: (floor: HealthBound, account: Account, ticket: Int)) {
        if let last = members.last, member.floor < last.floor { isSorted = false }
        members.append(member)
    }

    fileprivate mutating func take(
        _ move: HealthBound, below line: HealthBound,
        _ visit: ((floor: HealthBound, account: Account, ticket: Int)) -> Void
    ) {
        if !isSorted {
            members.removeFirst(first)
            first = 0
            members.sort { $0.floor < $1.floor }
            isSorted = true
        }
        while first < members.count, members[first].floor * move < line {
            visit(members[first])
            first += 1
        }
    }
}
