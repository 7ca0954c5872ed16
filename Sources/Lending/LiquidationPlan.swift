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
}

/// What sending a plan costs, and what is left.
public struct LiquidationCost: Hashable, Sendable {
    /// Gas that the calls used where they were tried.
    public var gasUsed: UInt256
    /// Gas to send with: five quarters of what was used, rounded up, and 50,000.
    public var gasLimit: UInt256
    /// Wei for one unit of gas that `net` assumes.
    public var gasPrice: UInt256
    /// What a rollup charges for the data, wei; `nil` where that was not read.
    public var l1Fee: UInt256?
    /// What is left, wei.
    public var netWei: Int256?
    /// What is left, base units.
    public var netBase: Int256?
    /// The gas price, wei, at which nothing is left; `nil` where it is not known.
    public var breakEvenGasPrice: UInt256?

    /// Makes a cost; the limit follows from the use.
    public init(gasUsed: UInt256, gasPrice: UInt256) {
        self.gasUsed = gasUsed
        self.gasPrice = gasPrice
        gasLimit = (gasUsed &* 5 &+ 3) >> 2
        gasLimit = gasLimit.addingOrMax(50_000)
    }
}
