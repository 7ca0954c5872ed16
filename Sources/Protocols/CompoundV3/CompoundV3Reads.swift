import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV3 {
    /// Which calls are made at which block, and what becomes of their bytes.
    ///
    /// Accounts are read in two rounds of uniform groups, whatever their number: what they owe, then what they hold.
    struct Reader: Sendable {
        /// The deployment.
        let market: Market
        /// The block.
        let snapshot: Snapshot
    }

    /// One account of a Comet, as far as the Comet itself tells.
    struct Member: Sendable {
        /// Who it is.
        let account: Account
        /// Signed: below zero it owes.
        var principal = Int256.zero
        /// Bit i: collateral i counts; bits 16 to 23 are those of `_reserved`.
        var assetsIn: UInt32 = 0
        /// What is held of each asset whose bit is set, ascending.
        var balances: [UInt256] = []
        /// Whether the balances come from what is remembered.
        var isRemembered = false
        /// What could not be read.
        var issues: [Unknown] = []
        /// `isLiquidatable`, which looks at stored indexes.
        var isLiquidatable: Reading<Bool> = .unknown(.failed("it was not asked"))
        /// `borrowBalanceOf`, with interest up to the block.
        var borrowBalance: Reading<UInt256> = .unknown(.failed("it was not asked"))
        /// `isLiquidatable` after `accrueAccount` in the same call.
        var isLiquidatableAccrued: Reading<Bool> = .unknown(.failed("it was not asked"))

        /// Whether the account owes something; true where that is not known.
        var mayOwe: Bool { principal.isNegative || !issues.isEmpty }
    }

    /// Everything that the positions of some accounts depend on, at one block.
    struct Book: Sendable {
        /// The accounts.
        var members: [Member]
        /// Σ of what all accounts that were asked for owe, in principal.
        var owed: Reading<UInt256>
    }
}

extension CompoundV3.Reader {
    private typealias Comet = CompoundV3Comet
    private var comet: Address { market.comet }

    /// Everything that the positions of `accounts` depend on.
    func book(
        of accounts: [Account], debtless: Bool, known: AccountRows
    ) async throws(LendingError) -> CompoundV3.Book {
        var book = try await members(accounts, debtless: debtless)
        let held = take(known, into: &book)
        let words = book.members.map(\.account.address.word)
        let asked = book.members.indices.filter { !takeAnswer(known, of: $0, into: &book) }
        var groups = held.map { place, members in
            group(
                Comet.UserCollateral.selector, members.map { words[$0] }, 64,
                trailing: market.state.assets[place].token.word)
        }
        groups += [
            group(Comet.IsLiquidatable.selector, asked.map { words[$0] }, 32, gas: 3_000_000),
            group(Comet.BorrowBalanceOf.selector, asked.map { words[$0] }, 32),
        ]
        // With nothing to accrue, both questions are the same one.
        let accrues = market.state.totals.lastAccrualTime != market.state.timestamp
        let debtors = accrues ? book.members.indices.filter { book.members[$0].principal.isNegative } : []
        groups.append(
            group(
                Comet.IsLiquidatable.selector, debtors.map { words[$0] }, 32, gas: 3_000_000,
                prelude: Comet.AccrueAccount.selector))
        let answers = try await read(groups)
        takeBalances(held, answers, into: &book)
        for (index, member) in asked.enumerated() {
            book.members[member].isLiquidatable = Self.bool(answers[held.count].word(index))
            book.members[member].borrowBalance = answers[held.count + 1].word(index)
        }
        for (index, member) in debtors.enumerated() {
            book.members[member].isLiquidatableAccrued = Self.bool(answers[held.count + 2].word(index))
        }
        if !accrues {
            for member in book.members.indices {
                book.members[member].isLiquidatableAccrued = book.members[member].isLiquidatable
            }
        }
        return book
    }

    /// `isLiquidatable` and `borrowBalanceOf` of each account.
    func answers(about accounts: [Account]) async throws(LendingError) -> [Reading<[UInt8]>] {
        let words = accounts.map(\.address.word)
        let answers = try await read([
            group(Comet.IsLiquidatable.selector, words, 32, gas: 3_000_000),
            group(Comet.BorrowBalanceOf.selector, words, 32),
        ])
        return accounts.indices.map { index in
            let verdict = answers[0].word(index)
            guard let verdict = verdict.value else { return .unknown(verdict.reason ?? .noCode) }
            return answers[1].word(index).map { verdict.bigEndianBytes + $0.bigEndianBytes }
        }
    }

    /// What every account owes, and which collateral counts for it.
    ///
    /// This is never taken from what is remembered: a base transfer may change a debt without any event.
    private func members(_ accounts: [Account], debtless: Bool) async throws(LendingError) -> CompoundV3.Book {
        let answers = try await read([group(Comet.UserBasic.selector, accounts.map(\.address.word), 160)])[0]
        var book = CompoundV3.Book(members: [], owed: .known(.zero))
        for (index, account) in accounts.enumerated() {
            let member = member(account, answers, index)
            if let issue = member.issues.first {
                book.owed = .unknown(.failed("\(account.address): \(issue.reason)"))
            } else if member.principal.isNegative, case .known(let sum) = book.owed {
                let (after, overflow) = sum.addingReportingOverflow(member.principal.magnitude)
                book.owed = overflow ? .unknown(.malformed("the principals leave 256 bits")) : .known(after)
            }
            if debtless || member.mayOwe { book.members.append(member) }
        }
        return book
    }

    private func member(_ account: Account, _ answers: GroupAnswers, _ index: Int) -> CompoundV3.Member {
        var member = CompoundV3.Member(account: account)
        switch (answers.word(index, 0), answers.word(index, 3), answers.word(index, 4)) {
        case (.known(let word), .known(let low), .known(let high)):
            let principal = Int256(bits: word)
            guard principal.magnitude <= CompoundV3.Math.most104 &+ (principal.isNegative ? .one : .zero),
                let low = low.asUInt64(), low < 65_536, let high = high.asUInt64(), high < 256
            else {
                member.issues.append(Unknown("debt", "userBasic: its words are not those of a Comet"))
                return member
            }
            member.principal = principal
            let bits = UInt32(low) | UInt32(high) << 16
            let listed =
                market.state.assets.count >= 24 ? 0xff_ffff : UInt32(1) << UInt32(market.state.assets.count) - 1
            // The contract never looks at a bit without an asset.
            member.assetsIn = bits & listed
        case (let first, let second, let third):
            let reason = first.reason ?? second.reason ?? third.reason ?? .noCode
            member.issues.append(Unknown("debt", "userBasic: \(reason)"))
        }
        return member
    }

    /// Lays out the balances; what a row holds is in its place at once.
    ///
    /// - Returns: for each asset that has to be asked for, who holds it.
    private func take(
        _ known: AccountRows, into book: inout CompoundV3.Book
    ) -> [(place: Int, members: [Int])] {
        var holders = [[Int]](repeating: [], count: market.state.assets.count)
        for index in book.members.indices {
            let member = book.members[index]
            guard member.issues.isEmpty else { continue }
            let row = known.rows[member.account].flatMap { CompoundV3.Row($0) }
            if let row, row.assetsIn == member.assetsIn {
                book.members[index].balances = row.balances
                book.members[index].isRemembered = true
                continue
            }
            book.members[index].balances = [UInt256](repeating: .zero, count: member.assetsIn.nonzeroBitCount)
            for place in holders.indices where member.assetsIn & (1 << UInt32(place)) != 0 {
                holders[place].append(index)
            }
        }
        return holders.indices.filter { !holders[$0].isEmpty }.map { ($0, holders[$0]) }
    }

    private func takeBalances(
        _ held: [(place: Int, members: [Int])], _ answers: [GroupAnswers], into book: inout CompoundV3.Book
    ) {
        for (group, column) in held.enumerated() {
            let name = market.state.assets[column.place].name
            for (index, member) in column.members.enumerated() {
                let below = book.members[member].assetsIn & (1 << UInt32(column.place) - 1)
                switch answers[group].word(index) {
                case .known(let balance) where balance.high == 0:
                    book.members[member].balances[below.nonzeroBitCount] = balance
                case .known:
                    book.members[member].issues.append(
                        Unknown("collateral", "userCollateral in \(name) has more than 128 bits"))
                case .unknown(let reason):
                    book.members[member].issues.append(Unknown("collateral", "userCollateral in \(name): \(reason)"))
                }
            }
        }
    }

    /// Takes what the contract answered at this very block before; false where it has to be asked.
    private func takeAnswer(_ known: AccountRows, of member: Int, into book: inout CompoundV3.Book) -> Bool {
        guard let bytes = known.answers[book.members[member].account], bytes.count == 64,
            let verdict = UInt256(bigEndian: bytes[..<32]), let balance = UInt256(bigEndian: bytes[32...])
        else { return false }
        book.members[member].isLiquidatable = Self.bool(.known(verdict))
        book.members[member].borrowBalance = .known(balance)
        return true
    }

    private func group(
        _ selector: Selector, _ arguments: [UInt256], _ length: Int, gas: Int = 300_000, trailing: UInt256? = nil,
        prelude: Selector? = nil
    ) -> CallGroup {
        CallGroup(
            target: comet, selector: selector, arguments: arguments, returnLength: length, gasPerCall: gas,
            trailing: trailing, prelude: prelude)
    }

    private func read(_ groups: [CallGroup]) async throws(LendingError) -> [GroupAnswers] {
        do throws(ChainError) {
            return try await snapshot.read(groups)
        } catch {
            throw .chain(error)
        }
    }

    private static func bool(_ word: Reading<UInt256>) -> Reading<Bool> {
        switch word {
        case .known(let word) where word.isZero: .known(false)
        case .known(.one): .known(true)
        case .known(let word): .unknown(.malformed("\(word) is no truth value"))
        case .unknown(let reason): .unknown(reason)
        }
    }
}
