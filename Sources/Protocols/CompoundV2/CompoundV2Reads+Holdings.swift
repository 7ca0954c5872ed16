import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV2.Reader {
    private var chain: CompoundV2.Chain { CompoundV2.Chain(market: market.id.deployment, snapshot: snapshot) }

    /// One account in one market.
    private typealias Place = (member: Int, holding: Int)

    private func columns(
        _ members: [CompoundV2.Member], _ state: CompoundV2.MarketState,
        where wanted: (CompoundV2.Member, CompoundV2.Holding) -> Bool
    ) -> [[Place]] {
        var columns = [[Place]](repeating: [], count: state.markets.count)
        for (member, own) in members.enumerated() {
            for (index, holding) in own.holdings.enumerated() where wanted(own, holding) {
                columns[holding.market].append((member, index))
            }
        }
        return columns
    }

    /// What accounts hold, by `getAccountSnapshot`; of a remembered account only what it owes. Returns Σ of the debts.
    func readHoldings(
        _ members: inout [CompoundV2.Member], _ state: CompoundV2.MarketState
    ) async throws(LendingError) -> [Reading<UInt256>] {
        let columns = columns(members, state) { $1.mayOwe || !$0.isRemembered }
        let answers = try await chain.read(
            zip(state.markets, columns).map { market, places in
                CallGroup(
                    target: market.address, selector: CompoundCToken.GetAccountSnapshot.selector,
                    arguments: places.map { members[$0.member].account.address.word }, returnLength: 128,
                    gasPerCall: 300_000)
            }
        ).groups
        var sums = [Reading<UInt256>](repeating: .known(.zero), count: state.markets.count)
        for (market, places) in columns.enumerated() {
            for (index, place) in places.enumerated() {
                var words: [UInt256] = []
                var reason: Reason?
                for word in 0..<3 {
                    switch answers[market].word(index, word) {
                    case .known(let value): words.append(value)
                    case .unknown(let why): reason = why
                    }
                }
                guard words.count == 3 else {
                    let why = reason ?? .noCode
                    members[place.member].issues.append(
                        Unknown("debt", "getAccountSnapshot of \(state.markets[market].name): \(why)"))
                    sums[market] = .unknown(why)
                    continue
                }
                members[place.member].holdings[place.holding].error = words[0]
                members[place.member].holdings[place.holding].tokens = words[1]
                members[place.member].holdings[place.holding].borrow = words[2]
                guard words[0].isZero else {
                    sums[market] = .unknown(.failed("getAccountSnapshot answers error \(words[0])"))
                    continue
                }
                guard case .known(let sum) = sums[market] else { continue }
                let (after, overflow) = sum.addingReportingOverflow(words[2])
                sums[market] = overflow ? .unknown(.malformed("the debts leave 256 bits")) : .known(after)
            }
        }
        let lost = members.count { member in member.issues.contains { $0.reason.hasPrefix("getAssetsIn") } }
        if lost > 0 {
            let reason = Reason.failed("what \(lost) accounts entered is not known")
            sums = sums.map { _ in .unknown(reason) }
        }
        return sums
    }

    /// What debts have grown to at the pinned block, by `borrowBalanceCurrent`: an account's own index is stored, and no
    /// getter tells it, so that it cannot be computed from the stored balance, which is rounded already.
    func readAccrued(
        _ members: inout [CompoundV2.Member], _ state: CompoundV2.MarketState
    ) async throws(LendingError) {
        let moves = state.markets.map { market in
            guard case .accrued(_, let index) = market.accrual else { return false }
            return index == nil || index != market.totals?.index
        }
        let columns = columns(members, state) { !$1.borrow.isZero && moves[$1.market] }
        let answers = try await chain.read(
            zip(state.markets, columns).map { market, places in
                CallGroup(
                    target: market.address, selector: CompoundCToken.BorrowBalanceCurrent.selector,
                    arguments: places.map { members[$0.member].account.address.word }, returnLength: 32,
                    gasPerCall: 500_000, writes: true)
            }
        ).groups
        for (market, places) in columns.enumerated() {
            for (index, place) in places.enumerated() {
                switch answers[market].word(index) {
                case .known(let amount): members[place.member].holdings[place.holding].accrued = amount
                case .unknown(let reason):
                    members[place.member].executionIssue =
                        "borrowBalanceCurrent of \(state.markets[market].name): \(reason)"
                }
            }
        }
        for member in members.indices {
            for holding in members[member].holdings.indices {
                let own = members[member].holdings[holding]
                if own.borrow.isZero || !moves[own.market] { members[member].holdings[holding].accrued = own.borrow }
            }
        }
    }

    /// Which debts are owed on credit. There are few borrowers where there is credit, so each is asked for alone.
    ///
    /// Source: ibdotxyz/compound-protocol `Comptroller.isCreditAccount@6e1d3d3`.
    func readCredit(
        _ members: inout [CompoundV2.Member], _ state: CompoundV2.MarketState
    ) async throws(LendingError) {
        let places = columns(members, state) { !$1.borrow.isZero }.joined()
        let answers = try await chain.read(
            places.map { place in
                let holding = members[place.member].holdings[place.holding]
                return Call(
                    target: market.comptroller,
                    data: CompoundComptroller.creditLimits(
                        borrower: members[place.member].account.address, market: state.markets[holding.market].address
                    ).encode())
            })
        for (place, answer) in zip(places, answers) {
            members[place.member].holdings[place.holding].isCredit = CompoundV2.presence(answer).map {
                $0.map { !$0.isZero } ?? false
            }
        }
    }

    // MARK: Pools

    /// The pools that members are in, with how every market counts there.
    func pools(
        of members: [CompoundV2.Member], _ state: CompoundV2.MarketState
    ) async throws(LendingError) -> [Int: Reading<CompoundV2.Pool>] {
        let ids = Set(members.map(\.pool)).subtracting([0]).sorted().prefix(256)
        guard state.rules.pools, !ids.isEmpty else { return [:] }
        func number(_ id: Int) -> UInt256 { UInt256(UInt64(clamping: id)) }
        var calls: [Call] = []
        for id in ids {
            calls.append(Call(target: market.comptroller, data: CompoundComptroller.pools(number(id)).encode()))
            calls += state.markets.map {
                Call(
                    target: market.comptroller,
                    data: CompoundComptroller.poolMarkets(poolId: number(id), vToken: $0.address).encode())
            }
        }
        let answers = try await chain.read(calls)
        var pools: [Int: Reading<CompoundV2.Pool>] = [:]
        for (index, id) in ids.enumerated() {
            let start = index * (state.markets.count + 1)
            pools[id] = pool(answers[start], Array(answers[start + 1..<start + 1 + state.markets.count]), state)
        }
        return pools
    }

    private func pool(
        _ answer: Reading<[UInt8]>, _ terms: [Reading<[UInt8]>], _ state: CompoundV2.MarketState
    ) -> Reading<CompoundV2.Pool> {
        // A label, then two flags.
        guard let active = CompoundV2.word(answer, 1).value, let fallsBack = CompoundV2.word(answer, 2).value else {
            return .unknown(CompoundV2.word(answer, 2).reason ?? .noCode)
        }
        var pool = CompoundV2.Pool(isActive: !active.isZero, fallsBack: !fallsBack.isZero, terms: [:])
        for (market, answer) in zip(state.markets, terms) {
            guard let isListed = CompoundV2.word(answer, 0).value, let weight = CompoundV2.word(answer, 3).value,
                let incentive = CompoundV2.word(answer, 4).value
            else { return .unknown(CompoundV2.word(answer, 4).reason ?? .noCode) }
            // What is not listed keeps the entry's zeroes, unless the pool falls back on the core parameters.
            if !isListed.isZero || !pool.fallsBack {
                pool.terms[market.address] = CompoundV2.Pool.Terms(weight: weight, incentive: incentive)
            }
        }
        return .known(pool)
    }
}
