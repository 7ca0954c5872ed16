public import Ethereum

/// Where a price comes from in the end: the feed or the pool that others repeat, scale and multiply.
///
/// Risk is counted in roots: wstETH and WETH hang on one, and fall together.
public struct PriceRoot: Hashable, Comparable, Sendable {
    /// What it is, such as `chainlink:0x…` or `asset:0x…`; equal ids are one root.
    public let id: String

    /// Names a root.
    public init(_ id: String) { self.id = id }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: PriceRoot, other: PriceRoot) -> Bool { one.id < other.id }
}

/// How the prices of a market hang on their roots.
public struct PriceRoots: Sendable {
    /// A root in the price of an asset.
    public struct Power: Hashable, Sendable {
        /// The root.
        public var root: PriceRoot
        /// With which exponent it stands in the price: 1 where the price rises with it, −1 where it is divided by it.
        public var exponent: Int

        /// Puts a root into a price.
        public init(_ root: PriceRoot, exponent: Int = 1) {
            self.root = root
            self.exponent = exponent
        }
    }

    /// The roots of each asset's price: the price is a constant times their powers. None is a price that never moves.
    public var powers: [Address: [Power]]
    /// What people call a root, such as `ETH`.
    public var names: [PriceRoot: String]

    /// What roots answer today, as their contracts state it, where that is known.
    public var answers: [PriceRoot: UInt256]

    /// Makes a book.
    public init(
        powers: [Address: [Power]] = [:], names: [PriceRoot: String] = [:], answers: [PriceRoot: UInt256] = [:]
    ) {
        self.powers = powers
        self.names = names
        self.answers = answers
    }

    /// The roots of an asset's price; where nothing is known of it, the asset is its own root.
    public subscript(_ asset: Address) -> [Power] {
        powers[asset] ?? [Power(PriceRoot("asset:\(asset.checksummed)"))]
    }
}

extension PriceRoots {
    /// What can be said without looking behind a price: assets whose prices one contract states hang on one root.
    ///
    /// - Parameters:
    ///   - assets: with the contract that states each price.
    ///   - shared: contracts that state the prices of many assets, such as the market's own oracle: they tell nothing.
    public init(of assets: [PricedAsset], besides shared: Set<Address> = []) {
        self.init()
        var bySource: [Address: [PricedAsset]] = [:]
        for asset in assets where asset.source.kind == .feed || asset.source.kind == .substitute {
            guard let address = asset.source.address, !shared.contains(address) else { continue }
            bySource[address, default: []].append(asset)
        }
        for (address, members) in bySource {
            // One contract that answers different prices is no feed of one thing.
            guard Set(members.map(\.priceRaw)).count == 1, Set(members.map(\.priceScale)).count == 1 else { continue }
            let root = PriceRoot("feed:\(address.checksummed)")
            for member in members { powers[member.asset] = [Power(root)] }
            names[root] = members.compactMap(\.symbol).min { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        }
        for asset in assets where asset.source.kind == .base { powers[asset.asset] = [] }
        for asset in assets where powers[asset.asset] == nil {
            names[PriceRoot("asset:\(asset.asset.checksummed)")] = asset.symbol
        }
    }
}
