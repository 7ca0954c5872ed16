import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks

/// A diagnosis as records for programs.
enum DoctorRecord {
    /// The record of one endpoint.
    static func endpoint(_ report: EndpointReport, in diagnosis: Diagnosis) -> JSONValue {
        var record = JSONObject()
        record["v"] = .integer(PositionRecord.version)
        record["type"] = "endpoint"
        record["network"] = .string(diagnosis.network.name)
        record["endpoint"] = .string(report.name)
        record["operator"] = .string(report.operatorName)
        record["usable"] = .bool(diagnosis.isUsable(report))
        record["failure"] = text(report.failure.map { "\($0)" })
        record["client"] = text(report.client.isEmpty ? nil : report.client)
        record["chainId"] = integer(report.chainId)
        record["head"] = report.head.map(head) ?? .null
        record["headAge"] = headAge(report, diagnosis).map { .integer($0) } ?? .null
        record["lag"] = integer(diagnosis.lag(report))
        record["safe"] = integer(report.safe)
        record["finalized"] = integer(report.finalized)
        record["latencyMs"] = report.latency.map { .integer(Int($0 / .milliseconds(1))) } ?? .null
        record["callGas"] = report.callGas.map { .integer($0) } ?? .null
        record["batchSize"] = span(report.batchSize)
        record["logRange"] = span(report.logRange)
        record["returnBytes"] = span(report.returnBytes)
        var capabilities = JSONObject()
        for capability in EndpointCapability.allCases {
            capabilities[capability.rawValue] = trial(report.trials[capability] ?? .untried("not reached"))
        }
        record["capabilities"] = .object(capabilities)
        record["advice"] = .array(EndpointAdvice.lines(report, in: diagnosis).map { .string($0) })
        return .object(record)
    }

    /// The record of the whole.
    static func whole(_ diagnosis: Diagnosis) -> JSONValue {
        let usable = diagnosis.reports.filter(diagnosis.isUsable)
        let findings = diagnosis.findings.map { finding -> JSONValue in
            [
                "severity": .string(finding.severity.rawValue), "pointer": .string(finding.pointer),
                "message": .string(finding.message),
            ]
        }
        return [
            "v": .integer(PositionRecord.version), "type": "doctor", "network": .string(diagnosis.network.name),
            "chainId": .integer(diagnosis.network.chainId), "endpoints": .integer(diagnosis.reports.count),
            "usable": .integer(usable.count), "operators": .integer(Set(usable.map(\.operatorName)).count),
            "block": diagnosis.block.map(head) ?? .null, "findings": .array(findings),
            "status": .integer(diagnosis.stop?.exitStatus.rawValue ?? 0),
        ]
    }

    /// Seconds since the head; negative where its clock is ahead of ours.
    static func headAge(_ report: EndpointReport, _ diagnosis: Diagnosis) -> Int? {
        report.head.map { Int(clamping: diagnosis.now) - Int(clamping: $0.timestamp) }
    }

    private static func head(_ block: Block) -> JSONValue {
        [
            "number": .integer(block.number), "hash": .string(block.hash.hex),
            "timestamp": .integer(block.timestamp),
        ]
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    private static func integer(_ value: UInt64?) -> JSONValue { value.map { .integer($0) } ?? .null }

    private static func span(_ span: EndpointSpan) -> JSONValue {
        [
            "passed": integer(span.passed), "refused": integer(span.refused),
            "reason": span.why.map { .string($0) } ?? .null,
        ]
    }

    private static func trial(_ trial: Trial) -> JSONValue {
        switch trial {
        case .works: ["works": true, "reason": nil]
        case .fails(let why): ["works": false, "reason": .string(why)]
        case .untried(let why): ["works": nil, "reason": .string(why)]
        }
    }
}
