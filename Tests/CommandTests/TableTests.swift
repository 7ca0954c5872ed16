import Ethereum
import Testing

@testable import plimsoll

@Suite struct TableTests {
    private static let accounts = (1...5).map { "0x" + String(repeating: "\($0)", count: 40) }

    static func rows() -> [PositionRow] {
        func row(_ index: Int, _ state: PositionRow.State, _ health: String?, _ debt: String?, legs: String)
            -> PositionRow
        {
            PositionRow(
                state: state, market: "core", account: accounts[index], health: health.flatMap { UInt256(decimal: $0) },
                debt: debt.flatMap { UInt256(decimal: $0) }, collateral: debt.flatMap { UInt256(decimal: $0 + "5") },
                valueUnit: "USD", valueDecimals: 8, distanceBps: index * 97, oracle: index == 2 ? nil : "ok",
                match: index == 3 ? .notCompared : .equal, legs: legs)
        }
        var rows = [
            row(0, .healthy, "2034000000000000000", "1000000000000", legs: "WETH → USDC"),
            row(1, .close, "1013412300000000000", "123456789000000", legs: "wstETH, 日本 → USDC"),
            row(2, .liquidatable, "993975903614457831", "2490000000000", legs: "WETH → USDC"),
            row(3, .unknown, nil, nil, legs: "? → DAI"),
            row(4, .liquidatable, "913975903614457831", "4000", legs: "evil\u{1B}[2J\u{202E} → USDC"),
        ]
        rows[3].distanceBps = nil
        rows[3].unknown = ["price of 0x6B17…1d0F: the feed reverts"]
        return rows
    }

    private func render(_ terminal: Terminal) -> String {
        let heading = [
            Table.Cell("ethereum · core · block 19,000,000"),
            Table.Cell("5 borrowers, 2 liquidatable, 1 close, 1 unknown"),
        ]
        let table = PositionTable(heading: heading).table(PositionTable.worstFirst(Self.rows()))
        return TableRenderer(terminal: terminal).render(table)
    }

    @Test func showsTheWorstFirst() {
        #expect(
            render(.plain) == """
                ethereum · core · block 19,000,000
                5 borrowers, 2 liquidatable, 1 close, 1 unknown

                STATE         ACCOUNT                                     HEALTH      DEBT USD  COLLATERAL USD  DISTANCE %  ORACLE  MATCH  MARKET  LEGS
                liquidatable  0x5555555555555555555555555555555555555555  0.9139          0.00            0.00        3.88  ok      equal  core    evil�[2J� → USDC
                liquidatable  0x3333333333333333333333333333333333333333  0.9939     24,900.00      249,000.00        1.94  –       equal  core    WETH → USDC
                close         0x2222222222222222222222222222222222222222  1.0134  1,234,567.89   12,345,678.90        0.97  ok      equal  core    wstETH, 日本 → USDC
                unknown       0x4444444444444444444444444444444444444444      ?¹            ?¹              ?¹          ?¹  ok      –      core    ? → DAI
                healthy       0x1111111111111111111111111111111111111111  2.0340     10,000.00      100,000.00        0.00  ok      equal  core    WETH → USDC

                ¹ price of 0x6B17…1d0F: the feed reverts

                """)
    }

    @Test func leavesColumnsOutWhereNarrow() {
        let lines = render(Terminal(width: 80, color: false)).split(separator: "\n")
        #expect(lines[2] == "STATE         ACCOUNT          HEALTH      DEBT USD  COLLATERAL USD  DISTANCE %")
        #expect(lines[4] == "liquidatable  0x333333…333333  0.9939     24,900.00      249,000.00        1.94")
    }

    @Test(arguments: [60, 80, 100, 120, 200])
    func fitsTheTerminal(width: Int) {
        for line in render(Terminal(width: width, color: false)).split(separator: "\n") where !line.hasPrefix("¹") {
            #expect(DisplayText.width(line) <= width, "\(line)")
        }
    }

    @Test func colorsByState() {
        let text = render(Terminal(width: 200, color: true))
        #expect(text.contains("\u{1B}[1;31mliquidatable\u{1B}[0m"))
        #expect(text.contains("\u{1B}[33mclose       \u{1B}[0m"))
        #expect(text.contains("\u{1B}[35m    ?¹\u{1B}[0m"))
        #expect(!text.contains("\u{1B}[2J"))
    }

    @Test func putsUnitsIntoCellsWhereTheyDiffer() {
        var rows = Self.rows()
        rows[0].valueUnit = "ETH"
        let text = TableRenderer(terminal: .plain).render(PositionTable().table(rows))
        #expect(text.contains("DEBT  "))
        #expect(text.contains("10,000.00 ETH"))
        #expect(text.contains("24,900.00 USD"))
    }

    @Test func countsFootnotesOnce() {
        var rows = Self.rows()
        rows[0].unknown = ["b", "price of 0x6B17…1d0F: the feed reverts"]
        rows[0].health = nil
        let text = TableRenderer(terminal: .plain).render(PositionTable().table([rows[3], rows[0]]))
        #expect(text.contains("?²˒¹"))
        #expect(text.hasSuffix("\n¹ price of 0x6B17…1d0F: the feed reverts\n² b\n"))
    }
}

@Suite struct DisplayTextTests {
    @Test(arguments: [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🚀", 2), ("→ ∞", 3), ("", 0)])
    func measuresColumns(text: String, width: Int) {
        #expect(DisplayText.width(text) == width)
    }

    @Test(arguments: ["\u{1B}[31m", "a\nb", "\u{202E}", "\u{200B}", "\u{7F}", "\u{85}", "\u{FEFF}", "\u{E000}", "\r"])
    func letsNothingMoveTheCursor(text: String) {
        let clean = DisplayText.sanitized(text)
        #expect(clean.contains("\u{FFFD}"))
        #expect(!clean.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test(arguments: [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…")])
    func shortensToColumns(text: String, limit: Int, result: String) {
        #expect(DisplayText.shortened(text, to: limit) == result)
    }
}
