import Chain
import Ethereum
import Lending

extension Template {
    /// Which calls answer what. A family of the house uses the bindings that `abis/*.json` give.
    struct Reads: Sendable {
        let market: String
        let vault: Address
        let snapshot: Snapshot
    }

    /// What the vault stores for one account: it only changes when an event names the account.
    struct Loan: Hashable, Sendable {
        var collateral: UInt256
        var debt: UInt256

        var bytes: [UInt8] { collateral.bigEndianBytes + debt.bigEndianBytes }

        init(collateral: UInt256, debt: UInt256) {
            self.collateral = collateral
            self.debt = debt
        }

        /// Reads a kept row; `nil` for bytes of another shape.
        init?(_ bytes: [UInt8]) {
            guard bytes.count == 64, let collateral = UInt256(bigEndian: bytes.span, at: 0),
                let debt = UInt256(bigEndian: bytes.span, at: 32)
            else { return nil }
            self.init(collateral: collateral, debt: debt)
        }
    }
}

extension Template.Reads {
    /// Everything that does not depend on an account, in two exchanges.
    func state() async throws(LendingError) -> Template.State {
        let answers = try await ask(
            [
                "version()", "collateralAsset()", "debtAsset()", "liquidationThreshold()", "bonus()", "totalDebt()",
                "price()", "feed()",
            ]
            .map { Call(target: vault, data: Selector(signature: $0).bytes) })
        if case .known(let bytes) = answers[0], bytes.isEmpty {
            throw .noCode(market: market, role: "vault", vault)
        }
        let version = try word(answers[0], "version()")
        guard version == 1 else {
            throw .unknownRules(market: market, at: vault, read: "version() = \(version)", expected: "1")
        }
        let collateral = try address(answers[1], "collateralAsset()")
        let debt = try address(answers[2], "debtAsset()")
        let facts: [TokenFacts]
        do throws(ChainError) {
            facts = try await snapshot.tokens([collateral, debt])
        } catch {
            throw .chain(error)
        }
        guard let bonus = try word(answers[4], "bonus()").asInt() else {
            throw .unreadable(market: market, what: "bonus()", at: vault, .malformed("a number beyond any bonus"))
        }
        return Template.State(
            collateral: try token(collateral, facts[0]), debt: try token(debt, facts[1]),
            liquidationThreshold: try word(answers[3], "liquidationThreshold()"), bonus: bonus,
            totalDebt: try word(answers[5], "totalDebt()"), price: Self.word(answers[6]),
            feed: try address(answers[7], "feed()"))
    }

    /// The loans of the accounts, in their order; what is remembered is not asked for.
    func loans(of accounts: [Account], known: AccountRows) async throws(LendingError) -> [Reading<Template.Loan>] {
        let kept = accounts.map { known.rows[$0].flatMap { Template.Loan($0) } }
        let asked = accounts.indices.filter { kept[$0] == nil }
        let answers = try await group("loans(address)", asked.map { accounts[$0].address.word }, words: 2)
        var loans = kept.map { $0.map { Reading.known($0) } ?? .unknown(.failed("it was never asked")) }
        for (place, index) in asked.enumerated() {
            switch (answers.word(place), answers.word(place, 1)) {
            case (.known(let collateral), .known(let debt)):
                loans[index] = .known(Template.Loan(collateral: collateral, debt: debt))
            case (.unknown(let reason), _), (_, .unknown(let reason)): loans[index] = .unknown(reason)
            }
        }
        return loans
    }

    /// What the contract itself says of each account.
    func health(of accounts: [Account]) async throws(LendingError) -> [Reading<UInt256>] {
        let answers = try await group("health(address)", accounts.map(\.address.word), words: 1)
        return accounts.indices.map { answers.word($0) }
    }

    private func group(_ signature: String, _ arguments: [UInt256], words: Int) async throws(LendingError)
        -> GroupAnswers
    {
        let group = CallGroup(
            target: vault, selector: Selector(signature: signature), arguments: arguments, returnLength: 32 * words)
        do throws(ChainError) {
            return try await snapshot.read([group])[0]
        } catch {
            throw .chain(error)
        }
    }

    private func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }

    private func token(_ address: Address, _ facts: TokenFacts) throws(LendingError) -> Template.Token {
        switch facts.decimals {
        case .known(let decimals): Template.Token(address: address, symbol: facts.symbol.value, decimals: decimals)
        case .unknown(let reason):
            throw .unreadable(market: market, what: "decimals()", at: address, reason)
        }
    }

    private static func word(_ answer: Reading<[UInt8]>) -> Reading<UInt256> {
        switch answer {
        case .unknown(let reason): .unknown(reason)
        case .known(let bytes):
            bytes.count < 32
                ? .unknown(bytes.isEmpty ? .noCode : .malformed("\(bytes.count) bytes"))
                : UInt256(bigEndian: bytes.span, at: 0).map { .known($0) } ?? .unknown(.malformed("no word"))
        }
    }

    private func word(_ answer: Reading<[UInt8]>, _ what: String) throws(LendingError) -> UInt256 {
        switch Self.word(answer) {
        case .known(let word): return word
        case .unknown(let reason): throw .unreadable(market: market, what: what, at: vault, reason)
        }
    }

    private func address(_ answer: Reading<[UInt8]>, _ what: String) throws(LendingError) -> Address {
        guard let address = Address(checkedWord: try word(answer, what)) else {
            throw .unreadable(market: market, what: what, at: vault, .malformed("no address"))
        }
        return address
    }
}
