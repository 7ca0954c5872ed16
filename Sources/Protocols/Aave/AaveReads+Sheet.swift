import Bindings
import Chain
import Ethereum
import Lending

extension Aave {
    /// What accounts hold, in columns: one flat list of balances, and the calls that fill it.
    struct Sheet: Sendable {
        /// The accounts.
        private(set) var members: [Member]
        /// For each account, for each listed reserve in use, ascending: scaled supply, variable debt, stable debt.
        ///
        /// Variable debt is scaled, except where the rules take the token's own balance.
        private(set) var balances: [UInt256]
        /// Debts at stable rates by their place among the balances.
        private(set) var stable: [Int: StableDebt] = [:]
        /// Scaled debts by their place, where the balance itself is not scaled.
        private(set) var scaledBehindAmount: [Int: UInt256] = [:]
        /// Σ scaled variable debt, by reserve.
        private(set) var scaledDebt: [Int: Reading<UInt256>] = [:]
        /// Σ stable debt, by reserve.
        private(set) var stableDebt: [Int: Reading<UInt256>] = [:]
        /// By reserve, what third-order interest leaves out of the stable debts, at most.
        private(set) var stableRemainder: [Int: UInt256] = [:]
        /// How stable debt grows.
        private let compounding: Rules.Compounding
        /// The calls that fill the balances.
        var groups: [CallGroup] { columns.map(\.group) }
        private var columns: [Column] = []

        private enum Kind { case supply, scaledDebt, debtAmount, stablePrincipal }

        /// One getter of one token, for the accounts that use the reserve.
        private struct Column: Sendable {
            let kind: Kind
            let reserve: Reserve
            let group: CallGroup
            /// Which account, and where its balance goes.
            let places: [(member: Int, slot: Int)]
        }
    }
}

extension Aave.Sheet {
    /// Lays out the balances of `members`.
    ///
    /// What a member's row holds is in its place at once; the groups ask for the rest.
    init(members: [Aave.Member], state: Aave.MarketState) {
        let (reserves, rules) = (state.reserves, state.rules)
        self.members = members
        compounding = rules.compounding
        balances = []
        var suppliers = [[(member: Int, slot: Int)]](repeating: [], count: reserves.count)
        var borrowers = suppliers
        var slots = 0
        for index in members.indices {
            self.members[index].start = slots
            let configuration = members[index].configuration
            guard !configuration.isEmpty else { continue }
            let isRead = members[index].row == nil
            for (place, reserve) in reserves.enumerated() {
                if configuration.secures(reserve.id) {
                    if isRead { suppliers[place].append((index, slots)) }
                    slots += 1
                }
                if configuration.owes(reserve.id) {
                    if isRead { borrowers[place].append((index, slots)) }
                    slots += rules.stableDebt ? 2 : 1
                }
            }
        }
        balances = [UInt256](repeating: .zero, count: slots)
        for (place, reserve) in reserves.enumerated() {
            let owesAmounts = rules.unaccountedDebtByBalance && !reserve.configuration.hasVirtualAccounting
            add(.supply, reserve, reserve.aToken, AaveToken.ScaledBalanceOf.selector, suppliers[place])
            add(.scaledDebt, reserve, reserve.variableDebtToken, AaveToken.ScaledBalanceOf.selector, borrowers[place])
            if owesAmounts {
                add(.debtAmount, reserve, reserve.variableDebtToken, AaveToken.BalanceOf.selector, borrowers[place])
            }
            if rules.stableDebt && !reserve.stableDebtToken.isZero {
                add(
                    .stablePrincipal, reserve, reserve.stableDebtToken, AaveStableDebtToken.PrincipalBalanceOf.selector,
                    borrowers[place].map { ($0.member, $0.slot + 1) })
            }
            scaledDebt[reserve.id] = .known(.zero)
            if rules.stableDebt { stableDebt[reserve.id] = .known(.zero) }
        }
        for index in members.indices {
            if let row = members[index].row { take(row, of: index, state) }
        }
        let lost = members.count { !$0.issues.isEmpty }
        if lost > 0 {
            let reason = Reason.failed("what \(lost) accounts use is not known")
            for reserve in reserves { scaledDebt[reserve.id] = .unknown(reason) }
            for reserve in stableDebt.keys { stableDebt[reserve] = .unknown(reason) }
        }
    }

    private mutating func add(
        _ kind: Kind, _ reserve: Aave.Reserve, _ token: Address, _ selector: Selector,
        _ places: [(member: Int, slot: Int)]
    ) {
        guard !places.isEmpty else { return }
        let group = CallGroup(
            target: token, selector: selector, arguments: places.map { members[$0.member].account.address.word },
            returnLength: 32, gasPerCall: kind == .debtAmount ? 300_000 : 100_000)
        columns.append(Column(kind: kind, reserve: reserve, group: group, places: places))
    }

    /// Puts what a row holds in its place.
    private mutating func take(_ row: Aave.Row, of member: Int, _ state: Aave.MarketState) {
        var slot = members[member].start
        var words = row.words.makeIterator()
        for reserve in state.reserves {
            if members[member].configuration.secures(reserve.id) {
                balances[slot] = words.next() ?? .zero
                slot += 1
            }
            guard members[member].configuration.owes(reserve.id) else { continue }
            balances[slot] = words.next() ?? .zero
            Aave.Sheet.add(balances[slot], to: &scaledDebt[reserve.id])
            slot += 1
            guard state.rules.stableDebt else { continue }
            let debt = Aave.StableDebt(
                principal: words.next() ?? .zero, rate: words.next() ?? .zero,
                updated: words.next()?.asUInt64() ?? .max)
            if !debt.principal.isZero { grow(debt, reserve, member, slot, state.timestamp) }
            slot += 1
        }
    }

    /// Takes the answers to `groups`.
    mutating func take(_ answers: [GroupAnswers]) {
        for (column, answers) in zip(columns, answers) {
            for (index, place) in column.places.enumerated() {
                switch answers.word(index) {
                case .known(let word): take(word, column, place.slot)
                case .unknown(let reason): lose(column, place.member, reason)
                }
            }
        }
    }

    private mutating func take(_ word: UInt256, _ column: Column, _ slot: Int) {
        switch column.kind {
        case .supply: balances[slot] = word
        case .scaledDebt:
            balances[slot] = word
            Aave.Sheet.add(word, to: &scaledDebt[column.reserve.id])
        case .debtAmount:
            scaledBehindAmount[slot] = balances[slot]
            balances[slot] = word
        case .stablePrincipal:
            if !word.isZero { stable[slot] = Aave.StableDebt(principal: word) }
        }
    }

    private mutating func lose(_ column: Column, _ member: Int, _ reason: Reason) {
        let name = column.reserve.name
        switch column.kind {
        case .supply: members[member].issues.append(Unknown("collateral", "scaledBalanceOf of a\(name): \(reason)"))
        case .scaledDebt:
            members[member].issues.append(Unknown("debt", "scaledBalanceOf of the debt in \(name): \(reason)"))
            scaledDebt[column.reserve.id] = .unknown(reason)
        case .debtAmount:
            members[member].issues.append(Unknown("debt", "balanceOf of the debt in \(name): \(reason)"))
        case .stablePrincipal:
            members[member].issues.append(
                Unknown("debt", "principalBalanceOf of the stable debt in \(name): \(reason)"))
            stableDebt[column.reserve.id] = .unknown(reason)
        }
    }

    /// Adds to a sum that is still known.
    private static func add(_ word: UInt256, to sum: inout Reading<UInt256>?) {
        guard case .known(let before) = sum else { return }
        let (after, overflow) = before.addingReportingOverflow(word)
        sum = overflow ? .unknown(.malformed("the balances leave 256 bits")) : .known(after)
    }
}

extension Aave.Sheet {
    /// A debt at a stable rate that is not complete yet.
    struct StablePlace {
        let reserve: Aave.Reserve
        let member: Int
        let slot: Int
    }

    /// The debts whose rate and time have to be read, ordered by reserve.
    var stablePlaces: [StablePlace] {
        columns.filter { $0.kind == .stablePrincipal }.flatMap { column in
            column.places.filter { stable[$0.slot] != nil }
                .map { StablePlace(reserve: column.reserve, member: $0.member, slot: $0.slot) }
        }
    }

    /// The calls for rate and time of `places`: two groups for each reserve.
    func stableGroups(_ places: [StablePlace]) -> [CallGroup] {
        Aave.Sheet.runs(places).flatMap { run in
            [AaveStableDebtToken.GetUserStableRate.selector, AaveStableDebtToken.GetUserLastUpdated.selector].map {
                CallGroup(
                    target: places[run.lowerBound].reserve.stableDebtToken, selector: $0,
                    arguments: places[run].map { members[$0.member].account.address.word }, returnLength: 32,
                    gasPerCall: 100_000)
            }
        }
    }

    /// Takes the answers to `stableGroups(places)` and lets the debts grow to `timestamp`.
    mutating func takeStable(_ places: [StablePlace], _ answers: [GroupAnswers], at timestamp: UInt64) {
        for (pair, run) in Aave.Sheet.runs(places).enumerated() {
            for (index, place) in places[run].enumerated() {
                take(place, rate: answers[2 * pair].word(index), updated: answers[2 * pair + 1].word(index), timestamp)
            }
        }
    }

    private mutating func take(
        _ place: StablePlace, rate: Reading<UInt256>, updated: Reading<UInt256>, _ timestamp: UInt64
    ) {
        let reserve = place.reserve.id
        guard let rate = rate.value, let updated = updated.value?.asUInt64(), var debt = stable[place.slot] else {
            let reason = rate.reason ?? updated.reason ?? .malformed("the time of the last update is no time")
            members[place.member].issues.append(
                Unknown("debt", "rate and time of the stable debt in \(place.reserve.name): \(reason)"))
            stableDebt[reserve] = .unknown(reason)
            return
        }
        debt.rate = rate
        debt.updated = updated
        grow(debt, place.reserve, place.member, place.slot, timestamp)
    }

    /// Lets a debt at a stable rate grow to `timestamp`.
    private mutating func grow(
        _ debt: Aave.StableDebt, _ reserve: Aave.Reserve, _ member: Int, _ slot: Int, _ timestamp: UInt64
    ) {
        stable[slot] = debt
        do throws(MathError) {
            let amount = try Aave.Math.stableDebt(
                principal: debt.principal, rate: debt.rate, updated: debt.updated, at: timestamp, compounding)
            balances[slot] = amount
            Aave.Sheet.add(amount, to: &stableDebt[reserve.id])
            let rest = Aave.Math.thirdOrderRemainder(
                of: amount, rate: debt.rate, elapsed: UInt256(timestamp).subtractingOrZero(UInt256(debt.updated)))
            stableRemainder[reserve.id] = (stableRemainder[reserve.id] ?? .zero).addingOrMax(rest)
        } catch {
            let reason = Reason.reverted("balanceOf overflows")
            members[member].issues.append(Unknown("debt", "stable debt in \(reserve.name): \(reason)"))
            stableDebt[reserve.id] = .unknown(reason)
        }
    }

    /// Ranges of neighbours with one reserve.
    private static func runs(_ places: [StablePlace]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in places.indices {
            if let last = runs.last, places[last.lowerBound].reserve.id == places[index].reserve.id {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    /// Takes the pool's own answers about the members at `places`, in their order.
    mutating func takeAccountData(of places: [Int], _ answers: GroupAnswers) {
        for (index, place) in places.enumerated() {
            switch answers.bytes(index) {
            case .known(let bytes): takeAccountData(place, Array(bytes))
            case .unknown(let reason): members[place].accountData = .unknown(reason)
            }
        }
    }

    /// Takes the pool's own answer about one member.
    mutating func takeAccountData(_ place: Int, _ bytes: [UInt8]) {
        members[place].accountData =
            Aave.AccountData(bytes).map { .known($0) } ?? .unknown(.malformed("\(bytes.count) bytes are not six words"))
    }
}
