import ABI
import Bindings
import Chain
import Ethereum
import Lending

extension AaveV4.Reader {
    /// Slots of one `extSloads`: few enough for every known limit on an answer.
    private static let mostSlots = 256
    /// Slots of one `extSloads` where the larger ones were refused.
    private static let fewerSlots = 32

    /// What the members use and hold, from the spoke's storage, a few hundred words to a call.
    func readStorage(_ members: inout [AaveV4.Member]) async throws(LendingError) {
        let (layout, state) = (market.rules.layout, market.state)
        let unread = members.indices.filter { !members[$0].isRemembered }
        let width = 1 + state.buckets
        let first = try await words(
            unread.flatMap { index in
                let account = members[index].account.address
                return [layout.riskPremium(of: account)]
                    + (0..<state.buckets).map { layout.status(of: account, bucket: $0) }
            })
        var places: [(member: Int, reserve: Int)] = []
        for (order, index) in unread.enumerated() {
            switch first[order * width..<(order + 1) * width].all {
            case .unknown(let reason):
                members[index].issues.append(Unknown("collateral", "which reserves it uses: \(reason)"))
            case .known(let words):
                members[index].riskPremium = words[0].bits(0, count: 24)
                members[index].status = AaveV4.Status(words: Array(words[1...]))
                places += members[index].status.used(of: state.reserves.count).map { (index, $0) }
            }
        }
        let second = try await words(
            places.flatMap { place in
                let slot = layout.position(of: members[place.member].account.address, reserve: place.reserve)
                return [slot, slot &+ .one, slot &+ 2]
            })
        for (order, place) in places.enumerated() {
            switch second[3 * order..<3 * order + 3].all {
            case .unknown(let reason):
                members[place.member].issues.append(
                    Unknown("collateral", "the position in reserve \(place.reserve): \(reason)"))
            case .known(let words):
                members[place.member].holdings.append(
                    AaveV4.Holding(place.reserve, members[place.member].status, words))
            }
        }
    }

    /// The words at these slots of the spoke, in their order.
    func words(_ slots: [UInt256]) async throws(LendingError) -> [Reading<UInt256>] {
        var words = try await words(slots, each: Self.mostSlots)
        let missing = words.indices.filter { words[$0].value == nil }
        guard !missing.isEmpty else { return words }
        let again = try await self.words(missing.map { slots[$0] }, each: Self.fewerSlots)
        for (index, word) in zip(missing, again) { words[index] = word }
        return words
    }

    private func words(_ slots: [UInt256], each size: Int) async throws(LendingError) -> [Reading<UInt256>] {
        let parts = stride(from: 0, to: slots.count, by: size).map { slots[$0..<min($0 + size, slots.count)] }
        let answers = try await ask(
            parts.map {
                Call(target: market.spoke, data: AaveV4Spoke.extSloads($0.map { Hash32(word: $0) }).encode())
            })
        var words: [Reading<UInt256>] = []
        words.reserveCapacity(slots.count)
        for (part, answer) in zip(parts, answers) {
            switch Aave.decode(AaveV4Spoke.ExtSloads.self, answer) {
            case .known(let values) where values.count == part.count: words += values.map { .known($0.word) }
            case .known(let values):
                let reason = Reason.malformed("\(values.count) words where \(part.count) were asked for")
                words += part.map { _ in .unknown(reason) }
            case .unknown(let reason): words += part.map { _ in .unknown(reason) }
            }
        }
        return words
    }

    /// What the members use and hold, from the spoke's functions, one call for each account and reserve.
    func readGetters(_ members: inout [AaveV4.Member]) async throws(LendingError) {
        let (spoke, count) = (market.spoke, market.state.reserves.count)
        let unread = members.indices.filter { !members[$0].isRemembered }
        let premiums = try await ask(
            unread.map {
                Call(
                    target: spoke, data: AaveV4Spoke.getUserLastRiskPremium(members[$0].account.address).encode())
            })
        let flags = try await ask(
            unread.flatMap { index in
                (0..<count).map { reserve in
                    Call(
                        target: spoke,
                        data: AaveV4Spoke.getUserReserveStatus(
                            reserveId: UInt256(UInt64(reserve)), user: members[index].account.address
                        ).encode())
                }
            })
        var places: [(member: Int, reserve: Int)] = []
        for (order, index) in unread.enumerated() {
            take(
                Aave.decode(AaveV4Spoke.GetUserLastRiskPremium.self, premiums[order]),
                Array(flags[order * count..<(order + 1) * count]), into: &members[index])
            places += members[index].status.used(of: count).map { (index, $0) }
        }
        let positions = try await ask(
            places.map {
                Call(
                    target: spoke,
                    data: AaveV4Spoke.getUserPosition(
                        reserveId: UInt256(UInt64($0.reserve)), user: members[$0.member].account.address
                    ).encode())
            })
        for (place, answer) in zip(places, positions) {
            let status = members[place.member].status
            switch Aave.decode(AaveV4Spoke.GetUserPosition.self, answer) {
            case .unknown(let reason):
                members[place.member].issues.append(
                    Unknown("collateral", "getUserPosition in reserve \(place.reserve): \(reason)"))
            case .known(let held):
                members[place.member].holdings.append(
                    AaveV4.Holding(
                        reserve: place.reserve, isCollateral: status.secures(place.reserve),
                        isBorrowed: status.owes(place.reserve), drawnShares: held.drawnShares,
                        premiumShares: held.premiumShares, premiumOffsetRay: held.premiumOffsetRay,
                        suppliedShares: held.suppliedShares, configurationKey: held.dynamicConfigKey))
            }
        }
    }

    private func take(
        _ premium: Reading<UInt256>, _ flags: [Reading<[UInt8]>], into member: inout AaveV4.Member
    ) {
        switch premium {
        case .known(let premium): member.riskPremium = premium
        case .unknown(let reason):
            member.issues.append(Unknown("collateral", "getUserLastRiskPremium: \(reason)"))
        }
        var words = [UInt256](repeating: .zero, count: market.state.buckets)
        for (reserve, answer) in flags.enumerated() {
            switch Aave.decode(AaveV4Spoke.GetUserReserveStatus.self, answer) {
            case .unknown(let reason):
                member.issues.append(Unknown("collateral", "getUserReserveStatus of reserve \(reserve): \(reason)"))
            case .known(let flags):
                let place = 2 * (reserve % 128)
                if flags.isBorrowed { words[reserve / 128] = words[reserve / 128] | .one << place }
                if flags.isCollateral { words[reserve / 128] = words[reserve / 128] | .one << (place + 1) }
            }
        }
        member.status = AaveV4.Status(words: words)
    }
}

extension ArraySlice<Reading<UInt256>> {
    /// All of the words, or why one is missing.
    fileprivate var all: Reading<[UInt256]> {
        var words: [UInt256] = []
        for reading in self {
            switch reading {
            case .known(let word): words.append(word)
            case .unknown(let reason): return .unknown(reason)
            }
        }
        return .known(words)
    }
}
