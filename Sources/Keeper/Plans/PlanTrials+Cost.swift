import Chain
import Ethereum
public import Lending
import Pools

/// What sending a plan costs.
extension PlanTrials {
    /// The positions with where each plan's repayment comes from.
    public func funded(_ positions: [Position]) -> [Position] {
        positions.map { position in
            var position = position
            for place in (position.plans ?? []).indices {
                guard let plan = position.plans?[place] else { continue }
                position.plans?[place].funding = funding(of: plan)
            }
            return position
        }
    }

    private func funding(of plan: LiquidationPlan) -> LiquidationFunding? {
        // What is paid with nothing needs no loan.
        guard let lenders, !plan.repay.isZero else { return .inventory }
        return LiquidationFunding.cheapest(
            of: lenders, lending: plan.repay, of: plan.pair.debtAsset,
            besides: Set(plan.exit?.route.pools.map(\.address) ?? []))
    }

    /// What the data of all calls of each plan costs, as transactions of their own.
    func dataFees(of plans: [LiquidationPlan]) async throws(ChainError) -> [Reading<UInt256>] {
        let calls = plans.map { plan in
            plan.cost.map { cost in
                plan.calls.compactMap { $0.made(by: Snapshot.trialSender) }.map { (call: $0, gas: cost.gasLimit) }
            } ?? []
        }
        var answers = try await snapshot.dataFees(of: calls.flatMap { $0 })[...]
        return calls.map { calls in
            let own = answers.prefix(calls.count)
            answers = answers.dropFirst(calls.count)
            var sum = UInt256.zero
            for answer in own {
                switch answer {
                case .known(let fee): sum = sum.addingOrMax(fee)
                case .unknown(let reason): return .unknown(reason)
                }
            }
            return .known(sum)
        }
    }

    /// Takes what the calls used where they were tried.
    func measure(_ plan: inout LiquidationPlan, _ gas: [Reading<UInt256>]) {
        guard plan.simulation?.ok == true else { return }
        var used = UInt256.zero
        for reading in gas.dropFirst(3).prefix(plan.calls.count) {
            switch reading {
            case .known(let amount): used = used.addingOrMax(amount)
            case .unknown(let reason):
                plan.unknown.append(Unknown("gasUsed", "\(reason)"))
                return
            }
        }
        guard let price = gasPrice ?? snapshot.block.baseFeePerGas else {
            plan.unknown.append(Unknown("net", "the block names no base fee, and no gas price was given"))
            return
        }
        plan.cost = LiquidationCost(gasUsed: used, gasPrice: price)
        plan.cost?.basis = basis
    }

    /// Works out what is left of a plan whose gas is known.
    func settle(_ plan: inout LiquidationPlan, _ fee: Reading<UInt256>, native: UInt256?) {
        guard var cost = plan.cost else { return }
        defer { plan.cost = cost }
        switch fee {
        case .known(let wei): cost.l1Fee = wei
        case .unknown(let reason):
            plan.unknown.append(Unknown("l1Fee", "\(reason)"))
            plan.unknown.append(Unknown("net", "what the chain charges for the data is not known"))
            return
        }
        guard let native, !native.isZero else {
            plan.unknown.append(Unknown("net", "the market prices no token by the native asset's symbol"))
            return
        }
        guard let earned = plan.earnedFunded else {
            plan.unknown.append(Unknown("net", "a number leaves 256 bits"))
            return
        }
        do throws(MathError) {
            try cost.settle(gross: earned, native: native)
            let base = try UInt256.mulDiv(cost.spent(), native, .wad, .up)
            cost.inDebt = plan.repayValue.isZero ? nil : try UInt256.mulDiv(base, plan.repay, plan.repayValue, .up)
        } catch {
            plan.unknown.append(Unknown("net", "a number leaves 256 bits"))
        }
    }
}
