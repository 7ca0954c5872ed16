import Chain
import Ethereum
import JSON
import Lending

extension CompoundV3.Market {
    /// The comparison that both the view and `absorb` make; equality is healthy.
    static let predicate = "hfNum < hfDen"

    /// The position of one account.
    func position(of member: CompoundV3.Member, at block: Block) -> Position {
        var position = Position(
            market: id, account: member.account, entrypoint: comet, block: block, hfUnit: "base1e8",
            predicate: Self.predicate, hfScale: .wad, valueUnit: state.valueUnit)
        position.unknown = member.issues
        position.unknown.append(
            Unknown(
                "hfOnchain", "a Comet states no health factor; isLiquidatable and borrowBalanceOf were compared instead"
            ))
        guard member.issues.isEmpty else { return position }
        setLegs(&position, member)
        let view = health(member, state.totals)
        let execution = health(member, state.accrued)
        position.details = details(member, view, execution)
        if case .success(let health) = view {
            position.hfDen = health.debt
            position.hfNum = member.principal.isNegative ? health.weighted : weighted(position)
            position.hfProtocol = health.factor
            if position.hfNum == nil || position.hfProtocol == nil {
                position.unknown.append(
                    Unknown("hfNum", "the Comet stops before a price that is not known; its verdict does not need it"))
            }
        }
        compare(&position, member, view, execution)
        return position
    }

    private func health(
        _ member: CompoundV3.Member, _ totals: CompoundV3.Totals?
    ) -> Result<CompoundV3.Health, CompoundV3.Halt> {
        do throws(CompoundV3.Halt) {
            return .success(
                try state.health(
                    principal: member.principal, assetsIn: member.assetsIn, balances: member.balances, totals))
        } catch {
            return .failure(error)
        }
    }

    /// Sets what the contract says beside what was computed. Only where both agree is there a verdict.
    private func compare(
        _ position: inout Position, _ member: CompoundV3.Member, _ view: Result<CompoundV3.Health, CompoundV3.Halt>,
        _ execution: Result<CompoundV3.Health, CompoundV3.Halt>
    ) {
        position.match = match(&position, member, view)
        guard member.principal.isNegative else {
            if position.match == .equal { position.liquidatable = false }
            return
        }
        var accrued = ExecutionHealth(verdict: nil, predicate: Self.predicate, match: .notCompared)
        switch execution {
        case .failure(let halt):
            position.unknown.append(Unknown("liquidatable", state.why(halt)))
        case .success(let health):
            switch member.isLiquidatableAccrued {
            case .known(let answer):
                accrued.match = answer == health.liquidatable ? .equal : .differs
            case .unknown(let reason):
                position.unknown.append(Unknown("execution.match", "isLiquidatable after accrueAccount: \(reason)"))
            }
            if let weighted = health.weighted {
                accrued.verdict = Verdict(
                    hfNum: weighted, hfDen: health.debt, hfProtocol: health.factor, liquidatable: health.liquidatable)
            }
            if accrued.match == .differs {
                position.unknown.append(
                    Unknown("liquidatable", "the contract disagrees once its interest is accrued"))
            } else if position.match == .equal {
                position.liquidatable = health.liquidatable
            }
        }
        position.execution = accrued
    }

    /// Compares `isLiquidatable` at stored indexes, and the debt at accrued ones.
    private func match(
        _ position: inout Position, _ member: CompoundV3.Member, _ view: Result<CompoundV3.Health, CompoundV3.Halt>
    ) -> Position.Match {
        let computed: CompoundV3.Health
        switch view {
        case .success(let health): computed = health
        case .failure(let halt):
            position.unknown.append(Unknown("hfProtocol", state.why(halt)))
            return .notCompared
        }
        guard let answer = member.isLiquidatable.value, let balance = member.borrowBalance.value else {
            let reason = member.isLiquidatable.reason ?? member.borrowBalance.reason ?? .noCode
            position.unknown.append(Unknown("liquidatable", "the contract's own answer: \(reason)"))
            return .notCompared
        }
        guard let owed = state.owed(member.principal) else {
            position.unknown.append(Unknown("liquidatable", state.why(.accrual)))
            return .notCompared
        }
        var differences: [String] = []
        if answer != computed.liquidatable {
            differences.append("isLiquidatable is \(answer), computed \(computed.liquidatable)")
        }
        if balance != owed { differences.append("borrowBalanceOf is \(balance), computed \(owed)") }
        guard differences.isEmpty else {
            position.unknown.append(
                Unknown("liquidatable", "the contract disagrees: \(differences.joined(separator: "; "))"))
            return .differs
        }
        return .equal
    }

    /// Σ value · factor of the legs that count; `nil` where one is missing.
    private func weighted(_ position: Position) -> UInt256? {
        guard !position.unknown.contains(where: { $0.field == "collateral" }) else { return nil }
        var sum = UInt256.zero
        do throws(MathError) {
            for leg in position.collateral where leg.enabled {
                try sum += CompoundV3.Math.mulFactor(leg.value, leg.factorRaw ?? .zero)
            }
        } catch {
            return nil
        }
        return sum
    }

    private func details(
        _ member: CompoundV3.Member, _ view: Result<CompoundV3.Health, CompoundV3.Halt>,
        _ execution: Result<CompoundV3.Health, CompoundV3.Halt>
    ) -> [String: JSONValue] {
        var details: [String: JSONValue] = [
            "principal": .string(member.principal.description), "assetsIn": .integer(Int(member.assetsIn)),
            "absorbPaused": .bool(state.totals.absorbPaused),
        ]
        guard member.principal.isNegative else { return details }
        if case .success(let health) = view { details["liquidityStored"] = .string(health.liquidity.description) }
        guard case .success(let health) = execution else { return details }
        details["liquidityAccrued"] = .string(health.liquidity.description)
        if health.liquidatable, let absorption = state.absorption(of: member) {
            details["absorb"] = [
                "basePaidOut": .string(absorption.basePaidOut.description),
                "newBalance": .string(absorption.newBalance.description),
                "newPrincipal": .string(absorption.newPrincipal.description),
            ]
        }
        return details
    }
}

extension CompoundV3.MarketState {
    /// `borrowBalanceOf`: the debt with interest up to the block; `nil` where the contract reverts.
    func owed(_ principal: Int256) -> UInt256? {
        do throws(MathError) {
            guard let accrued else { return nil }
            guard principal.isNegative else { return .zero }
            return try CompoundV3.Math.presentValue(principal.magnitude, index: accrued.baseBorrowIndex)
        } catch {
            return nil
        }
    }

    /// What `absorb` would make of the account now; `nil` where it reverts or a price is not known.
    func absorption(of member: CompoundV3.Member) -> CompoundV3.Math.Absorption? {
        do throws(MathError) {
            guard let accrued, let basePrice = base.price.value else { return nil }
            var seized: [(value: UInt256, liquidationFactor: UInt256)] = []
            for (asset, balance) in zip(held(member.assetsIn), member.balances) {
                if rules.skipsZeroFactors, asset.liquidationFactor.isZero { continue }
                guard let price = asset.price.value else { return nil }
                seized.append(
                    (try CompoundV3.Math.mulPrice(balance, price, scale: asset.scale), asset.liquidationFactor))
            }
            return try CompoundV3.Math.absorb(
                principal: member.principal, seized: seized, basePrice: basePrice, baseScale: base.scale, accrued)
        } catch {
            return nil
        }
    }
}
