import Chain
import Ethereum
import Lending

extension AaveV4 {
    /// What the spoke stores for one account: it only changes when an event of the spoke names the account.
    ///
    /// Words: the last risk premium, the flags of 128 reserves each, and three words as the spoke packs them for every
    /// reserve in use, ascending.
    struct Row: Hashable, Sendable {
        let riskPremium: UInt256
        let status: Status
        let holdings: [Holding]
    }
}

extension AaveV4.Row {
    /// Reads a kept row; `nil` for bytes of another shape.
    init?(_ bytes: [UInt8], _ state: AaveV4.MarketState) {
        guard bytes.count % 32 == 0, bytes.count / 32 > state.buckets else { return nil }
        let words = (0..<bytes.count / 32).compactMap { UInt256(bigEndian: bytes.span, at: $0 * 32) }
        let status = AaveV4.Status(words: Array(words[1...state.buckets]))
        let used = status.used(of: state.reserves.count)
        let first = 1 + state.buckets
        guard words.count == first + 3 * used.count else { return nil }
        riskPremium = words[0]
        self.status = status
        holdings = used.enumerated().map { place, reserve in
            AaveV4.Holding(reserve, status, Array(words[first + 3 * place..<first + 3 * place + 3]))
        }
    }
}

extension AaveV4.Holding {
    /// Reads the three words of a position. Bits that the contract never sets are not looked at.
    init(_ reserve: Int, _ status: AaveV4.Status, _ words: [UInt256]) {
        let offset = words[1].bits(0, count: 200)
        self.init(
            reserve: reserve, isCollateral: status.secures(reserve), isBorrowed: status.owes(reserve),
            drawnShares: words[0].bits(0, count: 120), premiumShares: words[0].bits(120, count: 120),
            premiumOffsetRay: Int256(bits: offset[bit: 199] ? offset | ~UInt256.mask(bits: 200) : offset),
            suppliedShares: words[2].bits(0, count: 120),
            configurationKey: UInt64(truncatingIfNeeded: words[2].bits(120, count: 32).low))
    }

    /// The three words as the spoke packs them.
    var words: [UInt256] {
        [
            drawnShares | premiumShares << 120, premiumOffsetRay.bits & .mask(bits: 200),
            suppliedShares | UInt256(configurationKey) << 120,
        ]
    }
}

extension AaveV4.Member {
    /// The row of the account, as it is kept.
    var row: [UInt8] {
        ([riskPremium] + status.words + holdings.flatMap(\.words)).flatMap(\.bigEndianBytes)
    }

    /// Takes what a row holds.
    mutating func take(_ row: AaveV4.Row) {
        riskPremium = row.riskPremium
        status = row.status
        holdings = row.holdings
        isRemembered = true
    }
}

extension AaveV4.Book {
    /// What may be kept of this reading: new rows, and every answer of the spoke.
    var rows: AccountRows {
        var kept = AccountRows()
        for member in members {
            if case .known(let data) = member.accountData { kept.answers[member.account] = data.bytes }
            if !member.isRemembered, member.issues.isEmpty { kept.rows[member.account] = member.row }
        }
        return kept
    }
}
