public import JSON

/// A number that an endpoint was found not to exceed.
public enum EndpointLimit: String, Sendable, Hashable, CaseIterable {
    /// Blocks of one log query, both ends counted.
    case blockRange
    /// Logs of one answer.
    case results
    /// Requests in one batch.
    case batchSize
    /// Bytes that one `eth_call` returns.
    case returnBytes
    /// Gas of one `eth_call`.
    case callGas
    /// The first block whose state is left.
    case earliestState
}

/// What a request may rely on and not every endpoint offers, beyond methods.
public enum RPCFeature: String, Sendable, Hashable, CaseIterable {
    /// `eth_call` runs code placed by its third parameter.
    case stateOverride
    /// Calls take a block by its hash (EIP-1898).
    case blockByHash
    /// `eth_getLogs` takes a block by its hash (EIP-234).
    case logsByBlockHash

    /// Its name among the methods that an endpoint does not have.
    var key: String { "feature:" + rawValue }
}

/// What was learned about one endpoint from its refusals: a value to persist, and to consult before asking.
///
/// A limit only tightens until it expires, so that a larger plan or a new version is noticed.
public struct EndpointLimits: Sendable, Hashable {
    private struct Learned: Sendable, Hashable {
        var value: UInt64
        /// Unix seconds.
        var until: UInt64
    }

    /// Seconds for which a limit is believed.
    static let lifetime: UInt64 = 86_400
    /// Seconds for which a method is believed not to be there.
    static let methodLifetime: UInt64 = 3_600
    private static let mostMethods = 256
    private static let longestName = 64

    private var numbers: [EndpointLimit: Learned] = [:]
    /// Methods and features that are not there, with the Unix second until which that is believed.
    private var missing: [String: UInt64] = [:]

    /// Nothing learned yet.
    public init() {}

    /// Whether nothing is known.
    public var isEmpty: Bool { numbers.isEmpty && missing.isEmpty }

    /// The limit in force at `now`, in Unix seconds; nil where none is known.
    public func value(_ limit: EndpointLimit, at now: UInt64) -> UInt64? {
        numbers[limit].flatMap { $0.until > now ? $0.value : nil }
    }

    /// Tightens a limit; for ``EndpointLimit/earliestState`` that is the later block.
    public mutating func learn(_ limit: EndpointLimit, _ value: UInt64, at now: UInt64) {
        let tighter =
            self.value(limit, at: now).map { limit == .earliestState ? max($0, value) : min($0, value) } ?? value
        numbers[limit] = Learned(value: tighter, until: now &+ Self.lifetime)
    }

    /// Forgets a limit, as when a larger question was seen to pass.
    public mutating func forget(_ limit: EndpointLimit) { numbers[limit] = nil }

    /// Remembers that a method is not there.
    public mutating func lacks(method: String, at now: UInt64) { lacks(method, at: now) }

    /// Remembers that a feature is not there.
    public mutating func lacks(_ feature: RPCFeature, at now: UInt64) { lacks(feature.key, at: now) }

    /// Remembers that a feature is there.
    public mutating func has(_ feature: RPCFeature) { missing[feature.key] = nil }

    private mutating func lacks(_ name: String, at now: UInt64) {
        guard name.utf8.count <= Self.longestName else { return }
        if missing.count >= Self.mostMethods { missing = missing.filter { $0.value > now } }
        guard missing.count < Self.mostMethods || missing[name] != nil else { return }
        missing[name] = now &+ Self.methodLifetime
    }

    /// Whether a method is believed to be there.
    public func offers(method: String, at now: UInt64) -> Bool { (missing[method] ?? 0) <= now }

    /// Whether a feature is believed to be there.
    public func offers(_ feature: RPCFeature, at now: UInt64) -> Bool { (missing[feature.key] ?? 0) <= now }

    /// Whether nothing that is known speaks against asking `request`.
    func allows(_ request: RPCRequest, at now: UInt64) -> Bool {
        let needs = request.needs
        guard offers(method: request.method, at: now), needs.features.allSatisfy({ offers($0, at: now) }) else {
            return false
        }
        if let blocks = needs.blocks, let most = value(.blockRange, at: now), blocks > most { return false }
        if let state = needs.state, let earliest = value(.earliestState, at: now), state < earliest { return false }
        return true
    }
}

extension EndpointLimits {
    /// The value to persist.
    public var json: JSONValue {
        var object = JSONObject()
        for limit in EndpointLimit.allCases {
            guard let learned = numbers[limit] else { continue }
            object[limit.rawValue] = ["value": .integer(learned.value), "until": .integer(learned.until)]
        }
        if !missing.isEmpty {
            object["missing"] = .object(
                JSONObject(missing.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.integer($0.value)) }))
        }
        return .object(object)
    }

    /// What was persisted. A hint and no more: what is not understood is left out, and believed at most as long as if
    /// it had been learned at `now`.
    public init(_ json: JSONValue, at now: UInt64) {
        for limit in EndpointLimit.allCases {
            guard let value = json[limit.rawValue]?["value"]?.uint64, value > 0 || limit == .earliestState,
                let until = json[limit.rawValue]?["until"]?.uint64, until > now
            else { continue }
            numbers[limit] = Learned(value: value, until: min(until, now &+ Self.lifetime))
        }
        guard let members = json["missing"]?.object?.members else { return }
        for (name, value) in members {
            guard missing.count < Self.mostMethods else { return }
            guard name.utf8.count <= Self.longestName, let until = value.uint64, until > now else { continue }
            missing[name] = min(until, now &+ Self.methodLifetime)
        }
    }
}
