public import Ethereum

/// Curve's StableSwap: n coins around one price.
///
/// Source: curvefi/stableswap-ng contracts/main/CurveStableSwapNG.vy@2abe778; older pools differ in one rounding.
public struct StableSwap: Hashable, Sendable {
    /// Which form of the product in `get_D`.
    public enum Generation: Hashable, Sendable {
        /// Pools up to the factories of 2022: each step divides by `x · n`.
        case classic
        /// `CurveStableSwapNG`: each step divides by `x`, the end by n^n.
        case ng
    }

    /// The most coins of a pool (`MAX_COINS`).
    public static let mostCoins = 8
    static let feeDenominator: UInt256 = 10_000_000_000
    static let precision: UInt256 = 100

    /// Raw balances.
    public let balances: [UInt256]
    /// The coins' rates: 10^(36 − decimals), times a rate oracle's answer / 10^18 where there is one.
    public let rates: [UInt256]
    /// A · 100 (`A_precise`).
    public let amplification: UInt256
    /// Of 10^10.
    public let fee: UInt256
    /// Of 10^10; at or below that the fee is constant, as in all older pools.
    public let offpegFeeMultiplier: UInt256
    /// The part of the fee, of 10^10, that leaves the pool.
    public let adminFee: UInt256
    /// Which roundings.
    public let generation: Generation

    /// Makes a pool's state.
    ///
    /// - Throws: `.invalidState` for other than 2 to 8 coins, one of which is missing, or a fee that is no part.
    public init(
        balances: [UInt256], rates: [UInt256], amplification: UInt256, fee: UInt256,
        offpegFeeMultiplier: UInt256 = .zero, adminFee: UInt256 = 5_000_000_000, generation: Generation
    ) throws(PoolError) {
        guard (2...Self.mostCoins).contains(balances.count), rates.count == balances.count else {
            throw .invalidState("\(balances.count) coins with \(rates.count) rates")
        }
        guard balances.allSatisfy({ !$0.isZero }), rates.allSatisfy({ !$0.isZero }) else {
            throw .invalidState("a coin is missing")
        }
        guard fee < Self.feeDenominator, adminFee <= Self.feeDenominator, amplification > Self.precision else {
            throw .invalidState("fee \(fee) or amplification \(amplification)")
        }
        self.balances = balances
        self.rates = rates
        self.amplification = amplification
        self.fee = fee
        self.offpegFeeMultiplier = offpegFeeMultiplier
        self.adminFee = adminFee
        self.generation = generation
    }

    /// The balances at one scale (`_xp_mem`).
    public func scaledBalances() throws(PoolError) -> [UInt256] {
        var scaled: [UInt256] = []
        for (balance, rate) in zip(balances, rates) {
            scaled.append(
                try poolMath { () throws(MathError) in try (try rate * balance).divided(by: .wad, .down) })
        }
        guard scaled.allSatisfy({ !$0.isZero }) else { throw .invalidState("a balance is too small for its rate") }
        return scaled
    }
}
