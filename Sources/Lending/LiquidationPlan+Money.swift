import Chain
import Ethereum
import JSON
import Pools

extension LiquidationPlan {
    /// How what is seized is sold.
    func sold(_ exit: LiquidationExit, at position: Position) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("route", .array(exit.route.tokens.map { .string($0.checksummed) })),
            ("pools", .array(exit.route.pools.map { .string($0.address.checksummed) })),
            ("kinds", .array(exit.route.pools.map { .string($0.kind) })),
            ("expectedOut", integer(exit.expectedOut)), ("minOut", integer(minOut)),
            ("priceImpactBps", .integer(exit.priceImpactBps)), ("depth", integer(exit.depth.amount)),
            ("depthIsAtLeast", .bool(exit.depth.isAtLeast)), ("stateBlock", .string(position.block.hash.hex)),
        ]
        members.append(("exitGroup", text(exit.group?.pool.checksummed)))
        members.append(("order", exit.group?.order.map { .integer($0) } ?? .null))
        members.append(("soldBefore", integer(exit.group?.soldBefore)))
        members.append(("cumulativeDepth", integer(exit.group.map { $0.soldBefore.addingOrMax(seize) })))
        return .object(JSONObject(members))
    }

    /// What the sale has to bring so that nothing is lost: the repayment, the loan's fee, and what is paid for gas where
    /// that is known; the debt token's smallest units.
    var minOut: UInt256 {
        repay.addingOrMax(funding?.fee ?? .zero).addingOrMax(cost?.inDebt ?? .zero)
    }
}

extension LiquidationFunding {
    /// `null` where the sender holds the asset.
    func json(of asset: Address) -> JSONValue {
        switch self {
        case .inventory: .null
        case .flash(let source, let fee):
            [
                "provider": .string(source.provider), "lender": .string(source.lender.checksummed),
                "asset": .string(asset.checksummed), "fee": .string(fee.description),
                "available": .string(source.available.description),
            ]
        }
    }
}
