import Chain
public import Ethereum
public import JSON

/// A position as it leaves the program: the record of one line.
///
/// Integers are decimal strings; chain id, block number, timestamp, decimals and basis points are JSON numbers.
public struct PositionRecord: Sendable {
    /// The version of the record's form.
    public static let version = 1

    /// The position.
    public var position: Position
    /// How final the block is: `head`, `safe` or `finalized`; `nil` where the block was named by number or hash.
    public var finality: String?

    /// Makes the record of a position.
    public init(_ position: Position, finality: String? = nil) {
        self.position = position
        self.finality = finality
    }

    /// The identity of the account in its market: it stays the same over blocks and over upgrades of the rules.
    ///
    /// keccak256 of the canonical JSON of `[chainId, family, deployment, market, account]`; an account with an id of
    /// its
    /// own adds it as a sixth element.
    public static func id(of account: Account, in market: MarketID) -> Hash32 {
        var key: [JSONValue] = [
            .integer(market.chainId), .string(market.family), .string(market.deployment), text(market.market),
            .string(account.address.checksummed),
        ]
        if let accountId = account.accountId { key.append(.string(accountId)) }
        // An array of strings and whole numbers is canonical as it is written.
        return Keccak256.hash(JSONValue.array(key).serialized())
    }

    /// The identity of a position.
    public static func id(of position: Position) -> Hash32 { id(of: position.recordedAccount, in: position.market) }

    /// Whether the record invites a liquidation.
    public var isOpportunity: Bool {
        position.liquidatable == true && position.match != .differs && position.whatIf == nil
    }

    /// The record.
    public var json: JSONValue {
        let id = position.market
        var unknown = position.unknown
        if position.plans == nil { unknown.append(Unknown("plans", "nothing was planned")) }
        unknown += unknownDistances
        if position.risk == nil, !unknown.contains(where: { $0.field == "risk" }) {
            unknown.append(Unknown("risk", "not estimated here"))
        }
        unknown += position.oracle?.unknown ?? [PositionRecord.unconfirmed]
        if finality == nil { unknown.append(Unknown("finality", "the block was not named by a finality tag")) }
        if position.block.baseFeePerGas == nil {
            unknown.append(Unknown("block.baseFeePerGas", "the block has none"))
        }
        var record: JSONObject = [
            "v": .integer(PositionRecord.version),
            "type": isOpportunity ? "opportunity" : "watch",
            "id": .string(PositionRecord.id(of: position.recordedAccount, in: id).hex),
            "stream": .string(id.stream),
            "chainId": .integer(id.chainId),
            "network": .string(id.network),
            "protocol": .string(id.protocol),
            "deployment": .string(id.deployment),
            "entrypoint": .string(position.entrypoint.checksummed),
            "market": PositionRecord.text(id.market),
            "account": .string(position.account.address.checksummed),
            "accountId": PositionRecord.text(position.recordedAccount.accountId),
            "owner": PositionRecord.text(position.owner?.checksummed),
            "block": block,
            "finality": PositionRecord.text(finality),
            "hfNum": PositionRecord.integer(position.hfNum),
            "hfDen": PositionRecord.integer(position.hfDen),
            "hfUnit": .string(position.hfUnit),
            "predicate": .string(position.predicate),
            "hfProtocol": PositionRecord.integer(position.hfProtocol),
            "hfScale": PositionRecord.integer(position.hfScale),
            "hfOnchain": PositionRecord.integer(position.hfOnchain),
            "match": .string(position.match.rawValue),
            "liquidatable": position.liquidatable.map { .bool($0) } ?? .null,
            "execution": execution,
            "collateralValue": PositionRecord.integer(position.collateralValue),
            "debtValue": PositionRecord.integer(position.debtValue),
            "valueUnit": [
                "symbol": .string(position.valueUnit.symbol), "decimals": .integer(position.valueUnit.decimals),
            ],
            "collateral": .array(position.collateral.map(\.json)),
            "debt": .array(position.debt.map(\.json)),
            "distance": position.distance?.json ?? .null,
            "interestOnly": position.interestOnly?.json ?? .null,
            "whatIf": whatIf,
            "risk": position.risk?.json ?? [:],
            "oracle": oracle,
            "plans": .array((position.plans ?? []).map { $0.json(of: position) }),
            "details": .object(
                JSONObject(position.details.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
            "verified": .array(position.verified.map { .string($0) }),
            "unknown": .array(unknown.map { ["field": .string($0.field), "reason": .string($0.reason)] }),
        ]
        // Members of records whose prices are about to change, and of no others.
        if let oracle = position.oracle, !oracle.pending.isEmpty {
            record["liquidatableAtPending"] = oracle.liquidatableAtPending.map { .bool($0) } ?? .null
            record["pending"] = .array(oracle.pending.map(\.json))
        }
        return .object(record)
    }

    /// Said where no other source of prices was read.
    private static let unconfirmed = Unknown(
        "oracle", "nothing independent of the protocol's own oracle confirmed the prices")
}

extension PositionRecord {
    /// `null` where the numbers are the chain's own.
    private var whatIf: JSONValue {
        guard let whatIf = position.whatIf else { return .null }
        return [
            "shock": .string(whatIf.shock), "hfProtocolToday": PositionRecord.integer(whatIf.hfProtocol),
            "liquidatableToday": whatIf.liquidatable.map { .bool($0) } ?? .null,
        ]
    }

    /// Why there is no distance, or no second at which interest crosses, where the position does not say it itself.
    private var unknownDistances: [Unknown] {
        var unknown: [Unknown] = []
        func isNamed(_ field: String) -> Bool { position.unknown.contains { $0.field == field } }
        if position.distance == nil, !isNamed("distance") { unknown.append(Unknown("distance", "not computed here")) }
        switch position.interestOnly {
        case .at?: break
        case .none(let why)?: unknown.append(Unknown("interestOnly", why))
        case nil: if !isNamed("interestOnly") { unknown.append(Unknown("interestOnly", "not computed here")) }
        }
        return unknown
    }

    private var block: JSONValue {
        let block = position.block
        return [
            "number": .integer(block.number), "hash": .string(block.hash.hex),
            "parentHash": .string(block.parentHash.hex), "timestamp": .integer(block.timestamp),
            "baseFeePerGas": PositionRecord.integer(block.baseFeePerGas),
        ]
    }

    /// `null` where the protocol's view is what its liquidating call looks at.
    private var execution: JSONValue {
        guard let execution = position.execution else { return .null }
        return [
            "hfNum": PositionRecord.integer(execution.verdict?.hfNum),
            "hfDen": PositionRecord.integer(execution.verdict?.hfDen),
            "hfProtocol": PositionRecord.integer(execution.verdict?.hfProtocol),
            "predicate": .string(execution.predicate),
            "liquidatable": execution.verdict.map { .bool($0.liquidatable) } ?? .null,
            "match": .string(execution.match.rawValue),
        ]
    }

    /// Each priced asset once, in the order of the legs; the verdict is open until something independent is read.
    private var oracle: JSONValue {
        if let findings = position.oracle { return findings.json(liquidatable: position.liquidatable) }
        var seen: Set<Address> = []
        let legs = (position.collateral + position.debt).filter { seen.insert($0.asset).inserted }
        return [
            "verdict": "unknown",
            "assets": .array(
                legs.map { leg in
                    [
                        "asset": .string(leg.asset.checksummed),
                        "source": PositionRecord.text(leg.source.address?.checksummed),
                        "kind": .string(leg.source.kind.rawValue),
                        "priceRaw": PositionRecord.integer(leg.priceRaw),
                        "scale": PositionRecord.integer(leg.priceScale),
                        "references": [], "flags": [],
                    ]
                }),
            "healthUnder": ["protocol": position.liquidatable.map { .bool($0) } ?? .null],
            "needsUpdate": .null,
        ]
    }

    fileprivate static func integer(_ value: UInt256?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    fileprivate static func text(_ value: String?) -> JSONValue {
        value.map { .string($0) } ?? .null
    }
}

extension Position {
    /// The account as the record names it: what only repeats the market's id is no id of the account.
    var recordedAccount: Account {
        account.accountId == market.market ? Account(account.address) : account
    }
}

extension Leg {
    /// The leg as a member of a record.
    var json: JSONValue {
        [
            "asset": .string(asset.checksummed),
            "symbol": PositionRecord.text(symbol),
            "decimals": .integer(decimals),
            "raw": PositionRecord.integer(raw),
            "amount": PositionRecord.integer(amount),
            "index": PositionRecord.integer(index),
            "priceRaw": PositionRecord.integer(priceRaw),
            "priceScale": PositionRecord.integer(priceScale),
            "value": PositionRecord.integer(value),
            "ltBps": factor.map { .integer($0) } ?? .null,
            "factor": PositionRecord.integer(factorRaw),
            "factorScale": PositionRecord.integer(factorScale),
            "bonusBps": bonusBps.map { .integer($0) } ?? .null,
            "enabled": .bool(enabled),
            "frozen": .bool(frozen),
            "paused": .bool(paused),
            "isolated": .bool(isolated),
            "source": [
                "kind": .string(source.kind.rawValue), "address": PositionRecord.text(source.address?.checksummed),
            ],
            "kind": PositionRecord.text(kind),
        ]
    }
}
