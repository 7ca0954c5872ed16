public import Chain

/// What a second endpoint says of the accounts that a first one was read for.
public struct Confirmation: Sendable {
    /// An account of which two endpoints say different things.
    public struct Dispute: Sendable {
        /// Which.
        public let account: Account
        /// What the first said, as the contract encodes it.
        public let first: [UInt8]
        /// What the second said.
        public let second: [UInt8]
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

    /// Asks `witness` about every account in `answers`.
    public static func ask(
        _ witness: Snapshot, _ market: any LendingMarket, about answers: [Account: [UInt8]]
    ) async -> Confirmation {
        let accounts = answers.keys.sorted()
        var confirmation = Confirmation(endpoint: witness.endpointName)
        let said: [Reading<[UInt8]>]
        do throws(LendingError) {
            said = try await market.answers(about: accounts, on: witness)
        } catch {
            confirmation.silent = Set(accounts)
            confirmation.why = "\(error)"
            return confirmation
        }
        for (account, reading) in zip(accounts, said) {
            switch reading {
            case .unknown(let reason):
                confirmation.silent.insert(account)
                confirmation.why = "\(reason)"
            case .known(let second):
                if let first = answers[account], first != second {
                    confirmation.disputes.append(Dispute(account: account, first: first, second: second))
                } else {
                    confirmation.confirmed.insert(account)
                }
            }
        }
        return confirmation
    }
}
