public import Ethereum

extension MorphoBlue {
    /// The five values that make a market, of which its id is the hash.
    public struct MarketParams: Hashable, Sendable {
        /// What is borrowed.
        public var loanToken: Address
        /// What secures it.
        public var collateralToken: Address
        /// States the price of the collateral in the loan token; any contract that answers `price()`.
        public var oracle: Address
        /// States the interest rate; zero for none.
        public var irm: Address
        /// The share of the collateral's value up to which a debt is healthy, a wad.
        public var lltv: UInt256

        /// Makes the values of a market.
        public init(loanToken: Address, collateralToken: Address, oracle: Address, irm: Address, lltv: UInt256) {
            self.loanToken = loanToken
            self.collateralToken = collateralToken
            self.oracle = oracle
            self.irm = irm
            self.lltv = lltv
        }

        /// The five words as the ABI encodes them.
        var words: [UInt256] { [loanToken.word, collateralToken.word, oracle.word, irm.word, lltv] }

        /// The market's id: the hash of the five words.
        public var id: Hash32 { Keccak256.hash(words.flatMap(\.bigEndianBytes)) }

        /// Reads five words; `nil` where one that should be an address is none.
        init?(words: [UInt256]) {
            guard words.count == 5, let loanToken = Address(checkedWord: words[0]),
                let collateralToken = Address(checkedWord: words[1]), let oracle = Address(checkedWord: words[2]),
                let irm = Address(checkedWord: words[3])
            else { return nil }
            self.init(
                loanToken: loanToken, collateralToken: collateralToken, oracle: oracle, irm: irm, lltv: words[4])
        }
    }

    /// What a market stores of itself: six numbers of 128 bits.
    public struct Totals: Hashable, Sendable {
        /// Loan tokens that suppliers have.
        public var supplyAssets: UInt256
        /// Their shares.
        public var supplyShares: UInt256
        /// Loan tokens that borrowers owe.
        public var borrowAssets: UInt256
        /// Their shares.
        public var borrowShares: UInt256
        /// When interest was last accrued.
        public var lastUpdate: UInt256
        /// The share of interest that the fee recipient gets, a wad.
        public var fee: UInt256

        /// Makes the numbers of a market.
        public init(
            supplyAssets: UInt256, supplyShares: UInt256, borrowAssets: UInt256, borrowShares: UInt256,
            lastUpdate: UInt256, fee: UInt256
        ) {
            self.supplyAssets = supplyAssets
            self.supplyShares = supplyShares
            self.borrowAssets = borrowAssets
            self.borrowShares = borrowShares
            self.lastUpdate = lastUpdate
            self.fee = fee
        }

        /// The six words of `market(id)`.
        var words: [UInt256] { [supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate, fee] }

        /// Reads six words; `nil` where one has more than 128 bits.
        init?(words: [UInt256]) {
            guard words.count == 6, words.allSatisfy({ $0.high == 0 }) else { return nil }
            self.init(
                supplyAssets: words[0], supplyShares: words[1], borrowAssets: words[2], borrowShares: words[3],
                lastUpdate: words[4], fee: words[5])
        }

        /// Reads the three slots that hold the six numbers, two in each.
        init(slots: (UInt256, UInt256, UInt256)) {
            self.init(
                supplyAssets: UInt256(slots.0.low), supplyShares: UInt256(slots.0.high),
                borrowAssets: UInt256(slots.1.low), borrowShares: UInt256(slots.1.high),
                lastUpdate: UInt256(slots.2.low), fee: UInt256(slots.2.high))
        }
    }

    /// Where a market's rate comes from.
    public enum RateModel: Hashable, Sendable {
        /// There is no interest.
        case none
        /// The adaptive curve, with the rate at target that it stores.
        case adaptiveCurve(rateAtTarget: Int256)
        /// Another model: the average rate that it states for the time from the last update to the pinned block.
        case stated(rate: UInt256, at: UInt64)
    }
}

extension MorphoBlue.Totals {
    /// The totals after `accrueInterest` at a time, and the rate that it applied.
    ///
    /// Source: morpho-org/morpho-blue src/Morpho.sol `_accrueInterest`@30856519.
    ///
    /// - Throws: `.overflow` where the contract reverts, and where a stated rate belongs to another time.
    public func accrued(
        at timestamp: UInt64, by model: MorphoBlue.RateModel
    ) throws(MathError) -> (totals: MorphoBlue.Totals, rate: UInt256?) {
        let now = UInt256(timestamp)
        let elapsed = try now - lastUpdate
        guard !elapsed.isZero else { return (self, nil) }
        var totals = self
        let rate: UInt256
        switch model {
        case .none:
            totals.lastUpdate = now
            return (totals, nil)
        case .adaptiveCurve(let rateAtTarget):
            guard let seconds = elapsed.asUInt64() else { throw .overflow }
            rate =
                try MorphoBlue.AdaptiveCurve.borrowRate(self, rateAtTarget: rateAtTarget, elapsed: seconds).average
        case .stated(let stated, let time):
            guard time == timestamp else { throw .overflow }
            rate = stated
        }
        typealias Math = MorphoBlue.Math
        let interest = try Math.toUInt128(
            Math.wMulDown(borrowAssets, Math.wTaylorCompounded(rate, elapsed)))
        totals.borrowAssets = try Math.toUInt128(borrowAssets + interest)
        totals.supplyAssets = try Math.toUInt128(supplyAssets + interest)
        if !fee.isZero {
            let feeAmount = try Math.wMulDown(interest, fee)
            let feeShares = try Math.toSharesDown(feeAmount, totals.supplyAssets - feeAmount, supplyShares)
            totals.supplyShares = try Math.toUInt128(supplyShares + Math.toUInt128(feeShares))
        }
        totals.lastUpdate = now
        return (totals, rate)
    }
}
