public import Ethereum

/// What a keeper may send about one position: sized, encoded, and, where it could be, tried at the pinned block.
public struct LiquidationPlan: Hashable, Sendable {
    /// How the size came about.
    public enum Size: String, Sendable {
        /// The most that one call may repay.
        case most = "max"
        /// The most that leaves enough on both sides, where all would leave dust.
        case dustEdge = "dust-edge"
        /// What earns most after what the exit costs.
        case exit = "exit-optimum"
        /// Several calls, the first of which leaves the position liquidatable.
        case steps = "two-step"
    }

    /// Why it is sent.
    public enum Policy: String, Sendable, CaseIterable {
        /// For what it earns.
        case profit
        /// To heal the account, whatever it earns.
        case safety
        /// To clear what is not covered any more.
        case badDebt = "bad_debt"
    }

    /// What the calls did when they were tried.
    public struct Simulation: Hashable, Sendable {
        /// Whether every call succeeded and moved exactly what the plan says.
        public var ok: Bool
        /// The method.
        public var method: String
        /// The block whose state they were tried on.
        public var blockHash: Hash32
        /// What the sender's balance of the debt token lost.
        public var paid: UInt256?
        /// What its balance of the collateral token gained.
        public var received: UInt256?
        /// Why not, in words.
        public var revert: String?

        /// Makes a result.
        public init(
            ok: Bool, method: String, blockHash: Hash32, paid: UInt256? = nil, received: UInt256? = nil,
            revert: String? = nil
        ) {
            self.ok = ok
            self.method = method
            self.blockHash = blockHash
            self.paid = paid
            self.received = received
            self.revert = revert
        }
    }

    /// How the size came about.
    public var size: Size
    /// Why it is sent.
    public var policy: Policy
    /// The calls, in order; all are of one pair.
    public var steps: [LiquidationQuote]
    /// Whether the account's health factor is higher after it; `nil` where that is not known.
    public var healthImproves: Bool?
    /// What it seizes more than the largest single call, in the collateral token's smallest units.
    public var extraSeized: UInt256
    /// How what is seized is sold; `nil` where no pool for it is known.
    public var exit: LiquidationExit?
    /// Where the repayment comes from; `nil` where nobody was found who lends it, or nobody was asked.
    public var funding: LiquidationFunding?
    /// The smallest repayment of the pair that leaves nothing of the debt or of the collateral; `nil` where no call does.
    public var minRepayToClear: UInt256?
    /// What of the account's debt is not covered any more after it, base units; `nil` where that is not known.
    public var badDebtIfFull: UInt256?
    /// How the position can be asked about in one call before sending; `nil` where the family has no such call.
    public var recheck: LiquidationRecheck?
    /// Until when it holds by the clock, milliseconds since 1970: one block's time after the block it is valid for.
    public var untilMilliseconds: UInt64?
    /// What the sender spends in gas.
    public var cost: LiquidationCost?
    /// Who sends it; `nil` where that was not said.
    public var sender: Address?
    /// What happened when it was tried; `nil` where it was not.
    public var simulation: Simulation?
    /// Why a member is `nil`.
    public var unknown: [Unknown]

    /// Makes a plan of calls, at least one.
    public init(
        size: Size, policy: Policy, first: LiquidationQuote, then: [LiquidationQuote] = [],
        healthImproves: Bool? = nil, extraSeized: UInt256 = .zero
    ) {
        self.size = size
        self.policy = policy
        steps = [first] + then
        pair = first.pair
        seizeAsset = first.seizeAsset
        self.healthImproves = healthImproves
        self.extraSeized = extraSeized
        unknown = []
    }

    /// The debt and the collateral.
    public let pair: LiquidationPair
    /// The token that ``seize`` counts: the collateral's, or a share of it.
    public let seizeAsset: Address
    /// Everything that is sent, in order.
    public var calls: [LiquidationCall] { steps.flatMap(\.calls) }
    /// What all calls repay.
    public var repay: UInt256 { steps.reduce(.zero) { $0.addingOrMax($1.repay) } }
    /// What the liquidator receives.
    public var seize: UInt256 { steps.reduce(.zero) { $0.addingOrMax($1.seize) } }
    /// What of the collateral the protocol keeps.
    public var protocolFee: UInt256 { steps.reduce(.zero) { $0.addingOrMax($1.protocolFee) } }
    /// Value of what is received, base units.
    public var seizeValue: UInt256 { steps.reduce(.zero) { $0.addingOrMax($1.seizeValue) } }
    /// Value of what is repaid, base units.
    public var repayValue: UInt256 { steps.reduce(.zero) { $0.addingOrMax($1.repayValue) } }
    /// What it earns at the protocol's own prices, base units.
    public var gross: Int256 {
        Int256(isNegative: seizeValue < repayValue, magnitude: seizeValue.distance(to: repayValue)) ?? .zero
    }
}

extension LiquidationPlan {
    /// What the sale brings beyond what was repaid, in the debt token's smallest units.
    public var soldGross: Int256? {
        exit.flatMap { exit in
            Int256(isNegative: exit.expectedOut < repay, magnitude: exit.expectedOut.distance(to: repay))
        }
    }

    /// What it earns, base units: through its exit where one is known, else at the protocol's own prices.
    public var earned: Int256 {
        guard let sold = soldGross, !repay.isZero else { return gross }
        do throws(MathError) {
            let value = try UInt256.mulDiv(sold.magnitude, repayValue, repay, sold.isNegative ? .up : .down)
            return Int256(isNegative: sold.isNegative, magnitude: value) ?? gross
        } catch {
            return gross
        }
    }

    /// What it earns after what the repayment's loan costs, base units; `nil` where a number leaves 256 bits.
    public var earnedFunded: Int256? {
        guard let fee = funding?.fee, !fee.isZero else { return earned }
        guard !repay.isZero else { return nil }
        do throws(MathError) {
            guard let cost = Int256(exactly: try UInt256.mulDiv(fee, repayValue, repay, .up)) else { return nil }
            return try earned - cost
        } catch {
            return nil
        }
    }
}
