import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks

/// What belongs to a whole run: the last line of NDJSON, the `head` of JSON.
struct HeadRecord {
    /// Positions by state, over all that were read.
    struct Counts {
        var accounts = 0
        var liquidatable = 0
        var healthy = 0
        var withoutDebt = 0
        var unknown = 0
        var mismatched = 0

        init(_ positions: [Position]) {
            for position in positions {
                accounts += 1
                if position.match == .differs { mismatched += 1 }
                switch position.liquidatable {
                case .none: unknown += 1
                case .some(true): liquidatable += 1
                case .some(false) where position.debtValue?.isZero == true: withoutDebt += 1
                case .some(false): healthy += 1
                }
            }
        }
    }

    /// Makes the record.
    static func make(_ scan: ScanOutcome, session: RPCSession, milliseconds: Int) -> JSONValue {
        let counts = Counts(scan.markets.flatMap { $0.reading.positions })
        let rpc = session.statistics.now
        return [
            "v": .integer(PositionRecord.version), "type": "head", "chainId": .integer(session.network.chainId),
            "network": .string(session.network.name), "block": block(scan.snapshot.block),
            "readPath": .string(scan.snapshot.path.rawValue), "client": .string(scan.snapshot.capabilities.client),
            "complete": .bool(scan.isComplete),
            "counts": [
                "accounts": .integer(counts.accounts), "liquidatable": .integer(counts.liquidatable),
                "healthy": .integer(counts.healthy), "withoutDebt": .integer(counts.withoutDebt),
                "unknown": .integer(counts.unknown), "mismatched": .integer(counts.mismatched),
            ],
            "endpoints": .array(session.endpointNames.map { .string($0) }),
            "confirmedBy": .array(scan.confirmedBy.sorted().map { .string($0) }),
            "verification": verification(scan),
            "markets": .array(scan.markets.map { market($0, of: scan) }),
            "refused": .array(
                scan.refused.map { ["deployment": .string($0.deployment), "reason": .string("\($0.error)")] }),
            "oracle": scan.oracles?.summary ?? .null,
            "notices": .array(scan.notices.map { .string($0) }),
            "rpcCalls": .integer(rpc.calls), "httpRequests": .integer(rpc.requests), "retries": .integer(rpc.retries),
            "bytes": .integer(rpc.bytesSent + rpc.bytesReceived), "bytesSent": .integer(rpc.bytesSent),
            "bytesReceived": .integer(rpc.bytesReceived),
            "seconds": .string(FixedPointText.exact(UInt256(UInt64(max(0, milliseconds))), decimals: 3)),
        ]
    }

    private static func block(_ block: Block) -> JSONValue {
        [
            "number": .integer(block.number), "hash": .string(block.hash.hex),
            "parentHash": .string(block.parentHash.hex), "timestamp": .integer(block.timestamp),
            "baseFeePerGas": decimal(block.baseFeePerGas),
        ]
    }

    /// What was asked to be proven, and what is.
    private static func verification(_ scan: ScanOutcome) -> JSONValue {
        [
            "level": .string(scan.verification.name),
            "header": scan.header.map { header in
                [
                    "hash": .string(header.header.hash.hex), "stateRoot": .string(header.header.stateRoot.hex),
                    "receiptsRoot": .string(header.header.receiptsRoot.hex),
                ]
            } ?? .null,
            "logs": scan.verification >= .logs
                ? .bool(scan.markets.allSatisfy { $0.discovery.map { $0.proven != nil } ?? true }) : .null,
        ]
    }

    private static func range(_ range: ClosedRange<UInt64>?) -> JSONValue {
        range.map { ["from": .integer($0.lowerBound), "to": .integer($0.upperBound)] } ?? .null
    }

    private static func market(_ market: ScanOutcome.Market, of scan: ScanOutcome) -> JSONValue {
        [
            "deployment": .string(market.id.deployment), "protocol": .string(market.id.protocol),
            "accounts": .integer(market.reading.positions.count),
            "logs": market.discovery.map { .integer($0.logs) } ?? .null,
            // The block after which logs were read, where the index knew the earlier ones.
            "resumed": market.discovery?.resumed.map { .integer($0) } ?? .null,
            "provenLogs": range(market.discovery?.proven),
            "audit": market.audit.map { audit in
                [
                    "logs": .integer(audit.logs), "missing": .integer(audit.borrowers.count),
                    "blocks": range(audit.range),
                ]
            } ?? .null,
            // Coverage is a claim about everybody: a scan of listed accounts makes none.
            "coverage": market.discovery == nil ? .null : .array(market.reading.coverage.map(residual)),
            "gaps": market.discovery.map { discovery in
                .array(
                    discovery.gaps.map {
                        ["from": .integer($0.from), "to": .integer($0.to), "reason": .string($0.why)]
                    })
            } ?? .null,
        ]
    }

    private static func residual(_ residual: CoverageResidual) -> JSONValue {
        [
            "asset": .string(residual.asset.checksummed), "symbol": residual.symbol.map { .string($0) } ?? .null,
            "debtToken": .string(residual.debtToken.checksummed), "unit": .string(residual.unit),
            "market": residual.market.map { .string($0) } ?? .null,
            "total": decimal(residual.total), "explained": decimal(residual.explained),
            "residual": decimal(residual.residual), "bound": decimal(residual.bound),
            "withinBound": .bool(residual.isWithinBound),
            "unknown": residual.unknown.map { .string($0) } ?? .null,
        ]
    }

    private static func decimal(_ number: UInt256?) -> JSONValue {
        number.map { .string($0.description) } ?? .null
    }
}
