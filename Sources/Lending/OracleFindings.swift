public import Ethereum
public import JSON

/// What independent sources say about the prices that a position stands on.
public struct OracleFindings: Hashable, Sendable {
    /// How far a price can be trusted, from best to worst.
    public enum Verdict: String, CaseIterable, Comparable, Sendable {
        /// Enough independent sources agree with it.
        case ok
        /// Too little independent was read to say.
        case unknown
        /// Something speaks against it.
        case suspect
        /// It is not to be acted on.
        case reject

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public static func < (one: Verdict, other: Verdict) -> Bool {
            allCases.firstIndex(of: one) ?? 0 < allCases.firstIndex(of: other) ?? 0
        }
    }

    /// What was found about the price of one asset.
    public struct Asset: Hashable, Sendable {
        /// The token.
        public var asset: Address
        /// How far its price can be trusted.
        public var verdict: Verdict
        /// As it stands in a record.
        public var record: JSONValue

        /// Makes a finding.
        public init(asset: Address, verdict: Verdict, record: JSONValue) {
            self.asset = asset
            self.verdict = verdict
            self.record = record
        }
    }

    /// What the contract's comparison says under the prices of other sources.
    public struct Health: Hashable, Sendable {
        /// Which prices: `reference`, `dexTwap`, `cex`, `pending`.
        public var name: String
        /// What the comparison says; `nil` where it cannot be said.
        public var verdict: Lending.Verdict?
        /// Why not.
        public var why: String?

        /// Makes a health.
        public init(_ name: String, _ verdict: Lending.Verdict?, why: String? = nil) {
            self.name = name
            self.verdict = verdict
            self.why = why
        }
    }

    /// The worst over the legs that matter.
    public var verdict: Verdict
    /// Each asset of the legs once.
    public var assets: [Asset]
    /// The comparison under other prices.
    public var healthUnder: [Health]
    /// What should be said in words.
    public var notes: [String]
    /// Calls that bring signed prices to the chain, to be sent before the contract is asked; each once.
    public var updates: [Update]
    /// Why one of them is not at hand.
    public var updateMissing: String?
    /// Prices that are about to arrive, of the legs that matter.
    public var pending: [Pending] = []
    /// The block at which the sources were read, where a watch reads them beside its blocks; `nil` for the position's.
    public var sourcesBlock: SourcesBlock?

    /// A block by its number and hash.
    public struct SourcesBlock: Hashable, Sendable {
        /// Its number.
        public var number: UInt64
        /// Its hash.
        public var hash: Hash32

        /// Names a block.
        public init(number: UInt64, hash: Hash32) {
            self.number = number
            self.hash = hash
        }
    }

    /// A price that is signed or quoted, and not on the chain yet.
    public struct Pending: Hashable, Sendable {
        /// The token.
        public var asset: Address
        /// The contract whose price it will be; `nil` where the market's source is none.
        public var source: Address?
        /// `signed` where a call brings it, `quoted` where only the feed's own nodes do.
        public var channel: String
        /// In the unit of the leg, rounded down.
        public var priceRaw: UInt256
        /// When it was made, seconds since 1970; `nil` where its source does not say.
        public var at: UInt64?

        /// Describes a price.
        public init(asset: Address, source: Address?, channel: String, priceRaw: UInt256, at: UInt64?) {
            self.asset = asset
            self.source = source
            self.channel = channel
            self.priceRaw = priceRaw
            self.at = at
        }

        /// As it stands in a record.
        public var json: JSONValue {
            [
                "channel": .string(channel), "asset": .string(asset.checksummed),
                "aggregator": source.map { .string($0.checksummed) } ?? .null,
                "priceRaw": .string(priceRaw.description),
                "observationsTimestamp": at.map { .integer($0) } ?? .null,
            ]
        }
    }

    /// A call that brings a signed price.
    public struct Update: Hashable, Sendable {
        /// The contract that takes it.
        public var to: Address
        /// The call.
        public var data: [UInt8]
        /// What it costs, in wei.
        public var value: UInt256
        /// Until when the contract takes the price for a recent one, seconds since 1970.
        public var validUntil: UInt64

        /// Describes a call.
        public init(to: Address, data: [UInt8], value: UInt256, validUntil: UInt64) {
            self.to = to
            self.data = data
            self.value = value
            self.validUntil = validUntil
        }

        /// As it stands in a record.
        public var json: JSONValue {
            [
                "to": .string(to.checksummed), "data": .string(Hex.encode(data)), "value": .string(value.description),
                "validUntil": .integer(validUntil),
            ]
        }
    }

    /// Makes findings.
    public init(
        verdict: Verdict, assets: [Asset], healthUnder: [Health] = [], notes: [String] = [], updates: [Update] = [],
        updateMissing: String? = nil
    ) {
        self.verdict = verdict
        self.assets = assets
        self.healthUnder = healthUnder
        self.notes = notes
        self.updates = updates
        self.updateMissing = updateMissing
    }

    /// What the contract's comparison says once the pending prices have arrived; `nil` where none is pending, or it
    /// cannot be said.
    public var liquidatableAtPending: Bool? {
        pending.isEmpty ? nil : healthUnder.first { $0.name == "pending" }?.verdict?.liquidatable
    }

    /// The findings as the member `oracle` of a record; `liquidatable` is what the protocol's own prices say.
    func json(liquidatable: Bool?) -> JSONValue {
        var under: [(String, JSONValue)] = [("protocol", liquidatable.map { .bool($0) } ?? .null)]
        var health: [(String, JSONValue)] = []
        for item in healthUnder {
            under.append((item.name, item.verdict.map { .bool($0.liquidatable) } ?? .null))
            guard let verdict = item.verdict else { continue }
            health.append((item.name, verdict.hfProtocol.map { .string($0.description) } ?? .null))
        }
        return [
            "verdict": .string(verdict.rawValue), "assets": .array(assets.map(\.record)),
            "healthUnder": .object(JSONObject(under)), "hfProtocolUnder": .object(JSONObject(health)),
            "needsUpdate": updateMissing == nil ? .array(updates.map(\.json)) : .null,
            "sourcesBlock": sourcesBlock.map {
                ["number": .integer($0.number), "hash": .string($0.hash.hex)]
            } ?? .null,
            "notes": .array(notes.map { .string($0) }),
        ]
    }

    /// Why members are `null`.
    var unknown: [Unknown] {
        let open = healthUnder.compactMap { health in
            health.verdict == nil
                ? Unknown("oracle.healthUnder.\(health.name)", health.why ?? "it cannot be computed") : nil
        }
        guard let updateMissing else { return open }
        return open + [Unknown("oracle.needsUpdate", updateMissing)]
    }
}
