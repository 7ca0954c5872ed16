import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Oracles
import Risk

/// What a block that was followed has to say to a stream.
struct FeedReading {
    private(set) var items: [FeedItem] = []
    private(set) var closed: [(id: Hash32, reason: FeedMessage.CloseReason, details: JSONObject)] = []
    private(set) var summary = JSONObject()

    /// - Parameters:
    ///   - state: what consumers know; what they know and the block does not hold is closed.
    ///   - prices: what independent sources said last; `nil` where nobody asks any.
    init(_ block: FollowedBlock, on state: FeedState, cause: FeedMessage.Cause, prices: WatchedPrices? = nil) {
        let assets = block.market.pricedAssets(of: block.near)
        let shared = Set(block.market.contracts.map(\.address))
        let roots =
            prices.map { PriceRoots(of: assets, in: $0.review.book.forest, besides: shared) }
            ?? PriceRoots(of: assets, besides: shared)
        var said: Set<Hash32> = []
        var counts: (open: Int, watched: Int, unknown: Int, differing: Int, pending: Int) = (0, 0, 0, 0, 0)
        for var position in block.near {
            let id = PositionRecord.id(of: position)
            guard said.insert(id).inserted else { continue }
            position.oracle = prices?.findings(for: position, in: block.market)
            let falls = ExpectedFall(of: position)
            if falls != nil { counts.pending += 1 }
            // What a keeper can bring down by itself is one already.
            let isOpen = position.match != .differs && (position.liquidatable == true || falls?.canBeBrought == true)
            if isOpen { counts.open += 1 } else { counts.watched += 1 }
            if position.isUnknown { counts.unknown += 1 }
            if position.match == .differs { counts.differing += 1 }
            items.append(
                FeedItem(
                    id: id, kind: isOpen ? .opportunity : .watch,
                    cause: falls == nil ? Self.cause(cause, position, block) : .pendingPrice,
                    material: Self.material(position, isOpen: isOpen),
                    body: { [market = block.market, position] () -> JSONObject in
                        Self.record(position, market, roots, falls)
                    }))
        }
        for (account, position) in block.left {
            let id = position.map { PositionRecord.id(of: $0) } ?? PositionRecord.id(of: account, in: block.market.id)
            said.insert(id)
            let reason: FeedMessage.CloseReason =
                position == nil ? .repaid : block.parametersChanged ? .parameters : .healed
            var details = JSONObject()
            if let health = position?.hfProtocol { details["hfProtocol"] = .string(health.description) }
            details["account"] = .string(account.address.checksummed)
            closed.append((id, reason, details))
        }
        // After a restart or a reorganisation: what stands there and is not near any more.
        for id in Set(state.entries.keys).subtracting(said).sorted() { closed.append((id, .healed, JSONObject())) }
        summary["counts"] = [
            "open": .integer(counts.open), "watch": .integer(counts.watched), "unknown": .integer(counts.unknown),
            "mismatched": .integer(counts.differing), "pending": .integer(counts.pending),
        ]
        summary["evaluated"] = .integer(block.evaluated)
        summary["touched"] = .integer(block.touched.count)
        summary["gaps"] = .array(
            block.gaps.map { ["from": .integer($0.from), "to": .integer($0.to), "why": .string($0.why)] })
    }

    /// The record of a position, with its distances, and with plans where anyone may liquidate it now or once the
    /// expected prices have arrived.
    private static func record(
        _ position: Position, _ market: any LendingMarket, _ roots: PriceRoots, _ falls: ExpectedFall?
    ) -> JSONObject {
        var position = DistanceFinder(market, roots: roots).measured(position)
        if position.liquidatable == true {
            position = LiquidationPlanner(market, policy: .profit).planned(position)
        } else if let falls {
            position = falls.planned(position, in: market)
        }
        return PositionRecord(position, finality: "head").json.object ?? JSONObject()
    }

    private static func cause(
        _ cause: FeedMessage.Cause, _ position: Position, _ block: FollowedBlock
    ) -> FeedMessage.Cause {
        guard cause == .price else { return cause }
        if block.touched.contains(position.account) { return .position }
        return block.parametersChanged ? .param : .price
    }

    /// What has to change before a position is published again: of one that can be liquidated, anything but interest;
    /// of one that is near, its amounts, and its health by a thousandth.
    private static func material(_ position: Position, isOpen: Bool) -> Hash32 {
        var bytes: [UInt8] = [isOpen ? 1 : 0, position.liquidatable.map { $0 ? 1 : 0 } ?? 2]
        bytes += Array(position.match.rawValue.utf8)
        for leg in position.collateral + position.debt {
            bytes += leg.asset.bytes
            leg.raw.append(to: &bytes)
            if isOpen { leg.priceRaw.append(to: &bytes) }
            bytes += [leg.enabled ? 1 : 0, leg.frozen ? 1 : 0, leg.paused ? 1 : 0]
        }
        if !isOpen, let health = position.hfProtocol, health != .max {
            do throws(MathError) {
                let grain = try position.hfScale.divided(by: 1_000, .down)
                try health.divided(by: grain.isZero ? .one : grain, .down).append(to: &bytes)
            } catch {
                health.append(to: &bytes)
            }
        }
        if let oracle = position.oracle {
            bytes += Array(oracle.verdict.rawValue.utf8)
            bytes += [oracle.liquidatableAtPending.map { $0 ? 1 : 0 } ?? 2, UInt8(clamping: oracle.updates.count)]
            for health in oracle.healthUnder { bytes += [health.verdict.map { $0.liquidatable ? 1 : 0 } ?? 2] }
            if oracle.liquidatableAtPending == true {
                for pending in oracle.pending { pending.priceRaw.append(to: &bytes) }
            }
        }
        for unknown in position.unknown where unknown.field == "liquidatable" { bytes += Array(unknown.reason.utf8) }
        return Keccak256.hash(bytes)
    }
}
