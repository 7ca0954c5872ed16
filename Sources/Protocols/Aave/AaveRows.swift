import Chain
import Ethereum
import Lending

extension Aave {
    /// What the pool and its tokens store for one account: it only changes when an event names the account.
    ///
    /// The words are, for each listed reserve in use, ascending: the scaled supply where the reserve secures; the scaled
    /// variable debt where it is owed and then, under rules with stable debt, principal, rate and time of the stable one.
    struct Row: Hashable, Sendable {
        /// The account's configuration word.
        let configuration: UInt256
        /// The account's category, 0 for none.
        let category: UInt256
        /// What it holds.
        let words: [UInt256]

        init(configuration: UInt256, category: UInt256, words: [UInt256]) {
            self.configuration = configuration
            self.category = category
            self.words = words
        }

        /// Reads a kept row; `nil` for bytes of another shape.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 64, bytes.count % 32 == 0, bytes.count <= 32 * 1_024,
                let configuration = UInt256(bigEndian: bytes.span, at: 0),
                let category = UInt256(bigEndian: bytes.span, at: 32)
            else { return nil }
            self.configuration = configuration
            self.category = category
            words = (2..<bytes.count / 32).compactMap { UInt256(bigEndian: bytes.span, at: $0 * 32) }
        }

        /// The row as it is kept.
        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(64 + 32 * words.count)
            configuration.append(to: &bytes)
            category.append(to: &bytes)
            for word in words { word.append(to: &bytes) }
            return bytes
        }
    }
}

extension Aave.MarketState {
    /// How many words the row of an account has.
    func rowLength(_ configuration: Aave.AccountConfiguration) -> Int {
        reserves.reduce(0) { sum, reserve in
            sum + (configuration.secures(reserve.id) ? 1 : 0)
                + (configuration.owes(reserve.id) ? (rules.stableDebt ? 4 : 1) : 0)
        }
    }
}

extension Aave.Book {
    /// What may be kept of this reading: new rows, and every answer of the contract.
    ///
    /// A debt that the token itself computes from more than the account's own storage is never kept: it may change
    /// without an event that names the account.
    func rows(besides known: AccountRows) -> AccountRows {
        var kept = AccountRows()
        for index in members.indices {
            let member = members[index]
            if case .known(let data) = member.accountData { kept.answers[member.account] = data.bytes }
            guard member.row == nil, member.issues.isEmpty, let row = row(of: index) else { continue }
            kept.rows[member.account] = row.bytes
        }
        return kept
    }

    private func row(of index: Int) -> Aave.Row? {
        let member = members[index]
        var words: [UInt256] = []
        var slot = member.start
        for reserve in state.reserves {
            if member.configuration.secures(reserve.id) {
                words.append(sheet.balances[slot])
                slot += 1
            }
            guard member.configuration.owes(reserve.id) else { continue }
            guard !state.owesAmounts(reserve) else { return nil }
            words.append(sheet.balances[slot])
            slot += 1
            guard state.rules.stableDebt else { continue }
            let stable = sheet.stable[slot] ?? Aave.StableDebt(principal: .zero)
            words += [stable.principal, stable.rate, UInt256(stable.updated)]
            slot += 1
        }
        return Aave.Row(
            configuration: member.configuration.word, category: UInt256(UInt64(member.category)), words: words)
    }
}

extension Aave.AccountData {
    /// Reads six kept words; `nil` for bytes of another shape.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 192 else { return nil }
        let words = (0..<6).compactMap { UInt256(bigEndian: bytes.span, at: $0 * 32) }
        self.init(
            totalCollateralBase: words[0], totalDebtBase: words[1], availableBorrowsBase: words[2],
            currentLiquidationThreshold: words[3], ltv: words[4], healthFactor: words[5])
    }

    /// The six words as they are kept.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        for word in [
            totalCollateralBase, totalDebtBase, availableBorrowsBase, currentLiquidationThreshold, ltv, healthFactor,
        ] { word.append(to: &bytes) }
        return bytes
    }
}
