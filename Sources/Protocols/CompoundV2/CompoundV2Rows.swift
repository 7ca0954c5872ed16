import Chain
import Ethereum
import Lending

extension CompoundV2 {
    /// What the contracts store for one account: it only changes when an event names the account.
    ///
    /// The first word is the account's pool; then, for each market that it entered, the cToken's address with bit 255
    /// set where something was owed, and the tokens. Debts grow with each accrual and are always read.
    struct Row: Hashable, Sendable {
        /// The pool, 0 for none.
        var pool: Int
        /// The markets that the account entered.
        var entries: [(market: Address, owes: Bool, tokens: UInt256)]

        init(pool: Int, entries: [(market: Address, owes: Bool, tokens: UInt256)]) {
            self.pool = pool
            self.entries = entries
        }

        /// Reads a kept row; `nil` for bytes of another shape.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 32, bytes.count % 64 == 32, bytes.count <= 64 * CompoundV2.mostMarkets + 32,
                let pool = UInt256(bigEndian: bytes.span, at: 0)?.asInt()
            else { return nil }
            self.pool = pool
            entries = []
            for place in stride(from: 32, to: bytes.count, by: 64) {
                guard var market = UInt256(bigEndian: bytes.span, at: place),
                    let tokens = UInt256(bigEndian: bytes.span, at: place + 32)
                else { return nil }
                let owes = market[bit: 255]
                if owes { market = market ^ (UInt256.one << 255) }
                guard let address = Address(checkedWord: market) else { return nil }
                entries.append((address, owes, tokens))
            }
        }

        /// The row as it is kept.
        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(32 + 64 * entries.count)
            UInt256(UInt64(pool)).append(to: &bytes)
            for entry in entries {
                (entry.owes ? entry.market.word ^ (UInt256.one << 255) : entry.market.word).append(to: &bytes)
                entry.tokens.append(to: &bytes)
            }
            return bytes
        }

        static func == (one: Row, other: Row) -> Bool { one.bytes == other.bytes }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    }
}

extension CompoundV2.Book {
    /// What may be kept of this reading: new rows, and every answer of the contract.
    var rows: AccountRows {
        var kept = AccountRows()
        for member in members {
            if case .known(let words) = member.answer {
                var bytes: [UInt8] = []
                for word in words { word.append(to: &bytes) }
                kept.answers[member.account] = bytes
            }
            guard !member.isRemembered, member.issues.isEmpty, !member.holdings.contains(where: { !$0.error.isZero })
            else { continue }
            let row = CompoundV2.Row(
                pool: member.pool,
                entries: member.holdings.map {
                    (state.markets[$0.market].address, !$0.borrow.isZero, $0.tokens)
                })
            kept.rows[member.account] = row.bytes
        }
        return kept
    }
}
