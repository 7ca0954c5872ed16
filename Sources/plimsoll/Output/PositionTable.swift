import Ethereum

/// One borrower as the table shows it.
struct PositionRow: Sendable {
    /// How close the position is to its line, worst first.
    enum State: Int, Comparable, CaseIterable, Sendable {
        /// The protocol would let anyone liquidate it at the pinned block.
        case liquidatable
        /// A fall of at most two per cent of its prices would make it so.
        case close
        /// Whether it can be liquidated could not be computed.
        case unknown
        /// Further away.
        case healthy
        /// It has no debt.
        case debtless

        static func < (one: State, other: State) -> Bool { one.rawValue < other.rawValue }
    }

    /// Whether our number is the contract's.
    enum Match: Sendable { case equal, differs, notCompared }

    var state: State
    var market: String
    /// EIP-55.
    var account: String
    /// A wad; `.max` without debt; `nil` where unknown.
    var health: UInt256?
    /// In units of 10^−`valueDecimals` of `valueUnit`; `nil` where unknown.
    var debt: UInt256?
    var collateral: UInt256?
    var valueUnit: String
    var valueDecimals: Int
    /// The fall of all collateral prices together that reaches the line, in basis points; `nil` where unknown or none
    /// does.
    var distanceBps: Int?
    /// The oracle's verdict in a word; `nil` where none was made.
    var oracle: String?
    var match: Match
    /// Assets of the legs, such as `WETH, wstETH → USDC`.
    var legs: String
    /// Why a field is `nil`, in words.
    var unknown: [String] = []
}

/// Turns rows into a table: state by colour, what is unknown as `?` with a footnote.
struct PositionTable {
    /// Lines above: what was scanned, at which block, what was found.
    var heading: [Table.Cell] = []

    /// The rows in an order of use to a person: state, then health, then the larger debt, then the account.
    static func worstFirst(_ rows: [PositionRow]) -> [PositionRow] {
        rows.sorted { one, other in
            if one.state != other.state { return one.state < other.state }
            if one.health != other.health { return (one.health ?? .zero) < (other.health ?? .zero) }
            if one.debt != other.debt { return (one.debt ?? .zero) > (other.debt ?? .zero) }
            return (one.account, one.market) < (other.account, other.market)
        }
    }

    /// The table of `rows` in their order.
    func table(_ rows: [PositionRow]) -> Table {
        let units = Set(rows.map(\.valueUnit))
        let unit = units.count == 1 ? units.first : nil
        var notes = Footnotes()
        var table = Table(heading: heading, columns: PositionTable.columns(unit: unit, rows))
        for row in rows { table.rows.append(cells(row, unit: unit, &notes)) }
        table.footnotes = notes.lines.map { Table.Cell($0, .dim) }
        return table
    }

    private static func columns(unit: String?, _ rows: [PositionRow]) -> [Table.Column] {
        let suffix = unit.map { " " + DisplayText.sanitized($0) } ?? ""
        return [
            Table.Column(title: "STATE"),
            Table.Column(title: "ACCOUNT"),
            Table.Column(title: "HEALTH", right: true),
            Table.Column(title: "DEBT\(suffix)", right: true),
            Table.Column(title: "COLLATERAL\(suffix)", right: true, expendable: 1),
            Table.Column(title: "DISTANCE %", right: true, expendable: 2),
            Table.Column(title: "ORACLE", expendable: 4),
            Table.Column(title: "MATCH", expendable: 3),
            Table.Column(title: "MARKET", expendable: Set(rows.map(\.market)).count > 1 ? 2 : 6),
            Table.Column(title: "LEGS", expendable: 5),
        ]
    }

    private func cells(_ row: PositionRow, unit: String?, _ notes: inout Footnotes) -> [Table.Cell] {
        let style = PositionTable.style(row.state)
        let mark = notes.mark(row.unknown)
        func value(_ amount: UInt256?) -> Table.Cell {
            guard let amount else { return Table.Cell("?" + mark, .magenta) }
            let number = FixedPointText.grouped(amount, decimals: row.valueDecimals, places: 2)
            return Table.Cell(unit == nil ? "\(number) \(row.valueUnit)" : number)
        }
        return [
            Table.Cell(PositionTable.word(row.state), style),
            Table.Cell(row.account, short: PositionTable.shortened(row.account)),
            Table.Cell(row.health.map(FixedPointText.health) ?? "?" + mark, row.health == nil ? .magenta : style),
            value(row.debt), value(row.collateral),
            distance(row, mark),
            row.oracle.map { Table.Cell($0, PositionTable.oracleStyle($0)) } ?? Table.Cell("–", .dim),
            PositionTable.match(row.match),
            Table.Cell(row.market, .dim),
            Table.Cell(row.legs, .dim),
        ]
    }

    private func distance(_ row: PositionRow, _ mark: String) -> Table.Cell {
        if let bps = row.distanceBps { return Table.Cell(FixedPointText.percent(bps: bps)) }
        return row.unknown.isEmpty ? Table.Cell("–", .dim) : Table.Cell("?" + mark, .magenta)
    }
}

extension PositionTable {
    static func word(_ state: PositionRow.State) -> String {
        switch state {
        case .liquidatable: "liquidatable"
        case .close: "close"
        case .unknown: "unknown"
        case .healthy: "healthy"
        case .debtless: "no debt"
        }
    }

    private static func style(_ state: PositionRow.State) -> TextStyle {
        switch state {
        case .liquidatable: .boldRed
        case .close: .yellow
        case .unknown: .magenta
        case .healthy: .green
        case .debtless: .dim
        }
    }

    private static func oracleStyle(_ verdict: String) -> TextStyle {
        switch verdict {
        case "ok": .green
        case "suspect": .yellow
        case "reject": .red
        default: .dim
        }
    }

    private static func match(_ match: PositionRow.Match) -> Table.Cell {
        switch match {
        case .equal: Table.Cell("equal", .green)
        case .differs: Table.Cell("DIFFERS", .boldRed)
        case .notCompared: Table.Cell("–", .dim)
        }
    }

    /// `0x87870B…4fA4E2`: enough to recognise an account.
    private static func shortened(_ account: String) -> String {
        account.count > 18 ? account.prefix(8) + "…" + account.suffix(6) : account
    }
}

/// Reasons for what is unknown, each numbered once.
private struct Footnotes {
    private var reasons: [String] = []

    /// The superscript numbers of these reasons; nothing where there are none.
    mutating func mark(_ unknown: [String]) -> String {
        let numbers = unknown.map { reason in
            if let index = reasons.firstIndex(of: reason) { return index + 1 }
            reasons.append(reason)
            return reasons.count
        }
        return numbers.map(Footnotes.superscript).joined(separator: "˒")
    }

    var lines: [String] { reasons.enumerated().map { "\(Footnotes.superscript($0 + 1)) \($1)" } }

    private static func superscript(_ number: Int) -> String {
        String(String(number).compactMap { digit in digit.wholeNumberValue.map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] } })
    }
}
