public import Ethereum
public import JSON

/// How far the prices of a position are from its line, found on the protocol's own integer comparison.
public struct PriceDistance: Hashable, Sendable {
    /// Which way a price moves.
    public enum Direction: String, Sendable {
        /// It falls.
        case down
        /// It rises.
        case up
    }

    /// The first price, going away from today's, at which the comparison says that anyone may liquidate.
    public struct Flip: Hashable, Sendable {
        /// The price, in the unit of ``Line/from``.
        public var price: UInt256
        /// How far it is from today's, in whole basis points of today's, rounded down.
        public var bps: Int
        /// Which way; `nil` where today's price is already there.
        public var direction: Direction?

        /// Makes a flip.
        public init(price: UInt256, bps: Int, direction: Direction?) {
            self.price = price
            self.bps = bps
            self.direction = direction
        }
    }

    /// One thing that moves, and where it meets the line.
    public struct Line: Hashable, Sendable {
        /// The assets whose prices move.
        public var assets: [Address]
        /// The root that moves them; `nil` where one asset's own price is moved, or many together.
        public var root: PriceRoot?
        /// What people call the root.
        public var name: String?
        /// Today's price: of the asset, of the root, or ``PriceDistance/scale`` where many move together.
        public var from: UInt256
        /// Where the comparison turns, the nearer one first; two where a fall and a rise both turn it.
        public var flips: [Flip]
        /// Why there is none.
        public var reason: String?

        /// Makes a line.
        public init(
            assets: [Address], root: PriceRoot? = nil, name: String? = nil, from: UInt256, flips: [Flip] = [],
            reason: String? = nil
        ) {
            self.assets = assets
            self.root = root
            self.name = name
            self.from = from
            self.flips = flips
            self.reason = reason
        }
    }

    /// What a joint factor counts as one: the prices of today.
    public static let scale: UInt256 = .wad

    /// Each priced asset alone, in the order of the legs.
    public var assets: [Line]
    /// Each root, with all assets that hang on it.
    public var roots: [Line]
    /// All collateral together; what is owed besides moves with it.
    public var joint: Line

    /// Puts lines together.
    public init(assets: [Line], roots: [Line], joint: Line) {
        self.assets = assets
        self.roots = roots
        self.joint = joint
    }

    /// As it stands in the record.
    public var json: JSONValue {
        [
            "assets": .array(assets.map { $0.json([("asset", .string($0.assets.first?.checksummed ?? ""))]) }),
            "roots": .array(
                roots.map { line in
                    line.json([
                        ("root", .string(line.root?.id ?? "")), ("name", line.name.map { .string($0) } ?? .null),
                        ("assets", .array(line.assets.map { .string($0.checksummed) })),
                    ])
                }),
            "joint": joint.json([("assets", .array(joint.assets.map { .string($0.checksummed) }))]),
        ]
    }
}

extension PriceDistance.Line {
    fileprivate func json(_ subject: [(String, JSONValue)]) -> JSONValue {
        var members = subject
        members.append(("fromRaw", .string(from.description)))
        members += (flips.first?.members ?? PriceDistance.Flip.none)
        members.append(("other", flips.count > 1 ? .object(JSONObject(flips[1].members)) : .null))
        members.append(("reason", reason.map { .string($0) } ?? .null))
        return .object(JSONObject(members))
    }
}

extension PriceDistance.Flip {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("oracleRaw", .string(price.description)), ("bps", .integer(bps)),
            ("direction", direction.map { .string($0.rawValue) } ?? .null),
        ]
    }

    fileprivate static let none: [(String, JSONValue)] = [("oracleRaw", .null), ("bps", .null), ("direction", .null)]
}

/// When interest alone brings a position to its line.
public enum InterestCrossing: Hashable, Sendable {
    /// In the first block that carries this time, seconds since 1970, or a later one.
    case at(UInt64)
    /// Not at all, as far as was looked: in words.
    case none(String)

    /// As it stands in the record.
    public var json: JSONValue {
        switch self {
        case .at(let timestamp): ["timestamp": .integer(timestamp)]
        case .none: .null
        }
    }
}
