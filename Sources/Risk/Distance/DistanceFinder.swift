import Ethereum
public import Lending

/// Finds how far positions of one market are from their line, and when interest alone takes them there.
public struct DistanceFinder: Sendable {
    let market: any LendingMarket
    let roots: PriceRoots
    /// In a block of which time; `nil` for the pinned one.
    let timestamp: UInt64?

    /// Looks at positions of `market`.
    ///
    /// - Parameters:
    ///   - roots: how its prices hang on their roots.
    ///   - timestamp: the time of the block in which the prices would move, where that is a later one.
    public init(_ market: any LendingMarket, roots: PriceRoots = PriceRoots(), at timestamp: UInt64? = nil) {
        self.market = market
        self.roots = roots
        self.timestamp = timestamp
    }

    private func verdict(of position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard let timestamp else { return market.revalue(position, at: prices) }
        return market.verdict(of: position, at: timestamp, prices: prices)
    }

    /// The position with its distances, or with the reason why there are none.
    public func measured(_ position: Position) -> Position {
        var position = position
        switch distance(of: position) {
        case .success(let distance): position.distance = distance
        case .failure(let reason): position.unknown.append(Unknown("distance", reason.text))
        }
        switch InterestClock(market).crossing(of: position) {
        case .success(let crossing): position.interestOnly = crossing
        case .failure(let reason): position.unknown.append(Unknown("interestOnly", reason.text))
        }
        return position
    }

    /// Why there is no distance.
    public struct Reason: Error, Hashable, Sendable {
        /// In words.
        public let text: String
        init(_ text: String) { self.text = text }
    }

    /// How far a position's prices are from the line.
    public func distance(of position: Position) -> Result<PriceDistance, Reason> {
        guard let liquidatable = position.liquidatable else {
            return .failure(Reason("whether it can be liquidated is not known"))
        }
        // Several reserves of one token, each with a feed of its own: no one number moves them.
        var prices: [Address: UInt256] = [:]
        for leg in position.collateral + position.debt where leg.enabled {
            guard prices.updateValue(leg.priceRaw, forKey: leg.asset).map({ $0 == leg.priceRaw }) ?? true else {
                return .failure(Reason("one of its tokens has two prices here, which no one price moves"))
            }
        }
        let assets = priced(position)
        let collateral = Set(position.collateral.filter(\.enabled).map(\.asset))
        let joint = PriceMove(from: PriceDistance.scale, parts: assets.filter { collateral.contains($0.asset) })
        if position.debt.isEmpty { return .success(lines(position, assets, joint) { _ in ([], "there is no debt") }) }
        guard let start = verdict(of: position, at: [:]) else {
            return .failure(Reason("the protocol's comparison cannot be made at other prices"))
        }
        guard timestamp != nil || start.liquidatable == liquidatable else {
            return .failure(Reason("at today's prices the comparison is not the position's verdict"))
        }
        if start.liquidatable {
            return .success(
                lines(position, assets, joint) { move in
                    let now = PriceDistance.Flip(price: move.from, bps: 0, direction: nil)
                    return ([now], "it can be liquidated at today's price")
                })
        }
        return .success(lines(position, assets, joint) { search($0, position, start) })
    }

    /// What moves, each with what a search finds of it.
    private func lines(
        _ position: Position, _ assets: [PriceMove.Part], _ joint: PriceMove,
        _ find: (PriceMove) -> (flips: [PriceDistance.Flip], reason: String?)
    ) -> PriceDistance {
        func line(_ move: PriceMove, _ root: PriceRoot? = nil) -> PriceDistance.Line {
            let found = find(move)
            return PriceDistance.Line(
                assets: move.parts.map(\.asset), root: root, name: root.flatMap { roots.names[$0] }, from: move.from,
                flips: found.flips, reason: found.reason)
        }
        let alone = assets.map { line(PriceMove(from: $0.price, parts: [$0])) }
        let moves = rootMoves(assets)
        let shared = moves.map { root, move in
            // One asset that moves as its root does is what was looked at already.
            if move.parts.count == 1, move.parts[0].exponent == 1, move.parts[0].price == move.from,
                var same = alone.first(where: { $0.assets == [move.parts[0].asset] })
            {
                same.root = root
                same.name = roots.names[root]
                return same
            }
            return line(move, root)
        }
        return PriceDistance(assets: alone, roots: shared, joint: line(joint))
    }

    /// The assets that count, each once, with their prices.
    private func priced(_ position: Position) -> [PriceMove.Part] {
        var seen: Set<Address> = []
        return (position.collateral + position.debt).filter { leg in
            leg.enabled && leg.source.kind != .base && !leg.priceRaw.isZero && seen.insert(leg.asset).inserted
        }.map { PriceMove.Part(asset: $0.asset, price: $0.priceRaw, exponent: 1) }
    }

    /// What moves with each root, by the root's id.
    func rootMoves(_ assets: [PriceMove.Part]) -> [(root: PriceRoot, move: PriceMove)] {
        var parts: [PriceRoot: [PriceMove.Part]] = [:]
        for asset in assets {
            var exponents: [PriceRoot: Int] = [:]
            for power in roots[asset.asset] { exponents[power.root, default: 0] += power.exponent }
            for (root, exponent) in exponents where exponent != 0 {
                parts[root, default: []].append(
                    PriceMove.Part(asset: asset.asset, price: asset.price, exponent: exponent))
            }
        }
        return parts.keys.sorted().map { root in
            let members = parts[root] ?? []
            // The finest price is the finest measure of the root where it states none itself.
            let price = roots.answers[root] ?? members.map(\.price).max() ?? .one
            return (root, PriceMove(from: price, parts: members))
        }
    }

    /// Both ways where both may hurt: where the number stands on both sides, or inverted.
    private func search(
        _ move: PriceMove, _ position: Position, _ start: Verdict
    ) -> (flips: [PriceDistance.Flip], reason: String?) {
        var directions: Set<PriceDistance.Direction> = []
        for part in move.parts {
            let isRising = part.exponent > 0
            if position.collateral.contains(where: { $0.enabled && $0.asset == part.asset }) {
                directions.insert(isRising ? .down : .up)
            }
            if position.debt.contains(where: { $0.enabled && $0.asset == part.asset }) {
                directions.insert(isRising ? .up : .down)
            }
        }
        var flips: [PriceDistance.Flip] = []
        var reason: String?
        for direction in [PriceDistance.Direction.down, .up] where directions.contains(direction) {
            let outcome = FlipSearch(
                verdict: { number in move.prices(at: number).flatMap { verdict(of: position, at: $0) } },
                from: move.from, start: start, direction: direction
            ).run()
            switch outcome {
            case .flip(let price):
                flips.append(
                    PriceDistance.Flip(price: price, bps: bps(from: move.from, to: price), direction: direction))
            case .none: break
            case .unknown(let number): reason = "the comparison cannot be made at \(number)"
            }
        }
        flips.sort { $0.bps < $1.bps }
        if flips.isEmpty, reason == nil {
            reason =
                directions.contains(.up)
                ? "no fall and no rise to the millionfold turns the comparison"
                : "no fall turns the comparison"
        }
        return (flips, flips.isEmpty ? reason : nil)
    }

    private func bps(from: UInt256, to price: UInt256) -> Int {
        do throws(MathError) {
            return try UInt256.mulDiv(from.distance(to: price), 10_000, from, .down).asInt() ?? .max
        } catch {
            return .max
        }
    }
}
