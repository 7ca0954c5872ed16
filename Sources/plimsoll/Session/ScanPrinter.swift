import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks

/// Prints what a scan found: a table for people, records for programs.
struct ScanPrinter {
    let output: OutputOptions
    let environment: [String: String]

    func write(_ positions: [Position], _ outcome: ScanOutcome, session: RPCSession, milliseconds: Int) throws {
        let format: RecordWriter.Format
        switch output.effectiveFormat {
        case .table: return try table(positions, outcome, session: session, milliseconds: milliseconds)
        case .json: format = .json
        case .ndjson: format = .ndjson
        case .csv: format = .csv
        }
        var writer = try RecordWriter(format, to: .standardOutput())
        for position in positions { try writer.write(PositionRecord(position).json) }
        if let whatIf = outcome.whatIf { try writer.write(whatIf.json, among: "whatIf") }
        for sale in outcome.markets.flatMap(\.reading.sales) { try writer.write(sale.json, among: "sales") }
        for record in outcome.oracles?.records(outcome.markets.map(\.reading.positions)) ?? [] {
            try writer.write(record, among: "oracles")
        }
        try writer.finish(head: HeadRecord.make(outcome, session: session, milliseconds: milliseconds))
    }

    private func table(
        _ positions: [Position], _ outcome: ScanOutcome, session: RPCSession, milliseconds: Int
    ) throws {
        var table = PositionTable(heading: heading(outcome, shown: positions.count, session, milliseconds))
            .table(positions.map(row))
        table.footnotes += outcome.complaints.map { Table.Cell($0, .yellow) }
        var buffer = OutputBuffer.standardOutput()
        try buffer.append(TableRenderer(terminal: output.terminal(environment)).render(table))
        try buffer.flush()
    }

    private func heading(
        _ outcome: ScanOutcome, shown: Int, _ session: RPCSession, _ milliseconds: Int
    ) -> [Table.Cell] {
        let block = outcome.snapshot.block
        let counts = HeadRecord.Counts(outcome.markets.flatMap(\.reading.positions))
        let rpc = session.statistics.now
        let names = outcome.markets.map { "\($0.id.deployment) (\($0.id.protocol))" }.joined(separator: ", ")
        let residuals = outcome.markets.filter { $0.discovery != nil }.flatMap(\.reading.coverage)
        var lines = [
            Table.Cell(
                "\(session.network.name): \(names) at block \(FixedPointText.grouped(block.number)) \(block.hash.hex)",
                .bold)
        ]
        var found =
            "\(FixedPointText.grouped(counts.accounts)) accounts: \(FixedPointText.grouped(counts.liquidatable)) liquidatable"
        if counts.unknown > 0 { found += ", \(FixedPointText.grouped(counts.unknown)) unknown" }
        if counts.mismatched > 0 {
            found += ", \(FixedPointText.grouped(counts.mismatched)) CONTRADICTED BY THE CONTRACT"
        }
        if shown < counts.accounts { found += "; the first \(FixedPointText.grouped(shown)) are shown" }
        lines.append(Table.Cell(found))
        let signature = outcome.markets.flatMap(\.reading.positions).count { position in
            position.liquidatable == true
                && position.oracle?.healthUnder.contains { $0.verdict?.liquidatable == false } ?? false
        }
        if signature > 0 {
            lines.append(
                Table.Cell(
                    "\(FixedPointText.grouped(signature)) of them are liquidatable only under the protocol's price: "
                        + "independent sources say otherwise", .boldRed))
        }
        if !residuals.isEmpty {
            let explained = residuals.count(where: \.isWithinBound)
            lines.append(
                Table.Cell(
                    "coverage: the debt of \(explained) of \(residuals.count) debt tokens is explained by these accounts",
                    explained == residuals.count ? .green : .yellow))
        }
        lines.append(
            Table.Cell(
                "\(FixedPointText.grouped(rpc.requests)) requests, \(FixedPointText.grouped(rpc.calls)) calls, "
                    + "\(FixedPointText.grouped((rpc.bytesSent + rpc.bytesReceived) / 1_024)) KiB, "
                    + "\(FixedPointText.exact(UInt256(UInt64(milliseconds)), decimals: 3)) s by \(outcome.snapshot.path.rawValue)",
                .dim))
        return lines
    }

    /// A position as the table shows it.
    private func row(_ position: Position) -> PositionRow {
        let collateral = position.collateral.filter(\.enabled).map { $0.symbol ?? $0.asset.checksummed }
        let debt = position.debt.map { $0.symbol ?? $0.asset.checksummed }
        return PositionRow(
            state: Self.state(position), market: position.market.deployment,
            account: position.account.address.checksummed,
            health: position.hfProtocol, debt: position.debtValue, collateral: position.collateralValue,
            valueUnit: position.valueUnit.symbol, valueDecimals: position.valueUnit.decimals,
            distanceBps: Self.distanceBps(position), oracle: position.oracle?.verdict.rawValue,
            match: Self.match(position.match),
            legs: "\(collateral.joined(separator: ", ")) → \(debt.joined(separator: ", "))",
            unknown: position.isUnknown ? position.unknown.filter { $0.field == "liquidatable" }.map(\.reason) : [])
    }

    /// The joint fall of all collateral prices, debt prices standing still, that brings the health factor to one:
    /// 1 − 1/HF, rounded up to whole basis points. For showing; a verdict never depends on it.
    static func distanceBps(_ position: Position) -> Int? {
        guard let health = position.hfProtocol, health != .max, health >= position.hfScale, !health.isZero else {
            return nil
        }
        do {
            let left = try UInt256.mulDiv(position.hfScale, 10_000, health, .down)
            return try (10_000 - left).asInt()
        } catch {
            return nil
        }
    }

    private static func state(_ position: Position) -> PositionRow.State {
        guard let liquidatable = position.liquidatable else { return .unknown }
        if liquidatable { return .liquidatable }
        if position.hfProtocol == .max { return .debtless }
        return (distanceBps(position) ?? 10_000) <= 200 ? .close : .healthy
    }

    private static func match(_ match: Position.Match) -> PositionRow.Match {
        switch match {
        case .equal: .equal
        case .differs: .differs
        case .notCompared: .notCompared
        }
    }
}
