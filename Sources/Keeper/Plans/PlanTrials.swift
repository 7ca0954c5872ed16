import ABI
import Bindings
public import Chain
public import Ethereum
public import Lending

/// Tries plans at the pinned block: the sender is given the debt token, approves, and makes the calls.
public struct PlanTrials: Sendable {
    /// The block.
    let snapshot: Snapshot
    /// Wei for one unit of gas; `nil` for the pinned block's base fee.
    let gasPrice: UInt256?
    /// Where that comes from.
    let basis: LiquidationCost.Basis
    /// Who lends what is repaid; `nil` where the sender holds it.
    let lenders: [FlashSource]?

    /// Trials at a block.
    ///
    /// - Parameters:
    ///   - gasPrice: wei for one unit of gas; `nil` for the pinned block's base fee.
    ///   - lenders: who lends what is repaid; `nil` where the sender holds it.
    public init(
        on snapshot: Snapshot, gasPrice: UInt256?, basis: LiquidationCost.Basis = .stated,
        lenders: [FlashSource]? = nil
    ) {
        self.snapshot = snapshot
        self.gasPrice = gasPrice
        self.basis = gasPrice == nil ? .baseFee : basis
        self.lenders = lenders
    }

    /// The positions with each plan tried.
    ///
    /// - Parameter native: the price of one whole native token in the positions' base units; `nil` where it is not
    ///   known, and then nothing is said of what is left.
    public func tried(_ positions: [Position], native: UInt256?) async throws(ChainError) -> [Position] {
        var positions = positions
        var places: [(position: Int, plan: Int)] = []
        var tokens: [Address] = []
        for (index, position) in positions.enumerated() {
            for (place, plan) in (position.plans ?? []).enumerated() {
                places.append((index, place))
                if !tokens.contains(plan.pair.debtAsset) { tokens.append(plan.pair.debtAsset) }
            }
        }
        guard !places.isEmpty else { return positions }
        var slots: [Address: Reading<TokenSlot>] = [:]
        for (token, slot) in zip(tokens, try await snapshot.balanceSlots(of: tokens)) { slots[token] = slot }
        var trials: [FundedCalls] = []
        var tried: [(position: Int, plan: Int)] = []
        for (index, place) in places {
            guard let plan = positions[index].plans?[place] else { continue }
            if let reason = untried(plan) {
                positions[index].plans?[place].unknown.append(Unknown("sim", reason))
                continue
            }
            switch slots[plan.pair.debtAsset] {
            case .known(let slot)?:
                trials.append(trial(of: plan, slot))
                tried.append((index, place))
            case .unknown(let reason)?:
                positions[index].plans?[place].unknown.append(Unknown("sim", "\(reason)"))
            case nil: continue
            }
        }
        let answers = try await snapshot.run(trials)
        let gas = try await snapshot.gas(of: trials)
        for (number, (index, place)) in tried.enumerated() {
            guard var plan = positions[index].plans?[place] else { continue }
            judge(&plan, answers[number])
            measure(&plan, gas[number])
            positions[index].plans?[place] = plan
        }
        let fees = try await dataFees(of: tried.compactMap { positions[$0.position].plans?[$0.plan] })
        for ((index, place), fee) in zip(tried, fees) {
            guard var plan = positions[index].plans?[place] else { continue }
            settle(&plan, fee, native: native)
            positions[index].plans?[place] = plan
        }
        return positions
    }

    /// Why a plan is not tried; `nil` where it is.
    private func untried(_ plan: LiquidationPlan) -> String? {
        if plan.calls.contains(where: { !$0.value.isZero }) { return "a call carries the chain's own coin" }
        return plan.seizeAsset == .native ? "what is received is the chain's own coin" : nil
    }

    /// Balances, approval, the plan's calls, balances.
    private func trial(of plan: LiquidationPlan, _ slot: TokenSlot) -> FundedCalls {
        let sender = Snapshot.trialSender
        let balance = ERC20.balanceOf(sender).encode()
        let debt = Call(target: plan.pair.debtAsset, data: balance)
        let collateral = Call(target: plan.seizeAsset, data: balance)
        let spender = plan.steps.first?.spender ?? .zero
        let approve = Call(target: plan.pair.debtAsset, data: ERC20.approve(spender: spender, value: .max).encode())
        return FundedCalls(
            [debt, collateral, approve] + plan.calls.compactMap { $0.made(by: sender) } + [debt, collateral],
            // More than is needed: a contract that takes more than planned shows.
            funds: [(slot, plan.repay.addingOrMax(plan.repay))])
    }

    private func judge(_ plan: inout LiquidationPlan, _ answers: [Reading<[UInt8]>]) {
        let steps = plan.calls.count
        var words: [UInt256] = []
        for (place, answer) in answers.enumerated() {
            switch answer {
            case .known(let bytes):
                if place < 2 || place >= 3 + steps {
                    guard bytes.count >= 32, let word = UInt256(bigEndian: bytes[0..<32]) else {
                        plan.unknown.append(Unknown("sim", "a balance is no number"))
                        return
                    }
                    words.append(word)
                }
            case .unknown(.reverted(let why)) where place >= 2 && place < 3 + steps:
                let what = place == 2 ? "the approval" : "step \(place - 2)"
                plan.simulation = LiquidationPlan.Simulation(
                    ok: false, method: "eth_call", blockHash: snapshot.block.hash, revert: "\(what) reverted: \(why)")
                return
            case .unknown(let reason):
                plan.unknown.append(Unknown("sim", "\(reason)"))
                return
            }
        }
        guard words.count == 4 else { return }
        // The same token on both sides: what is paid and received is seen together.
        let isSame = plan.pair.debtAsset == plan.seizeAsset
        let paid = words[0].subtractingOrZero(words[2])
        let received = words[3].subtractingOrZero(words[1])
        let expected = isSame ? plan.repay.subtractingOrZero(plan.seize) : plan.repay
        let gained = isSame ? plan.seize.subtractingOrZero(plan.repay) : plan.seize
        let isEqual = paid == expected && received == gained
        plan.simulation = LiquidationPlan.Simulation(
            ok: isEqual, method: "eth_call", blockHash: snapshot.block.hash, paid: paid, received: received,
            revert: isEqual ? nil : "the balances moved by other amounts than planned")
    }
}
