public import Ethereum

/// What makes positions of a market better or worse without any account acting, at one block: prices, indexes and
/// parameters.
///
/// Two pulses bound how far the health of every position can have moved between them: collateral by the smallest ratio
/// of price times index, debt by the largest.
public struct MarketPulse: Sendable {
    /// One asset.
    public struct Asset: Hashable, Sendable {
        /// The price of one whole token in base units; nil where it could not be read.
        public var price: UInt256?
        /// The multiplier of stored collateral.
        public var collateralIndex: UInt256
        /// The multiplier of stored debt.
        public var debtIndex: UInt256

        /// Describes an asset.
        public init(price: UInt256?, collateralIndex: UInt256, debtIndex: UInt256) {
            self.price = price
            self.collateralIndex = collateralIndex
            self.debtIndex = debtIndex
        }
    }

    /// By asset.
    public var assets: [Address: Asset]
    /// Everything else that the health of accounts depends on, hashed: another number voids every bound.
    public var parameters: Hash32

    /// Describes a market.
    public init(assets: [Address: Asset], parameters: Hash32) {
        self.assets = assets
        self.parameters = parameters
    }

    /// The same with other prices, by token; tokens that it does not know are left out.
    public func moved(to prices: [Address: UInt256]) -> MarketPulse {
        var pulse = self
        for (asset, price) in prices { pulse.assets[asset]?.price = price }
        return pulse
    }
}
