import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Risk

/// What a block that was followed has to say to a stream.
struct FeedReading {
    private(set) var items: [FeedItem] = []
    private(set) var closed: [(id: Hash32, reason: FeedMessage.CloseReason, details: JSONObject)] = []
    private(set) var summary = JSONObject()

    /// - Parameter state: what consumers know; what they know and the block does not hold is closed.
    init(_ block: FollowedBlock, on state: FeedState, cause: FeedMessage.Cause) {
        let roots = PriceRoots(
            of: block.market.pricedAssets(of: block.near), besides: Set(block.market.contracts.map(\.address)))
        var said: Set<Hash32> = []
        var counts: (open: Int, watched: Int, unknown: Int, differing: Int) = (0, 0, 0, 0)
        for position in block.near {
            let id = PositionRecord.id(of: position)
            guard said.insert(id).inserted else { continue }
            let isOpen = position.liquidatable == true && position.match != .differs
            if isOpen { counts.open += 1 } else { counts.watched += 1 }
            if position.isUnknown { counts.unknown += 1 }
            if position.match == .differs { counts.differing += 1 }
            items.append(
                FeedItem(
                    id: id, kind: isOpen ? .opportunity : .watch, cause: Self.cause(cause, position, block),
                    material: Self.material(position, isOpen: isOpen),
                    body: { [market = block.market] () -> JSONObject in Self.record(position, market, roots) }))
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
            "mismatched": .integer(counts.differing),
        ]
        summary["evaluated"] = .integer(block.evaluated)
        summary["touched"] = .integer(block.touched.count)
        summary["gaps"] = .array(
            block.gaps.map { ["from": .integer($0.from), "to": .integer($0.to), "why": .string($0.why)] })
    }

    /// The record of a position, with its distances, and with plans where anyone may liquidate it.
    private static func record(_ position: Position, _ market: any LendingMarket, _ roots: PriceRoots) -> JSONObject {
        var position = DistanceFinder(market, roots: roots).measured(position)
        if position.liquidatable == true { position = LiquidationPlanner(market, policy: .profit).planned(position) }
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
        for unknown in position.unknown where unknown.field == "liquidatable" { bytes += Array(unknown.reason.utf8) }
        return Keccak256.hash(bytes)
    }
}
