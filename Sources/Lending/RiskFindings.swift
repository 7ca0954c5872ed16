public import Ethereum
public import JSON

/// How likely a position is to be liquidated and what would be lost: estimates, for ranking and for people.
///
/// No verdict rests on any of it. Every number is stated with what it was made from.
public struct RiskFindings: Hashable, Sendable {
    /// The probability of liquidation within one horizon.
    public struct Probability: Hashable, Sendable {
        /// The horizon: `1h`, `24h`, `7d`.
        public var horizon: String
        /// The estimate, from 0 to 1.
        public var value: Double
        /// What it may well be instead, at least and at most.
        public var low: Double
        /// At most.
        public var high: Double
        /// How it was made: `certain`, `minimum-table`, `pegged`.
        public var model: String
        /// The part of the table, such as `close24h`; `nil` where it was not used.
        public var column: String?
        /// The first-passage formula for a normal law, beside it.
        public var gaussian: Double?

        /// Makes a probability.
        public init(
            horizon: String, value: Double, low: Double, high: Double, model: String, column: String? = nil,
            gaussian: Double? = nil
        ) {
            self.horizon = horizon
            self.value = value
            self.low = low
            self.high = high
            self.model = model
            self.column = column
            self.gaussian = gaussian
        }
    }

    /// One price that the position hangs on, and where its volatility comes from.
    public struct Input: Hashable, Sendable {
        /// The root of the price.
        public var root: String
        /// What people call it.
        public var name: String
        /// Where the volatility comes from: `candles`, `rounds`, `pool`, `default`.
        public var source: String
        /// How many hourly changes it is measured from.
        public var count: Int
        /// The volatility over 24 hours, annualised.
        public var volatility: Double
        /// By how much the logarithm of health moves with that of the price.
        public var weight: Double

        /// Makes an input.
        public init(root: String, name: String, source: String, count: Int, volatility: Double, weight: Double) {
            self.root = root
            self.name = name
            self.source = source
            self.count = count
            self.volatility = volatility
            self.weight = weight
        }
    }

    /// The class that comes before any number: `liquidatable`, `unprofitable`, `pending`, `healthy`.
    public var riskClass: String
    /// How urgently the borrower should act: `L0` to `L4`.
    public var level: String
    /// The logarithm of health.
    public var distance: Double
    /// The distance in deviations of 24 hours; `nil` where nothing moves.
    public var sigmas: Double?
    /// The probabilities, the nearest horizon first.
    public var probabilities: [Probability]
    /// P(24 h) times what can be repaid, in whole units of value.
    public var expectedLiquidatable: Double
    /// The bad debt to expect by horizon, in whole units of value.
    public var expectedBadDebt: [(horizon: String, value: Double)]
    /// What an hour of keeping is expected to earn before gas, in whole units of value.
    public var expectedBonus: Double
    /// The falls of all collateral to the line, to the end of the bonus, and to insolvency.
    public var frontiers: (eligible: Double, bonusExhausted: Double, insolvent: Double)
    /// Whether liquidation makes it worse.
    public var isToxic: Bool
    /// The drift of the distance in a year by interest; `nil` where it is not known and left out.
    public var drift: Double?
    /// The prices.
    public var inputs: [Input]
    /// Defaults that were used, in words.
    public var notes: [String]

    /// Makes findings.
    public init(
        riskClass: String, level: String, distance: Double, sigmas: Double?, probabilities: [Probability],
        expectedLiquidatable: Double, expectedBadDebt: [(horizon: String, value: Double)], expectedBonus: Double,
        frontiers: (eligible: Double, bonusExhausted: Double, insolvent: Double), isToxic: Bool, drift: Double?,
        inputs: [Input], notes: [String]
    ) {
        self.riskClass = riskClass
        self.level = level
        self.distance = distance
        self.sigmas = sigmas
        self.probabilities = probabilities
        self.expectedLiquidatable = expectedLiquidatable
        self.expectedBadDebt = expectedBadDebt
        self.expectedBonus = expectedBonus
        self.frontiers = frontiers
        self.isToxic = isToxic
        self.drift = drift
        self.inputs = inputs
        self.notes = notes
    }

    /// The probability within a horizon.
    public func probability(_ horizon: String) -> Double? {
        probabilities.first { $0.horizon == horizon }?.value
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func == (one: RiskFindings, other: RiskFindings) -> Bool { one.json == other.json }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hash(into hasher: inout Hasher) { hasher.combine(inputsHash) }
}

extension RiskFindings {
    /// As it stands in the record. A statistic is a decimal string with a fixed number of places: records hold no
    /// floating-point numbers.
    public var json: JSONValue {
        [
            "class": .string(riskClass), "level": .string(level), "x_log": Self.text(distance, 9),
            "z24": Self.text(sigmas, 6),
            "p_liq": .object(
                JSONObject(
                    probabilities.map { item in
                        (
                            item.horizon,
                            [
                                "value": Self.text(item.value, 9), "lo": Self.text(item.low, 9),
                                "hi": Self.text(item.high, 9), "model": .string(item.model),
                                "table_column": item.column.map { .string($0) } ?? .null, "proxied": .bool(isProxied),
                                "gauss": Self.text(item.gaussian, 9),
                            ]
                        )
                    })),
            "p_gauss24": Self.text(probabilities.first { $0.horizon == "24h" }?.gaussian, 9),
            "elv24": Self.text(expectedLiquidatable, 6),
            "ebd": .object(JSONObject(expectedBadDebt.map { ($0.horizon, Self.text($0.value, 9)) })),
            "loss_frontier_drop": [
                "eligible": Self.text(frontiers.eligible, 9), "bonus_exhausted": Self.text(frontiers.bonusExhausted, 9),
                "insolvent": Self.text(frontiers.insolvent, 9),
            ],
            "toxic_now": .bool(isToxic), "drift": Self.text(drift, 9), "inputs": inputsJSON,
            "inputs_hash": .string(inputsHash.hex), "notes": .array(notes.map { .string($0) }),
        ]
    }

    /// Whether a default stands in for the history of any price that matters.
    public var isProxied: Bool { inputs.contains { $0.source == "default" } }

    private var inputsJSON: JSONValue {
        .array(
            inputs.map { input in
                [
                    "root": .string(input.root), "name": .string(input.name), "source": .string(input.source),
                    "n": .integer(input.count), "sigma": Self.text(input.volatility, 6),
                    "weight": Self.text(input.weight, 9),
                ]
            })
    }

    /// What the estimates were made from, in one word: equal inputs have equal hashes.
    public var inputsHash: Hash32 {
        let all: JSONValue = ["x_log": Self.text(distance, 9), "drift": Self.text(drift, 9), "inputs": inputsJSON]
        return Keccak256.hash(all.serialized())
    }

    /// A number with so many decimal places, rounded half away from zero; `null` for none and for what is not finite.
    public static func text(_ value: Double?, _ places: Int) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        var scale: Double = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        // Beyond 2^63 no place after the point is known any more.
        guard scaled < 9.2e18 else { return abs(value) < 9.2e18 ? .string("\(Int64(value))") : .null }
        let digits = String(UInt64(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return .string(places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))")
    }
}
