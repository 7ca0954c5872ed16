import Chain
public import Ethereum
public import Lending
import Pools

/// Turns a position that can be liquidated into calls that a keeper may send.
///
/// Sizes come from the market's own integers; a call that the contract would refuse is never proposed. What they cost,
/// and whether they pass, is for ``PlanTrials`` to find out.
public struct LiquidationPlanner: Sendable {
    let market: any LendingMarket
    private let policy: LiquidationPlan.Policy
    /// Milliseconds between blocks, as far as they are steady.
    private let blockTime: Int?
    private let sender: Address?
    /// Whether sizes that are searched for are found to the unit, and not to a few base units of value.
    private var isExact = true

    /// The most plans of one position: the best of each pair, then the best pairs.
    static let mostPlans = 8
    /// The most pairs that are looked at.
    static let mostPairs = 256
    /// The most calls of one plan.
    static let mostSteps = 4

    /// Plans for positions of one market.
    ///
    /// - Parameters:
    ///   - sender: who will send them; `nil` where that is not known.
    ///   - blockTime: milliseconds between blocks; without it plans are bound to blocks alone.
    public init(
        _ market: any LendingMarket, policy: LiquidationPlan.Policy, sender: Address? = nil, blockTime: Int? = nil
    ) {
        self.market = market
        self.policy = policy
        self.blockTime = blockTime
        self.sender = sender
    }

    /// The position with its plans; where there are none, its record says why.
    public func planned(_ position: Position) -> Position {
        var position = position
        position.plans = []
        let isEarly = position.liquidatable == false && market.isOpenEarly(position)
        guard position.liquidatable == true || isEarly, position.match != .differs else {
            if position.isUnknown || position.match == .differs {
                position.unknown.append(Unknown("plans", "whether it can be liquidated is not known"))
            }
            return position
        }
        do throws(LiquidationRefusal) {
            position.plans = try plans(for: position)
        } catch {
            position.unknown.append(Unknown("plans", "\(error)"))
        }
        return position
    }

    /// Plans of a position as it would be at other prices, and why a member is missing.
    ///
    /// Sizes are the market's own at those prices, to a unit of rounding a leg, and those that are searched for to a few
    /// base units of value; no contract can be asked there, so that nothing is tried and confidence is capped.
    public func plans(
        for position: Position, at prices: [Address: UInt256], _ verdict: Verdict
    ) -> (plans: [LiquidationPlan], unknown: [Unknown]) {
        plans(forMoved: position.repriced(at: prices, verdict))
    }

    /// The same of a position that stands at other prices already.
    public func plans(forMoved position: Position) -> (plans: [LiquidationPlan], unknown: [Unknown]) {
        var moved = position
        moved.unknown = []
        var planner = self
        planner.isExact = false
        let planned = planner.planned(moved)
        let plans = (planned.plans ?? []).map { plan in
            var plan = plan
            plan.unknown.append(Unknown("sim", "no contract can be asked at prices that are not on the chain"))
            return plan
        }
        return (plans, planned.unknown)
    }

    /// The plans of a position that can be liquidated, best first by the policy.
    ///
    /// - Throws: why there is none.
    public func plans(for position: Position) throws(LiquidationRefusal) -> [LiquidationPlan] {
        var plans: [LiquidationPlan] = []
        var refusal: LiquidationRefusal?
        for pair in try market.liquidationPairs(of: position).prefix(Self.mostPairs) {
            do throws(LiquidationRefusal) {
                plans += try self.plans(for: position, pair)
            } catch {
                refusal = refusal ?? error
            }
        }
        guard !plans.isEmpty else { throw refusal ?? LiquidationRefusal("the contract accepts no size of any pair") }
        return Array(ordered(plans, of: position).prefix(Self.mostPlans))
    }

    private func plans(
        for position: Position, _ pair: LiquidationPair
    ) throws(LiquidationRefusal) -> [LiquidationPlan] {
        let most = try market.liquidation(of: position, pair, cover: .max)
        guard most.dustOK else {
            let edge = try dustEdge(of: position, pair, below: most)
            return [plan(.dustEdge, edge, for: position)]
        }
        let clearing = clearing(of: position, pair, most)
        var plans = [plan(.most, most, for: position)]
        let steps = chain(from: position, pair, most)
        if let first = steps.first, steps.count > 1 {
            var plan = plan(.steps, first, then: Array(steps.dropFirst()), for: position)
            plan.extraSeized = plan.seize.subtractingOrZero(most.seize)
            if plan.gross > most.gross { plans.insert(plan, at: 0) }
        }
        for place in plans.indices { plans[place].minRepayToClear = clearing }
        return plans
    }

    func plan(
        _ size: LiquidationPlan.Size, _ first: LiquidationQuote, then rest: [LiquidationQuote] = [],
        for position: Position
    ) -> LiquidationPlan {
        var plan = LiquidationPlan(size: size, policy: policy, first: first, then: rest)
        plan.sender = sender
        var after: Position? = position
        for step in plan.steps { after = after.flatMap { market.position($0, after: step) } }
        if let before = position.hfProtocol, let now = after?.hfProtocol { plan.healthImproves = now > before }
        plan.badDebtIfFull = shortfall(of: position, after: plan)
        plan.recheck = market.recheck(of: position)
        plan.untilMilliseconds = blockTime.flatMap { until(position.block.timestamp, $0) }
        return plan
    }

    /// The largest size below the most that leaves enough on both sides.
    private func dustEdge(
        of position: Position, _ pair: LiquidationPair, below most: LiquidationQuote
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        var low = UInt256.zero
        var high = most.repay
        var best: UInt256?
        while high &- low > .one {
            let middle = low &+ (high &- low) >> 1
            if let quote = quote(position, pair, middle) {
                if quote.dustOK {
                    best = middle
                    low = middle
                } else {
                    high = middle
                }
            } else {
                low = middle  // it rounds to nothing
            }
        }
        guard let best else {
            throw LiquidationRefusal("every size of the pair would leave dust (\(most.dustRule ?? ""))")
        }
        return try market.liquidation(of: position, pair, cover: best)
    }

    /// A size alone, without what would be sent for it.
    func quote(_ position: Position, _ pair: LiquidationPair, _ cover: UInt256) -> LiquidationQuote? {
        do throws(LiquidationRefusal) {
            return try market.liquidationSize(of: position, pair, cover: cover)
        } catch {
            return nil
        }
    }

    /// A size with what is sent for it.
    func call(_ position: Position, _ pair: LiquidationPair, _ cover: UInt256) -> LiquidationQuote? {
        do throws(LiquidationRefusal) {
            return try market.liquidation(of: position, pair, cover: cover)
        } catch {
            return nil
        }
    }

    // MARK: Several steps

    /// Calls of one pair, each as large as leaves the position liquidatable, and the last as large as may be.
    ///
    /// Source: Qin, Zhou, Gamito, Jovanovic, Gervais, arXiv 2106.06389; here by the contract's integer predicate.
    ///
    /// - Parameter most: the largest single call.
    private func chain(
        from position: Position, _ pair: LiquidationPair, _ most: LiquidationQuote
    ) -> [LiquidationQuote] {
        var steps: [LiquidationQuote] = []
        var now = position
        var next: LiquidationQuote? = most
        while steps.count < Self.mostSteps, let most = next, most.dustOK {
            let after = market.position(now, after: most)
            if let after, after.liquidatable == true {
                steps.append(most)
                now = after
                next = steps.count < Self.mostSteps ? call(now, pair, .max) : nil
                continue
            }
            if let after, steps.count + 2 <= Self.mostSteps, let two = split(now, pair, most, after) {
                steps += two
            } else {
                steps.append(most)
            }
            break
        }
        return steps
    }

    /// The largest first call after which the position can still be liquidated, and the largest after that; `nil`
    /// where both together repay no more than one call.
    ///
    /// - Parameter healed: the position after `most`, which can no longer be liquidated.
    private func split(
        _ position: Position, _ pair: LiquidationPair, _ most: LiquidationQuote, _ healed: Position
    ) -> [LiquidationQuote]? {
        var first: (cover: UInt256, after: Position)?
        // Values are whole base units: covers closer than one of them are mostly the same to the comparison.
        let grain = most.repay.dividedOrZero(by: most.repayValue)
        var search = EdgeSearch(below: most.repay, grain: grain, from: position.shortOfLine, to: healed.shortOfLine)
        search.run(exactly: isExact) { middle in
            // What rounds to nothing leaves everything as it is.
            guard let quote = quote(position, pair, middle) else { return (true, nil) }
            guard quote.dustOK, let after = market.position(position, after: quote) else { return (false, nil) }
            guard after.liquidatable == true else { return (false, after.shortOfLine) }
            first = (middle, after)
            return (true, after.shortOfLine)
        }
        guard let first, let one = call(position, pair, first.cover), let second = call(first.after, pair, .max),
            second.dustOK, one.repay.addingOrMax(second.repay) > most.repay
        else { return nil }
        return [one, second]
    }

    // MARK: Order

    func ordered(_ plans: [LiquidationPlan], of position: Position) -> [LiquidationPlan] {
        let ranked = plans.enumerated().sorted { one, other in
            let (a, b) = (one.element, other.element)
            switch policy {
            case .profit: break
            case .safety:
                // What heals comes first, and what takes no more of the borrower than one call does.
                if (a.healthImproves == true) != (b.healthImproves == true) { return a.healthImproves == true }
                if a.extraSeized.isZero != b.extraSeized.isZero { return a.extraSeized.isZero }
                // What heals without a token of the sender's own.
                if a.repay.isZero != b.repay.isZero { return a.repay.isZero }
            case .badDebt:
                if a.repayValue != b.repayValue { return a.repayValue > b.repayValue }
            }
            if a.earned != b.earned { return a.earned > b.earned }
            return one.offset < other.offset
        }
        return ranked.map(\.element)
    }
}
