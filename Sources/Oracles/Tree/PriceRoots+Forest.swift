public import Ethereum
public import Lending

extension PriceRoots {
    /// How prices hang on the feeds, pools and rates that the composition of their contracts ends at.
    ///
    /// A root stands in a price with the sign of the way to it: below a quote or a divisor it is inverted. A rate or a
    /// constant that no market makes is a root as well: it can be wrong, and then moves alone. Where nothing was looked
    /// at behind a price, the contract that states it is the root, as ``init(of:besides:)`` has it.
    ///
    /// - Parameters:
    ///   - assets: with the contract that states each price.
    ///   - forest: what stands behind these contracts.
    ///   - shared: contracts that state the prices of many assets, such as the market's own oracle.
    public init(of assets: [PricedAsset], in forest: OracleForest, besides shared: Set<Address> = []) {
        self.init(of: assets, besides: shared)
        for asset in assets {
            guard let address = asset.source.address, !shared.contains(address), forest.nodes[address] != nil,
                let powers = forest.powers(of: address), !powers.isEmpty
            else { continue }
            for power in self[asset.asset] { names[power.root] = nil }
            self.powers[asset.asset] = powers
            for power in powers { names[power.root] = Self.name(of: power.root) }
        }
        // Roots that other assets still have keep their names; who has no other root is what the root is called by.
        let named = assets.filter { $0.symbol != nil }.sorted {
            let (one, other) = (self[$0.asset].count, self[$1.asset].count)
            let (name, next) = ($0.symbol ?? "", $1.symbol ?? "")
            return (one, name.utf8.count, name) < (other, next.utf8.count, next)
        }
        for asset in named {
            for power in self[asset.asset] where names[power.root] == nil { names[power.root] = asset.symbol }
        }
    }

    /// `ETH` of `chainlink:ETH / USD`; `nil` where the id tells nothing.
    private static func name(of root: PriceRoot) -> String? {
        let text = root.id.split(separator: ":", maxSplits: 1).last.map(String.init) ?? root.id
        guard text.hasSuffix(" / USD") else { return nil }
        return String(text.dropLast(6))
    }
}

extension OracleForest {
    /// Getters whose price divides.
    private static let divisors: Set<String> = [
        "QUOTE_FEED_1", "QUOTE_FEED_2", "QUOTE_VAULT", "BASE_TO_PEG",
    ]

    /// The roots of the price that `address` answers, each with its exponent; `nil` where a part of it was not read.
    func powers(of address: Address) -> [PriceRoots.Power]? {
        var exponents: [PriceRoot: Int] = [:]
        // Signs of the contracts from the top to where the walk is.
        var signs: [Int] = []
        var hidden = Int.max
        var isWhole = true
        walk(address) { node, role, depth in
            signs.removeLast(max(0, signs.count - depth))
            let above = signs.last ?? 1
            let sign = role.map { Self.divisors.contains($0) } ?? false ? -above : above
            signs.append(sign)
            if depth <= hidden { hidden = .max }
            guard depth < hidden else { return }
            if let root = node.root {
                hidden = depth
                // A constant moves nothing.
                if node.kind != .constant { exponents[PriceRoot(root.name), default: 0] += sign }
            } else if node.kind == .unread {
                isWhole = false
            } else if node.children.isEmpty {
                exponents[PriceRoot("contract:\(node.address.checksummed)"), default: 0] += sign
            }
        }
        guard isWhole else { return nil }
        return exponents.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
            PriceRoots.Power($0.key, exponent: $0.value)
        }
    }
}
