import Bindings
import Chain
import Ethereum
import Lending

extension MorphoBlue {
    /// Which calls are made at which block, and what becomes of their bytes.
    ///
    /// First the slots of markets and accounts, then what each market with debtors depends on, then what depends on
    /// that.
    struct Reader: Sendable {
        let market: Market
        let snapshot: Snapshot
        var morpho: Address { market.morpho }
    }
}

extension MorphoBlue.Reader {
    /// Everything that the positions of `accounts` depend on.
    func book(
        of accounts: [Account], debtless: Bool, known: AccountRows
    ) async throws(LendingError) -> MorphoBlue.Book {
        var book = MorphoBlue.Book(timestamp: snapshot.block.timestamp)
        var holders: [(account: Account, address: Address, id: Hash32)] = []
        var contracts: [Hash32: [Address]] = [:]
        var ids: Set<Hash32> = market.chosen
        for account in try await market.expand(accounts, on: snapshot) {
            switch MorphoBlue.Entry(account) {
            case .market(let id): ids.insert(id)
            case .preLiquidation(let contract, let id): contracts[id, default: []].append(contract)
            case .holder(let address, let id):
                ids.insert(id)
                holders.append((account, address, id))
            case .address, nil: continue
            }
        }
        if !market.chosen.isEmpty {
            ids.formIntersection(market.chosen)
            holders.removeAll { !market.chosen.contains($0.id) }
        }
        let states = try await states(of: ids.sorted())
        for state in states { book.markets[state.id] = state }
        try await addMembers(holders, debtless: debtless, known: known, to: &book)
        let active = Set(book.members.map(\.id)).sorted()
        try await describe(active, contracts, &book)
        try await askLiquidate(&book)
        return book
    }

    /// The accounts with what they hold; of the others only the sum of their shares.
    private func addMembers(
        _ holders: [(account: Account, address: Address, id: Hash32)], debtless: Bool, known: AccountRows,
        to book: inout MorphoBlue.Book
    ) async throws(LendingError) {
        let rows = holders.map { holder -> UInt256? in
            guard let bytes = known.rows[holder.account], bytes.count == 32 else { return nil }
            return UInt256(bigEndian: bytes)
        }
        let asked = holders.indices.filter { rows[$0] == nil }
        let slots = try await holdings(asked.map { (holders[$0].address, holders[$0].id) })
        var next = 0
        for (index, holder) in holders.enumerated() {
            let slot: Reading<UInt256>
            if let row = rows[index] {
                slot = .known(row)
            } else {
                slot = slots[next]
                next += 1
                if case .known(let word) = slot { book.fresh[holder.account] = word }
            }
            let holding = slot.map(MorphoBlue.Holding.init(slot:))
            book.add(holding, of: holder.address, to: holder.id)
            guard debtless || holding.value?.borrowShares.isZero != true else { continue }
            book.members.append(
                MorphoBlue.Member(
                    account: holder.account, address: holder.address, id: holder.id, holding: holding))
        }
    }

    /// Asks `liquidate` itself about every position close to its line or below: with one share and no tokens it always
    /// reverts, and says first whether the position is healthy.
    private func askLiquidate(_ book: inout MorphoBlue.Book) async throws(LendingError) {
        var asked: [Int] = []
        var calls: [Call] = []
        for (index, member) in book.members.enumerated() {
            guard let state = book.markets[member.id], let params = state.params.value,
                let health = book.health(of: index), !health.borrowed.isZero,
                health.factor < MorphoBlue.closeToTheLine
            else { continue }
            asked.append(index)
            // An empty `bytes` behind the nine words.
            let words = params.words + [member.address.word, .zero, .one, 288, .zero]
            calls.append(
                Call(
                    target: morpho,
                    data: MorphoBlueMorpho.Liquidate.selector.bytes + words.flatMap(\.bigEndianBytes)))
        }
        let answers = try await readPacked(calls)
        for (index, answer) in zip(asked, answers) { book.members[index].isHealthyOnchain = Self.isHealthy(answer) }
    }

    /// What a `liquidate` that cannot be paid for says of the position.
    private static func isHealthy(_ answer: Reading<[UInt8]>) -> Reading<Bool> {
        switch answer {
        case .known: .known(false)
        case .unknown(.reverted(let why)):
            // Its own words, of src/libraries/ErrorsLib.sol; what comes after the check reverts with others.
            why.contains("\"position is healthy\"")
                ? .known(true)
                : why.contains("without a reason") ? .unknown(.reverted(why)) : .known(false)
        case .unknown(let reason): .unknown(reason)
        }
    }

    // MARK: The chain

    func readPacked(
        _ calls: [Call], believesBareReverts: Bool = false
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        do throws(ChainError) {
            return try await snapshot.readPacked(calls, believesBareReverts: believesBareReverts)
        } catch {
            throw .chain(error)
        }
    }

    /// A call of a function whose arguments are words.
    static func call(_ target: Address, _ selector: Selector, _ words: [UInt256] = []) -> Call {
        Call(target: target, data: selector.bytes + words.flatMap(\.bigEndianBytes))
    }

    /// The words of an answer that has at least so many.
    static func words(_ answer: Reading<[UInt8]>, _ count: Int) -> Reading<[UInt256]> {
        switch answer {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            guard bytes.count >= 32 * count else {
                return .unknown(.malformed("\(bytes.count) bytes where \(32 * count) are expected"))
            }
            return .known((0..<count).compactMap { UInt256(bigEndian: bytes.span, at: 32 * $0) })
        }
    }

    /// The first word of an answer.
    static func word(_ answer: Reading<[UInt8]>) -> Reading<UInt256> { words(answer, 1).map { $0[0] } }
}

extension MorphoBlue {
    /// Positions whose health is below this, a wad, are put to `liquidate` itself.
    static let closeToTheLine: UInt256 = 1_050_000_000_000_000_000
}

extension MorphoBlue.Book {
    fileprivate mutating func add(_ holding: Reading<MorphoBlue.Holding>, of address: Address, to id: Hash32) {
        switch (owed[id] ?? .known(.zero), holding) {
        case (.known(let sum), .known(let holding)):
            let (after, overflow) = sum.addingReportingOverflow(holding.borrowShares)
            owed[id] = overflow ? .unknown(.malformed("the shares leave 256 bits")) : .known(after)
        case (.known, .unknown(let reason)): owed[id] = .unknown(.failed("\(address): \(reason)"))
        case (.unknown, _): return
        }
    }

    /// The numbers that the contract compares for one member; `nil` where they are not known.
    func health(of index: Int) -> MorphoBlue.Health? {
        let member = members[index]
        guard let state = markets[member.id], case .known(let holding) = member.holding,
            case .known(let params) = state.params, case .known(let totals) = state.accrued,
            case .known(let price) = state.price
        else { return nil }
        do throws(MathError) {
            return try MorphoBlue.Health(holding, totals, price: price, lltv: params.lltv)
        } catch {
            return nil
        }
    }
}
