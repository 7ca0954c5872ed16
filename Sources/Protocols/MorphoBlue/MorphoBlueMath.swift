public import Ethereum

extension MorphoBlue {
    /// The singleton's arithmetic under the names it has there: every product and sum that leaves 256 bits reverts.
    ///
    /// Source: morpho-org/morpho-blue src/libraries/MathLib.sol, SharesMathLib.sol, UtilsLib.sol@30856519 (v1.0.0).
    public enum Math {
        /// Shares that exist beside those of accounts.
        public static let virtualShares: UInt256 = 1_000_000
        /// Assets that exist beside those of accounts.
        public static let virtualAssets: UInt256 = 1
        /// What the price of an oracle counts as one.
        public static let oraclePriceScale: UInt256 = 1_000_000_000_000_000_000_000_000_000_000_000_000
        /// How much of the distance from the line to the whole an incentive may take, a wad.
        public static let liquidationCursor: UInt256 = 300_000_000_000_000_000
        /// The largest incentive factor, a wad.
        public static let maxLiquidationIncentiveFactor: UInt256 = 1_150_000_000_000_000_000
        /// 2^128 − 1.
        static let most128 = UInt256(UInt128.max)

        /// `x * y / d`, down, with a product of 256 bits.
        ///
        /// - Throws: `.overflow`; `.divisionByZero`.
        public static func mulDivDown(_ x: UInt256, _ y: UInt256, _ d: UInt256) throws(MathError) -> UInt256 {
            try (x * y).quotientAndRemainder(dividingBy: d).quotient
        }

        /// `(x * y + (d - 1)) / d`, with a sum of 256 bits.
        ///
        /// - Throws: `.overflow`, also where `d` is zero.
        public static func mulDivUp(_ x: UInt256, _ y: UInt256, _ d: UInt256) throws(MathError) -> UInt256 {
            try (x * y + (d - .one)).quotientAndRemainder(dividingBy: d).quotient
        }

        /// `x * y / 1e18`, down.
        ///
        /// - Throws: `.overflow`.
        public static func wMulDown(_ x: UInt256, _ y: UInt256) throws(MathError) -> UInt256 {
            try mulDivDown(x, y, .wad)
        }

        /// `x * 1e18 / y`, down.
        ///
        /// - Throws: `.overflow`; `.divisionByZero`.
        public static func wDivDown(_ x: UInt256, _ y: UInt256) throws(MathError) -> UInt256 {
            try mulDivDown(x, .wad, y)
        }

        /// `x * 1e18 / y`, up.
        ///
        /// - Throws: `.overflow`, also where `y` is zero.
        public static func wDivUp(_ x: UInt256, _ y: UInt256) throws(MathError) -> UInt256 {
            try mulDivUp(x, .wad, y)
        }

        /// The first three terms of `e^(x n) - 1`, a wad.
        ///
        /// - Throws: `.overflow`.
        public static func wTaylorCompounded(_ x: UInt256, _ n: UInt256) throws(MathError) -> UInt256 {
            let first = try x * n
            let second = try mulDivDown(first, first, 2_000_000_000_000_000_000)
            let third = try mulDivDown(second, first, 3_000_000_000_000_000_000)
            return try first + second + third
        }

        /// The shares of `assets`, down.
        ///
        /// - Throws: `.overflow`.
        public static func toSharesDown(
            _ assets: UInt256, _ totalAssets: UInt256, _ totalShares: UInt256
        ) throws(MathError) -> UInt256 {
            try mulDivDown(assets, totalShares + virtualShares, totalAssets + virtualAssets)
        }

        /// The shares of `assets`, up.
        ///
        /// - Throws: `.overflow`.
        public static func toSharesUp(
            _ assets: UInt256, _ totalAssets: UInt256, _ totalShares: UInt256
        ) throws(MathError) -> UInt256 {
            try mulDivUp(assets, totalShares + virtualShares, totalAssets + virtualAssets)
        }

        /// The assets of `shares`, down.
        ///
        /// - Throws: `.overflow`.
        public static func toAssetsDown(
            _ shares: UInt256, _ totalAssets: UInt256, _ totalShares: UInt256
        ) throws(MathError) -> UInt256 {
            try mulDivDown(shares, totalAssets + virtualAssets, totalShares + virtualShares)
        }

        /// The assets of `shares`, up.
        ///
        /// - Throws: `.overflow`.
        public static func toAssetsUp(
            _ shares: UInt256, _ totalAssets: UInt256, _ totalShares: UInt256
        ) throws(MathError) -> UInt256 {
            try mulDivUp(shares, totalAssets + virtualAssets, totalShares + virtualShares)
        }

        /// The number where it has 128 bits.
        ///
        /// - Throws: `.overflow`.
        static func toUInt128(_ x: UInt256) throws(MathError) -> UInt256 {
            guard x <= most128 else { throw .overflow }
            return x
        }

        /// The value of seized collateral for each unit repaid, a wad: `min(1.15, 1 / (1 - 0.3 (1 - lltv)))`.
        ///
        /// - Throws: `.overflow` for a line above one.
        public static func liquidationIncentiveFactor(lltv: UInt256) throws(MathError) -> UInt256 {
            let one = UInt256.wad
            return min(
                maxLiquidationIncentiveFactor, try wDivDown(one, one - wMulDown(liquidationCursor, one - lltv)))
        }
    }
}
