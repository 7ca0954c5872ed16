public import Ethereum

/// What sending a plan costs, and what is left.
public struct LiquidationCost: Hashable, Sendable {
    /// What the gas price that `net` assumes is.
    public enum Basis: String, Sendable {
        /// What somebody said.
        case stated
        /// The next block's base fee by EIP-1559, with parameters that gave the pinned block's own from its parent.
        case nextBaseFee = "next_base_fee"
        /// The pinned block's base fee, where the next one could not be told.
        case baseFee = "base_fee"
    }

    /// Gas that the calls used where they were tried.
    public var gasUsed: UInt256
    /// Gas to send with: five quarters of what was used, rounded up, and 50,000.
    public var gasLimit: UInt256
    /// Wei for one unit of gas that `net` assumes.
    public var gasPrice: UInt256
    /// Where that comes from.
    public var basis = Basis.stated
    /// What a rollup charges for the data, wei; `nil` where that is not known, and then nothing is said of what is left.
    public var l1Fee: UInt256?
    /// What is left, wei.
    public var netWei: Int256?
    /// What is left, base units.
    public var netBase: Int256?
    /// The gas price, wei, at which nothing is left; `nil` where it is not known.
    public var breakEvenGasPrice: UInt256?
    /// What is paid in the native token, in the debt token's smallest units, up; `nil` where it is not known.
    public var inDebt: UInt256?

    /// Makes a cost; the limit follows from the use.
    public init(gasUsed: UInt256, gasPrice: UInt256) {
        self.gasUsed = gasUsed
        self.gasPrice = gasPrice
        gasLimit = (gasUsed &* 5 &+ 3) >> 2
        gasLimit = gasLimit.addingOrMax(50_000)
    }

    /// What is paid in the native token, wei.
    ///
    /// - Throws: `.overflow`.
    public func spent() throws(MathError) -> UInt256 { try gasUsed * gasPrice + (l1Fee ?? .zero) }

    /// Works out what is left of `gross`, base units, after gas, with the native token at `native` base units.
    ///
    /// Rounding: what is earned down, what is paid up. The break-even price is the largest whole one without a loss.
    ///
    /// - Throws: `.overflow`; `.divisionByZero` for a price of zero.
    public mutating func settle(gross: Int256, native: UInt256) throws(MathError) {
        let spent = try spent()
        let spentBase = try UInt256.mulDiv(spent, native, .wad, .up)
        let earned = try UInt256.mulDiv(gross.magnitude, .wad, native, gross.isNegative ? .up : .down)
        guard let earnedWei = Int256(isNegative: gross.isNegative, magnitude: earned),
            let spentWei = Int256(exactly: spent), let cost = Int256(exactly: spentBase)
        else { throw .overflow }
        netWei = try earnedWei - spentWei
        netBase = try gross - cost
        let free = gross.isNegative ? UInt256.zero : earned.subtractingOrZero(l1Fee ?? .zero)
        breakEvenGasPrice = gasUsed.isZero ? nil : try free.divided(by: gasUsed, .down)
    }
}
