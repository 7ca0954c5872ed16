public import Ethereum
public import Lending

/// Moves of prices that somebody asks about: `ETH=-20%,USDC=0.97`.
public struct Shock: Hashable, Sendable {
    /// What one price does.
    public enum Change: Hashable, Sendable {
        /// It becomes `number / scale` of today's, down.
        case times(number: UInt256, scale: UInt256)
        /// It becomes `number / scale` of a unit of the market's currency; what shares its root moves by the same
        /// factor.
        case level(number: UInt256, scale: UInt256)
    }

    /// One name with its change.
    public struct Term: Hashable, Sendable {
        /// A root's name or id, an asset's symbol or address, or `ALL`.
        public var name: String
        /// What it does.
        public var change: Change
    }

    /// Why a text is no shock, or names what is not there.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A term that cannot be read.
        case malformed(String)
        /// A name that no market knows, with those that are known.
        case unknownName(String, known: [String])

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public var description: String {
            switch self {
            case .malformed(let term):
                "--shock: expected NAME=-20%, NAME=+5%, NAME=0.97 or NAME=x0.8, got \"\(term.prefix(64))\""
            case .unknownName(let name, let known):
                "--shock: no price is called \"\(name.prefix(64))\"; known: \(known.prefix(40).joined(separator: ", "))"
            }
        }
    }

    /// As it was asked.
    public let text: String
    /// In the order of the text; a later one acts on what the earlier ones left.
    public let terms: [Term]

    /// Reads a list of terms, at most 64.
    public init(parsing text: String) throws(Failure) {
        guard text.utf8.count <= 4_096 else { throw .malformed(text) }
        var terms: [Term] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let sign = part.lastIndex(of: "="), terms.count < 64 else { throw .malformed(String(part)) }
            let name = String(part[..<sign])
            guard !name.isEmpty, let change = Self.change(part[part.index(after: sign)...]) else {
                throw .malformed(String(part))
            }
            terms.append(Term(name: name, change: change))
        }
        guard !terms.isEmpty else { throw .malformed(text) }
        self.text = text
        self.terms = terms
    }

    private static func change(_ text: Substring) -> Change? {
        if text.hasPrefix("x") { return decimal(text.dropFirst()).map { .times(number: $0.units, scale: $0.scale) } }
        guard text.hasSuffix("%") else { return decimal(text).map { .level(number: $0.units, scale: $0.scale) } }
        let number = text.dropLast()
        guard let percent = decimal(number.drop { $0 == "-" || $0 == "+" }), number.first == "-" || number.first == "+",
            !number.dropFirst().contains(where: { $0 == "-" || $0 == "+" })
        else { return nil }
        // Within 36 digits nothing of this leaves 256 bits.
        let whole = percent.scale &* 100
        guard number.first == "-" else { return .times(number: whole &+ percent.units, scale: whole) }
        return percent.units <= whole ? .times(number: whole &- percent.units, scale: whole) : nil
    }

    /// Digits with at most one point, 36 of them at most.
    private static func decimal(_ text: Substring) -> (units: UInt256, scale: UInt256)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, parts.count == 1 || !parts[1].isEmpty,
            text.utf8.count <= 37, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == 0x2E }),
            let units = UInt256(decimal: parts.joined())
        else { return nil }
        let places = parts.count == 2 ? parts[1].utf8.count : 0
        return (units, (0..<places).reduce(UInt256.one) { scale, _ in scale &* 10 })
    }
}

extension Shock {
    /// The prices under the shock of what it moves, and which terms moved something.
    ///
    /// A root moves every asset that hangs on it, inverted where it divides; an asset that is named itself moves alone.
    /// `ETH` finds `WETH`, and `BTC` finds `WBTC`, where nothing has the name itself. `ALL` is everything but the
    /// currency and what is priced within 5 % of one US dollar.
    ///
    /// - Throws: where a price leaves 256 bits.
    public func prices(
        of assets: [PricedAsset], roots: PriceRoots
    ) throws(MathError) -> (prices: [Address: UInt256], used: Set<Int>) {
        var prices: [Address: UInt256] = [:]
        var used: Set<Int> = []
        for (place, term) in terms.enumerated() {
            let moved = moved(by: term.name, assets, roots)
            guard !moved.isEmpty else { continue }
            used.insert(place)
            let leader = moved.first { $0.asset.symbol?.lowercased() == term.name.lowercased() } ?? moved[0]
            for (asset, exponent) in moved {
                guard let today = prices[asset.asset] ?? asset.priceRaw else { continue }
                let factor: (number: UInt256, scale: UInt256)
                switch term.change {
                case .times(let number, let scale): factor = (number, scale)
                case .level(let number, let scale):
                    guard let from = leader.asset.priceRaw, !from.isZero else { continue }
                    factor = (try .mulDiv(number, leader.asset.priceScale, scale, .down), from)
                }
                var price = today
                for _ in 0..<abs(exponent) {
                    price =
                        exponent > 0
                        ? try .mulDiv(price, factor.number, factor.scale, .down)
                        : try .mulDiv(price, factor.scale, factor.number, .down)
                }
                prices[asset.asset] = max(.one, price)
            }
        }
        return (prices, used)
    }

    /// What a name moves, with the exponent of the move.
    private func moved(
        by name: String, _ assets: [PricedAsset], _ roots: PriceRoots
    ) -> [(asset: PricedAsset, exponent: Int)] {
        let moving = assets.filter { $0.source.kind != .base && $0.priceRaw?.isZero == false }
        if name == "ALL" { return moving.filter { !$0.isDollar }.map { ($0, 1) } }
        let wanted = name.lowercased()
        for candidate in [wanted, "w" + wanted] {
            let named = Set(roots.names.filter { $0.value.lowercased() == candidate }.map(\.key))
            var found: [(asset: PricedAsset, exponent: Int)] = []
            for asset in moving {
                let powers = roots[asset.asset].filter { named.contains($0.root) || $0.root.id == name }
                let exponent = powers.reduce(0) { $0 + $1.exponent }
                if exponent != 0 { found.append((asset, exponent)) }
            }
            if !found.isEmpty { return found }
            let own = moving.filter {
                $0.symbol?.lowercased() == candidate || $0.asset.checksummed.lowercased() == candidate
            }
            if !own.isEmpty { return own.map { ($0, 1) } }
        }
        return []
    }

    /// Everything that a term may name in these markets.
    public static func names(of assets: [PricedAsset], roots: PriceRoots) -> [String] {
        Set(["ALL"] + Array(roots.names.values) + assets.compactMap(\.symbol)).sorted()
    }
}

extension PricedAsset {
    /// Whether it is priced within 5 % of one US dollar, in US dollars.
    fileprivate var isDollar: Bool {
        guard currency == "USD", let price = priceRaw, !priceScale.isZero else { return false }
        let (distance, over) = price.distance(to: priceScale).multipliedReportingOverflow(by: 20)
        return !over && distance <= priceScale
    }
}
