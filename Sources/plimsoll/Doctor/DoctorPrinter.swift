import Chain
import JSON
import JSONRPC
import Networks

/// Prints a diagnosis: a section for each endpoint for people, records for programs.
struct DoctorPrinter {
    let diagnosis: Diagnosis

    func write(_ format: Format, terminal: Terminal, to output: OutputBuffer) throws {
        var output = output
        let endpoints = diagnosis.reports.map { DoctorRecord.endpoint($0, in: diagnosis) }
        switch format {
        case .ndjson:
            for record in endpoints + [DoctorRecord.whole(diagnosis)] {
                try output.append(record.serialized() + [UInt8(ascii: "\n")])
            }
        case .json:
            let whole: JSONValue = ["doctor": DoctorRecord.whole(diagnosis), "endpoints": .array(endpoints)]
            try output.append(whole.serialized() + [UInt8(ascii: "\n")])
        case .csv:
            try output.append(CSVWriter.row(["endpoint", "operator", "check", "result"]))
            for report in diagnosis.reports {
                for row in rows(report) {
                    try output.append(CSVWriter.row([report.name, report.operatorName, row.check, row.result]))
                }
            }
            for finding in diagnosis.findings {
                try output.append(
                    CSVWriter.row([
                        "", "", "network file \(finding.pointer)", "\(finding.severity): \(finding.message)",
                    ]))
            }
        case .table:
            let renderer = TableRenderer(terminal: terminal)
            for report in diagnosis.reports { try output.append(renderer.render(table(report)) + "\n") }
            try output.append(renderer.render(findings()))
        }
        try output.flush()
    }

    private func table(_ report: EndpointReport) -> Table {
        let isUsable = diagnosis.isUsable(report)
        var table = Table(columns: [Table.Column(title: "CHECK"), Table.Column(title: "RESULT")])
        table.heading = [
            Table.Cell("\(report.name)  run by \(report.operatorName)", .bold),
            isUsable ? Table.Cell("usable", .green) : Table.Cell("cannot be used", .boldRed),
        ]
        table.rows = rows(report).map { [Table.Cell($0.check), Table.Cell($0.result, $0.style)] }
        table.footnotes = EndpointAdvice.lines(report, in: diagnosis).map { Table.Cell("→ \($0)", .yellow) }
        return table
    }

    private func findings() -> Table {
        var table = Table(columns: [
            Table.Column(title: "NETWORK FILE"), Table.Column(title: "PLACE"), Table.Column(title: "WHAT"),
        ])
        table.heading = [Table.Cell("network \(diagnosis.network.name)", .bold)]
        table.rows = diagnosis.findings.map { finding in
            let style: TextStyle =
                switch finding.severity {
                case .wrong: .boldRed
                case .worse: .yellow
                case .unchecked: .dim
                }
            return [
                Table.Cell(finding.severity.rawValue, style), Table.Cell(finding.pointer), Table.Cell(finding.message),
            ]
        }
        if table.rows.isEmpty {
            let isRead = diagnosis.block != nil
            table.rows = [
                [
                    isRead ? Table.Cell("in order", .green) : Table.Cell("unchecked", .dim), Table.Cell(""),
                    Table.Cell(isRead ? "nothing in it contradicts the chain" : "no endpoint to compare it with"),
                ]
            ]
        }
        return table
    }

    private func rows(_ report: EndpointReport) -> [(check: String, result: String, style: TextStyle)] {
        guard let head = report.head else { return [] }
        func number(_ value: UInt64?) -> String { value.map { FixedPointText.grouped($0) } ?? "–" }
        var rows: [(check: String, result: String, style: TextStyle)] = [
            ("client", report.client.isEmpty ? "–" : report.client, .plain),
            (
                "chain id", report.chainId.map(String.init) ?? "–",
                report.chainId == diagnosis.network.chainId ? .plain : .boldRed
            ),
            ("head", "\(number(head.number)), \(age(report))", (diagnosis.lag(report) ?? 0) > 2 ? .yellow : .plain),
            ("safe, finalized", "\(number(report.safe)), \(number(report.finalized))", .plain),
            ("first answer", report.latency.map { "\(Int($0 / .milliseconds(1))) ms" } ?? "–", .plain),
        ]
        for capability in EndpointCapability.allCases {
            let label = Self.label(capability)
            switch report.trials[capability] {
            case .works?: rows.append((label, "yes", .green))
            case .fails(let why)?: rows.append((label, "no: \(why)", .yellow))
            case .untried(let why)?: rows.append((label, "not tried: \(why)", .dim))
            case nil: break
            }
        }
        rows.append(("batch size", span(report.batchSize, "requests"), .plain))
        rows.append(("log range", span(report.logRange, "blocks"), .plain))
        rows.append(("returned by a call", span(report.returnBytes, "bytes"), .plain))
        if let gas = report.callGas {
            rows.append(("gas of a call", "at least \(FixedPointText.grouped(gas))", .plain))
        }
        return rows
    }

    private func age(_ report: EndpointReport) -> String {
        guard let age = DoctorRecord.headAge(report, diagnosis) else { return "–" }
        return age < 0
            ? "\(FixedPointText.grouped(-age)) s ahead of this clock" : "\(FixedPointText.grouped(age)) s old"
    }

    private func span(_ span: EndpointSpan, _ unit: String) -> String {
        switch (span.passed, span.refused) {
        case (let passed?, nil): "at least \(FixedPointText.grouped(passed)) \(unit)"
        case (let passed?, let refused?):
            "\(FixedPointText.grouped(passed)) \(unit), not \(FixedPointText.grouped(refused)): \(span.why ?? "")"
        case (nil, let refused?): "not even \(FixedPointText.grouped(refused)) \(unit): \(span.why ?? "")"
        case (nil, nil): "not tried"
        }
    }

    private static func label(_ capability: EndpointCapability) -> String {
        switch capability {
        case .batch: "batches"
        case .blockByHash: "blocks by hash"
        case .stateOverride: "state override"
        case .simulate: "eth_simulateV1"
        case .proof: "proofs at the head"
        case .recentProof: "proofs 64 blocks back"
        case .blockReceipts: "receipts of a block"
        case .logsByBlockHash: "logs of a block by hash"
        case .archive: "state at the first block"
        }
    }
}
