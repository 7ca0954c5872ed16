public import Ethereum
import JSON
public import Lending

extension Aave.Market {
    /// The pool's comparison in a block of another time: every index grown by the pool's own rule, at the rates that are
    /// stored now.
    ///
    /// Source: aave-dao/aave-v3-origin `ReserveLogic.getNormalizedIncome`, `getNormalizedDebt`; stable debt as in
    /// ``Aave/Math/stableDebt(principal:rate:updated:at:_:)``.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? {
        guard timestamp >= state.timestamp else { return nil }
        var later = position
        do throws(MathError) {
            for place in later.collateral.indices where later.collateral[place].enabled {
                let leg = later.collateral[place]
                guard let reserve = reserve(of: leg), let index = state.liquidityIndex(of: reserve, at: timestamp)
                else { return nil }
                later.collateral[place].amount = try state.supplied(leg.raw, index: index)
            }
            for place in later.debt.indices {
                guard let amount = try owed(later.debt[place], place, position, at: timestamp) else { return nil }
                later.debt[place].amount = amount
            }
        } catch {
            return nil
        }
        return revalue(later, at: prices)
    }

    private func reserve(of leg: Leg) -> Aave.Reserve? { state.reserves.first { $0.asset == leg.asset } }

    /// What a leg owes at a time; `nil` where the debt token alone can say.
    private func owed(
        _ leg: Leg, _ place: Int, _ position: Position, at timestamp: UInt64
    ) throws(MathError) -> UInt256? {
        if leg.kind == "stable" {
            guard let facts = position.details["stableDebt"]?.array?.first(where: { $0["leg"]?.int == place }),
                let rate = facts["rate"]?.string.flatMap({ UInt256(decimal: $0) }),
                let updated = facts["updated"]?.string.flatMap({ UInt64($0) })
            else { return nil }
            return try Aave.Math.stableDebt(
                principal: leg.raw, rate: rate, updated: updated, at: timestamp, rules.compounding)
        }
        guard let reserve = reserve(of: leg) else { return nil }
        if leg.amount.isZero && leg.raw.isZero { return .zero }
        guard leg.index != nil, let index = state.borrowIndex(of: reserve, at: timestamp) else { return nil }
        return try state.owed(leg.raw, index: index)
    }
}

extension Aave.Book {
    /// Rate and time of each stable debt of a member, with the place of its leg.
    func stableFacts(of index: Int, _ debt: [Leg]) -> JSONValue? {
        let member = members[index]
        var facts: [JSONValue] = []
        var slot = member.start
        for reserve in state.reserves {
            if member.configuration.secures(reserve.id) { slot += 1 }
            guard member.configuration.owes(reserve.id) else { continue }
            slot += 1
            guard state.rules.stableDebt else { continue }
            if let stable = sheet.stable[slot],
                let place = debt.firstIndex(where: { $0.asset == reserve.asset && $0.kind == "stable" })
            {
                facts.append([
                    "leg": .integer(place), "rate": .string(stable.rate.description),
                    "updated": .string(stable.updated.description),
                ])
            }
            slot += 1
        }
        return facts.isEmpty ? nil : .array(facts)
    }
}
