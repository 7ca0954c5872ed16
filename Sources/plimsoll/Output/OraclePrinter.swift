import Chain
import Ethereum
import JSON
import Lending
import Networks
import Oracles

/// Prints what was found about prices: a table for people, records for programs.
struct OraclePrinter {
    let output: OutputOptions
    let tree: Bool
    let session: RPCSession

    func write(_ lines: [OracleShowCommand.Line], _ book: OracleBook) throws {
        var buffer = OutputBuffer.standardOutput()
        switch output.effectiveFormat {
        case .table: try table(lines, book, to: &buffer)
        case .ndjson:
            for line in lines { try buffer.append(record(line, book).serialized() + [UInt8(ascii: "\n")]) }
        case .json:
            try buffer.append(
                JSONValue.array(lines.map { record($0, book) }).serialized() + [UInt8(ascii: "\n")])
        case .csv: try csv(lines, to: &buffer)
        }
        try buffer.flush()
    }

    // MARK: Records

    private func record(_ line: OracleShowCommand.Line, _ book: OracleBook) -> JSONValue {
        var members = OracleRecord.members(line.market, line.assessment, book)
        if tree, let source = line.assessment.asset.source.address {
            members.append(("tree", book.forest.record(of: source)))
        }
        if let history = line.history {
            members.append(
                (
                    "history",
                    .array(
                        history.rounds.map { round in
                            [
                                "round": .string(round.id.description),
                                "price": round.price.value.map { .string($0.description) } ?? .null,
                                "updatedAt": round.updatedAt.map { .integer($0) } ?? .null,
                                "unknown": round.price.reason.map { .string("\($0)") } ?? .null,
                            ]
                        })
                ))
        }
        return .object(JSONObject(members))
    }

    private func csv(_ lines: [OracleShowCommand.Line], to buffer: inout OutputBuffer) throws {
        try buffer.append(
            CSVWriter.row([
                "deployment", "asset", "symbol", "verdict", "price", "reference", "deviationBps", "independent",
                "updatedAt", "heartbeat", "flags",
            ]))
        for line in lines {
            let found = line.assessment
            let bps = found.price.flatMap { price in found.reference.map { price.deviationBps(from: $0) } }
            try buffer.append(
                CSVWriter.row([
                    line.market.deployment, found.asset.asset.checksummed, found.asset.symbol ?? "",
                    found.verdict.rawValue, found.price.map { "\($0)" } ?? "", found.reference.map { "\($0)" } ?? "",
                    bps.map { "\($0)" } ?? "", "\(found.independent)", found.updatedAt.map { "\($0)" } ?? "",
                    found.heartbeat.map { "\($0)" } ?? "", found.flags.joined(separator: " "),
                ]))
        }
    }

    // MARK: For people

    private func table(
        _ lines: [OracleShowCommand.Line], _ book: OracleBook, to buffer: inout OutputBuffer
    ) throws {
        var table = Table(columns: [
            Table.Column(title: "ASSET"), Table.Column(title: "SOURCE"), Table.Column(title: "PRICE", right: true),
            Table.Column(title: "AGE s", right: true, expendable: 1),
            Table.Column(title: "FROM PROTOCOL %", right: true, expendable: 2), Table.Column(title: "VERDICT"),
            Table.Column(title: "WHY", expendable: 3),
        ])
        table.heading = [
            Table.Cell(
                "\(session.network.name) at block \(FixedPointText.grouped(book.block.number)) \(book.block.hash.hex)",
                .bold)
        ]
        for line in lines { table.rows += rows(line, book) }
        if session.network.priceSources.isEmpty {
            table.footnotes.append(
                Table.Cell("the network file names no priceSources: nothing independent was read", .dim))
        }
        let terminal = output.terminal(Environment.current)
        try buffer.append(TableRenderer(terminal: terminal).render(table))
        for line in lines { try buffer.append(below(line, book, terminal)) }
    }

    private func rows(_ line: OracleShowCommand.Line, _ book: OracleBook) -> [[Table.Cell]] {
        let found = line.assessment
        let name = found.asset.symbol ?? found.asset.asset.checksummed
        var rows = [
            [
                Table.Cell(name, .bold), Table.Cell("\(line.market.deployment) (\(found.kind))"),
                Self.price(found.price), Self.age(found.updatedAt, book), Table.Cell(""),
                Table.Cell(found.verdict.rawValue, Self.style(found.verdict)),
                Table.Cell((found.flags + found.reasons).joined(separator: "; "), .dim),
            ]
        ]
        for compared in found.compared {
            let reading = compared.reference.reading
            let why = (reading.price.reason ?? compared.reference.dollars.reason).map { "\($0)" }
            rows.append([
                Table.Cell(""), Table.Cell("  \(reading.configuration.kind) (\(reading.evidence.rawValue))"),
                Self.price(compared.price), Self.age(reading.updatedAt, book),
                // The protocol's price from the source's, turned around: where the source stands.
                compared.deviationBps.map { Table.Cell(FixedPointText.percent(bps: -$0)) } ?? Table.Cell("–", .dim),
                Table.Cell(compared.isIndependent ? "" : "not independent", .dim),
                Table.Cell(why ?? reading.notes.joined(separator: "; "), .dim),
            ])
        }
        return rows
    }

    private static func price(_ price: ExactPrice?) -> Table.Cell {
        guard let price else { return Table.Cell("?", .magenta) }
        return Table.Cell(String("\(price)".prefix(20)))
    }

    private static func age(_ updated: UInt64?, _ book: OracleBook) -> Table.Cell {
        guard let updated else { return Table.Cell("–", .dim) }
        return Table.Cell(FixedPointText.grouped(book.block.timestamp >= updated ? book.block.timestamp - updated : 0))
    }

    private static func style(_ verdict: OracleFindings.Verdict) -> TextStyle {
        switch verdict {
        case .ok: .green
        case .unknown: .dim
        case .suspect: .yellow
        case .reject: .boldRed
        }
    }

    /// The tree and the history of one asset, as far as they were asked for.
    private func below(_ line: OracleShowCommand.Line, _ book: OracleBook, _ terminal: Terminal) -> String {
        var text = ""
        let name = line.assessment.asset.symbol ?? line.assessment.asset.asset.checksummed
        if tree, let source = line.assessment.asset.source.address {
            text += "\n" + TextStyle.bold.apply(DisplayText.sanitized(name), color: terminal.color) + "\n"
            book.forest.walk(source) { node, role, depth in
                var words = "\(node.kind.rawValue) \(node.address.checksummed)"
                if let role { words = "\(role): " + words }
                if let title = node.name { words += " \"\(title)\"" }
                if let price = node.price { words += " = \(price)" }
                if node.isCapped == true { words += " CAPPED" }
                if let headroom = node.headroomBps { words += ", cap \(headroom) bps above" }
                if let root = node.root { words += "  [\(root.name)]" }
                words += node.notes.map { "; \($0)" }.joined()
                text += String(repeating: "  ", count: depth + 1) + DisplayText.sanitized(words) + "\n"
            }
            text += "  roots: \(line.assessment.roots.count), independent sources: \(line.assessment.independent)\n"
        }
        if let history = line.history {
            text +=
                "\n" + DisplayText.sanitized(name) + "  " + Sparkline.text(history.rounds.reversed().map(\.price.value))
                + "  \(history.rounds.count) rounds\n"
        }
        return text
    }
}

/// Numbers as a row of bars.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// One bar each, a gap where there is no number; at most 120, the last ones.
    static func text(_ prices: [ExactPrice?]) -> String {
        let shown = prices.suffix(120)
        let known = shown.compactMap { $0?.scaled(to: UInt256(1_000_000_000_000)) }
        guard let low = known.min(), let high = known.max() else { return "" }
        let span = high &- low
        return String(
            shown.map { price -> Character in
                guard let value = price?.scaled(to: UInt256(1_000_000_000_000)) else { return " " }
                guard !span.isZero else { return bars[3] }
                let step = (try? UInt256.mulDiv(value &- low, 7, span, .down))?.asUInt64() ?? 0
                return bars[Int(min(7, step))]
            })
    }
}
