public import Ethereum

/// One contract in the tree behind a price.
public struct OracleNode: Sendable {
    /// What a contract does with the prices below it.
    public enum Kind: String, Sendable {
        /// A proxy that passes on what its aggregator says.
        case proxy
        /// Holds the answers of a network of nodes.
        case aggregator
        /// A base price times a rate that may only grow so fast.
        case ratioCap = "ratio_cap"
        /// A price that is cut at a cap.
        case priceCap = "price_cap"
        /// Two feeds multiplied or divided.
        case product
        /// Feeds and vaults of a Morpho market.
        case morpho
        /// A signed price that anybody may bring.
        case pyth
        /// A feed of RedStone's.
        case redstone
        /// A feed of Chronicle's.
        case chronicle
        /// An adapter over one feed.
        case adapter
        /// Two adapters in a row.
        case cross
        /// Asks an adapter for each pair.
        case router
        /// A vault's own rate.
        case vault
        /// An issuer's rate.
        case rate
        /// A pool of an exchange.
        case pool
        /// The same number always.
        case constant
        /// Answers like a feed and tells nothing of where it has its answers from.
        case feed
        /// Answers nothing that is known.
        case opaque
        /// Was not looked at: too deep, too many, or the read failed.
        case unread
    }

    /// A contract below.
    public struct Edge: Hashable, Sendable {
        /// What it is for, by the getter that names it.
        public var role: String
        /// The contract.
        public var address: Address
    }

    /// A factor that was computed once, when the contract was made.
    public struct Scale: Hashable, Sendable {
        /// What the contract holds.
        public var factor: UInt256
        /// How many shares of the base's vault are asked for; 1 without a vault.
        public var baseSample: UInt256
        /// How many shares of the quote's vault are asked for; 1 without a vault.
        public var quoteSample: UInt256
    }

    /// The contract.
    public var address: Address
    /// What it does.
    public var kind: Kind
    /// What it calls itself.
    public var name: String?
    /// What it answers, where it answers as a feed.
    public var price: ExactPrice?
    /// When that was written, seconds since 1970.
    public var updatedAt: UInt64?
    /// The number of its last round.
    public var round: UInt256?
    /// The lowest and the highest answer that it can give.
    public var bounds: ClosedRange<ExactPrice>?
    /// Whether a cap holds its answer down at this block; `nil` where it has none.
    public var isCapped: Bool?
    /// How far its cap is above what it caps, in basis points; `nil` where it has none.
    public var headroomBps: Int?
    /// Decimal places of what it answers.
    public var decimals: Int?
    /// What it holds and what there is of its shares, where it is a vault.
    public var vault: ObservationExtras.Vault?
    /// The asset of a vault.
    public var vaultAsset: Address?
    /// Decimal places of that asset.
    public var assetDecimals: Int?
    /// The exchange rate that it multiplies a price with, as far as it tells.
    public var rate: ExactPrice?
    /// The factor that it holds, with the samples that its vaults are asked for.
    public var scale: Scale?
    /// The contracts below.
    public var children: [Edge] = []
    /// The root that it is, where nothing stands below.
    public var root: OracleRoot?
    /// What else should be known.
    public var notes: [String] = []

    /// A contract of which nothing is known yet.
    public init(_ address: Address, _ kind: Kind) {
        self.address = address
        self.kind = kind
    }
}

/// The contracts behind the prices of a market.
public struct OracleForest: Sendable {
    /// How much of it is looked at.
    public struct Limits: Sendable {
        /// Contracts.
        public var contracts = 600
        /// Contracts below one.
        public var children = 12
        /// Contracts in a row.
        public var depth = 12

        /// The limits of the house.
        public init() {}
    }

    /// What was found, by contract.
    public var nodes: [Address: OracleNode] = [:]
    let limits: Limits

    /// An empty forest.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// The roots of the price that `address` answers.
    public func roots(of address: Address) -> Set<OracleRoot> {
        var roots: Set<OracleRoot> = []
        var hidden = Int.max
        walk(address) { node, _, depth in
            if depth <= hidden { hidden = .max }
            // A proxy that names its feed is the root: its aggregators come and go.
            if let root = node.root, depth < hidden {
                roots.insert(root)
                hidden = depth
            } else if node.children.isEmpty, depth < hidden {
                roots.insert(OracleRoot("contract", node.address))
            }
        }
        return roots
    }

    /// When the oldest feed behind the price was written, and by which contract; `nil` where none tells.
    public func oldest(below address: Address) -> OracleNode? {
        var oldest: OracleNode?
        walk(address) { node, _, _ in
            guard let updated = node.updatedAt else { return }
            if oldest?.updatedAt.map({ updated < $0 }) ?? true { oldest = node }
        }
        return oldest
    }

    /// Every contract behind the price, from the top, each as often as it is used; a cycle is not followed.
    public func walk(_ address: Address, _ visit: (OracleNode, _ role: String?, _ depth: Int) -> Void) {
        var path: [Address] = []
        var budget = limits.contracts
        step(address, nil, &path, &budget, visit)
    }

    private func step(
        _ address: Address, _ role: String?, _ path: inout [Address], _ budget: inout Int,
        _ visit: (OracleNode, String?, Int) -> Void
    ) {
        guard budget > 0 else { return }
        budget -= 1
        var node = nodes[address] ?? OracleNode(address, .unread)
        let isCycle = path.contains(address)
        if isCycle || path.count >= limits.depth {
            node = OracleNode(address, .unread)
            node.notes = [isCycle ? "it stands above itself: the cycle is not followed" : "too deep"]
        }
        visit(node, role, path.count)
        guard node.kind != .unread else { return }
        path.append(address)
        for edge in node.children { step(edge.address, edge.role, &path, &budget, visit) }
        path.removeLast()
    }
}
