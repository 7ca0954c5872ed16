import Chain
import Ethereum
import Lending

extension CompoundV3 {
    /// What a Comet stores of one account's collateral: it only changes when an event names the account.
    ///
    /// Principals are not among it: a base transfer may change them without any event.
    struct Row: Hashable, Sendable {
        /// Which collateral counts; a row that was kept under other bits says nothing.
        let assetsIn: UInt32
        /// What is held of each, ascending.
        let balances: [UInt256]

        init(assetsIn: UInt32, balances: [UInt256]) {
            self.assetsIn = assetsIn
            self.balances = balances
        }

        /// Reads a kept row; `nil` for bytes of another shape.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 32, bytes.count % 32 == 0, bytes.count <= 32 * 25,
                let bits = UInt256(bigEndian: bytes.span, at: 0)?.asUInt64(), bits < 1 << 24,
                bits.nonzeroBitCount == bytes.count / 32 - 1
            else { return nil }
            assetsIn = UInt32(bits)
            balances = (1..<bytes.count / 32).compactMap { UInt256(bigEndian: bytes.span, at: $0 * 32) }
        }

        /// The row as it is kept.
        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(32 + 32 * balances.count)
            UInt256(UInt64(assetsIn)).append(to: &bytes)
            for balance in balances { balance.append(to: &bytes) }
            return bytes
        }
    }
}

extension CompoundV3.Book {
    /// What may be kept of this reading: new rows, and every answer of the contract.
    func rows(besides known: AccountRows) -> AccountRows {
        var kept = AccountRows()
        for member in members where member.issues.isEmpty {
            if let verdict = member.isLiquidatable.value, let balance = member.borrowBalance.value {
                kept.answers[member.account] =
                    (verdict ? UInt256.one : .zero).bigEndianBytes + balance.bigEndianBytes
            }
            guard !member.isRemembered else { continue }
            kept.rows[member.account] = CompoundV3.Row(assetsIn: member.assetsIn, balances: member.balances).bytes
        }
        return kept
    }

    /// How much of the market's debt the accounts explain, in principal.
    func coverage(of market: CompoundV3.Market) -> CoverageResidual {
        CoverageResidual(
            asset: market.state.base.token, symbol: market.state.base.symbol, debtToken: market.comet,
            unit: "principal", total: market.state.totals.totalBorrowBase, explained: owed.value, bound: .zero,
            boundReason: "the Comet changes an account's principal and totalBorrowBase by the same amount",
            unknown: owed.reason.map(\.description))
    }
}
