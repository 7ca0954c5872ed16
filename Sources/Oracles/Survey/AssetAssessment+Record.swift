import Chain
import Ethereum
public import JSON
import Lending
import Networks

extension AssetAssessment {
    /// The assessment as it stands in records.
    public func record(in book: OracleBook) -> JSONValue {
        let now = book.block.timestamp
        return [
            "asset": .string(asset.asset.checksummed),
            "symbol": asset.symbol.map { .string($0) } ?? .null,
            "source": asset.source.address.map { .string($0.checksummed) } ?? .null,
            "sourceKind": .string(asset.source.kind.rawValue),
            "kind": .string(kind),
            "priceRaw": asset.priceRaw.map { .string($0.description) } ?? .null,
            "scale": .string(asset.priceScale.description),
            "currency": .string(asset.currency),
            "updatedAt": Self.time(updatedAt),
            "ageS": Self.age(updatedAt, now),
            "heartbeatS": heartbeat.map { .integer($0) } ?? .null,
            "feedDeviationBps": feedDeviationBps.map { .integer($0) } ?? .null,
            "verdict": .string(verdict.rawValue),
            "referenceRaw": Self.integer(reference, asset.priceScale),
            "deviationBps": Self.deviation(price, reference),
            "cost": cost.map { Self.record($0) } ?? .null,
            "costUnknown": cost == nil ? (book.costReasons[asset.asset].map { .string($0) } ?? .null) : .null,
            "needsUpdate": needsUpdate.missing == nil
                ? .array(needsUpdate.updates.map { OracleFindings.Update($0).json }) : .null,
            "pendingRaw": Self.integer(pending, asset.priceScale),
            "pendingChannel": pendingChannel.map { .string($0) } ?? .null,
            "pendingAt": Self.time(pendingAt),
            "independent": .integer(independent),
            "roots": .array(roots.sorted().map { .string($0.name) }),
            "references": .array(compared.map { Self.record($0, scale: asset.priceScale, now) }),
            "findings": .array(findings.map { Self.record($0) }),
            "flags": .array(flags.map { .string($0) }),
            "reasons": .array(reasons.map { .string($0) }),
        ]
    }

    private static func record(_ finding: Finding) -> JSONValue {
        [
            "detector": .string(finding.detector.rawValue), "rule": .string(finding.rule),
            "source": .string(finding.source), "severity": .integer(finding.severity),
            "statistic": number(finding.statistic), "limit": number(finding.limit), "unit": .string(finding.unit),
            "reason": .string(finding.reason),
        ]
    }

    /// A statistic with at most four decimal places; never infinite.
    private static func number(_ value: Double) -> JSONValue {
        guard value.isFinite, abs(value) < 1e15 else { return .null }
        return .number("\((value * 10_000).rounded() / 10_000)")
    }

    private static func record(_ cost: AttackCost) -> JSONValue {
        [
            "moveBps": .integer(cost.moveBps), "capital": .string(cost.capital.description),
            "lost": .string(cost.lost.description),
            "extractable": cost.extractable.map { .string($0.description) } ?? .null,
            "blocks": .integer(cost.blocks), "unit": .string(cost.unit),
        ]
    }

    private static func record(_ compared: Compared, scale: UInt256, _ now: UInt64) -> JSONValue {
        let reading = compared.reference.reading
        let why = reading.price.reason ?? compared.reference.dollars.reason
        return [
            "kind": .string(reading.configuration.kind),
            "source":
                (reading.address.map { .string($0.checksummed) }
                ?? reading.configuration.id.map { .string($0) }) ?? .null,
            "evidence": .string(reading.evidence.rawValue),
            "price": reading.price.value.map { .string($0.description) } ?? .null,
            "quote": quote(reading.configuration.quote),
            "priceRaw": integer(compared.price, scale),
            "spot": reading.spot.map { .string($0.description) } ?? .null,
            "updatedAt": time(reading.updatedAt), "ageS": age(reading.updatedAt, now),
            "heartbeatS": reading.heartbeat.map { .integer($0) } ?? .null,
            "window": reading.window.map { .integer($0) } ?? .null,
            "deviationBps": compared.deviationBps.map { .integer($0) } ?? .null,
            "depth": reading.depth.map { .string($0.description) } ?? .null,
            "confidence": reading.confidence.map { .string($0.description) } ?? .null,
            "independent": .bool(compared.isIndependent),
            "standing": compared.fate.map { .string($0.name) } ?? .null,
            "roots": .array(reading.roots.sorted().map { .string($0.name) }),
            "notes": .array(reading.notes.map { .string($0) }),
            "unknown": why.map { .string("\($0)") } ?? .null,
        ]
    }

    private static func quote(_ quote: PriceSourceConfiguration.Quote) -> JSONValue {
        switch quote {
        case .named(let name): .string(name)
        case .asset(let token): .string(token.checksummed)
        }
    }

    private static func integer(_ price: ExactPrice?, _ scale: UInt256) -> JSONValue {
        price.flatMap { $0.scaled(to: scale) }.map { .string($0.description) } ?? .null
    }

    private static func deviation(_ price: ExactPrice?, _ reference: ExactPrice?) -> JSONValue {
        guard let price, let reference else { return .null }
        return .integer(price.deviationBps(from: reference))
    }

    private static func time(_ seconds: UInt64?) -> JSONValue { seconds.map { .integer($0) } ?? .null }

    private static func age(_ seconds: UInt64?, _ now: UInt64) -> JSONValue {
        seconds.map { .integer(now >= $0 ? now - $0 : 0) } ?? .null
    }
}
