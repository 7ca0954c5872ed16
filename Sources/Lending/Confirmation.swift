public import Chain

/// What an endpoint says of one account: the contract's own answer, and every number of the position.
public struct AccountStatement: Hashable, Sendable {
    /// The contract's answer, as it encodes it.
    public let answer: [UInt8]
    /// The position, without what is said about it rather than of it; `nil` where only the answer is known.
    public let position: Position?

    /// Makes a statement.
    public init(answer: [UInt8], position: Position?) {
        self.answer = answer
        self.position = position.map(\.numbers)
    }

    /// Whether both say the same, as far as both say something.
    func agrees(with other: AccountStatement) -> Bool {
        guard answer == other.answer else { return false }
        guard let position, let others = other.position else { return true }
        return position == others
    }
}

/// What a second endpoint says of the accounts that a first one was read for.
public struct Confirmation: Sendable {
    /// An account of which two endpoints say different things.
    public struct Dispute: Sendable {
        /// Which.
        public let account: Account
        /// What the second says.
        public let second: AccountStatement
    }

    /// Who was asked.
    public let endpoint: String
    /// Accounts of which both say the same.
    public var confirmed: Set<Account> = []
    /// Accounts of which they do not.
    public var disputes: [Dispute] = []
    /// Accounts of which the second says nothing, and why of the last.
    public var silent: Set<Account> = []
    /// Why it says nothing.
    public var why: String?

    /// Nothing is said yet.
    public init(by endpoint: String) { self.endpoint = endpoint }

    /// Reads every account of `statements` from `witness` and compares all that is said of it.
    ///
    /// - Parameters:
    ///   - market: the deployment, opened at the witness: what holds for everybody is compared too.
    ///   - alongside: entries that the accounts depend on.
    ///   - rows: what was confirmed before and need not be asked again.
    public static func ask(
        _ witness: Snapshot, _ market: any LendingMarket, about statements: [Account: AccountStatement],
        alongside: [Account] = [], rows: AccountRows
    ) async -> Confirmation {
        let accounts = statements.keys.sorted()
        var confirmation = Confirmation(by: witness.endpointName)
        let reading: MarketReading
        do throws(LendingError) {
            // What the contract answered before is what is in question.
            reading = try await market.read(
                alongside + accounts, debtless: true, known: AccountRows(rows: rows.rows), on: witness)
        } catch {
            confirmation.silent = Set(accounts)
            confirmation.why = "\(error)"
            return confirmation
        }
        for position in reading.positions {
            guard let first = statements[position.account] else { continue }
            guard let answer = reading.rows.answers[position.account] else {
                confirmation.silent.insert(position.account)
                confirmation.why = position.unknown.last?.reason
                continue
            }
            let second = AccountStatement(answer: answer, position: position)
            if first.agrees(with: second) {
                confirmation.confirmed.insert(position.account)
            } else {
                confirmation.disputes.append(Dispute(account: position.account, second: second))
            }
        }
        return confirmation
    }
}

extension Position {
    /// The position without what is said about it: what is proven, what is planned, and why a number is missing.
    var numbers: Position {
        var numbers = self
        numbers.verified = []
        numbers.confirmations = nil
        numbers.unknown = []
        numbers.oracle = nil
        numbers.plans = nil
        return numbers
    }
}
