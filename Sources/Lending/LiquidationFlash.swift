public import Ethereum

/// Somebody who lends a token within one transaction.
public struct FlashSource: Hashable, Sendable {
    /// What it takes for that.
    public enum Fee: Hashable, Sendable {
        /// Nothing. Source: morpho-org/morpho-blue `src/Morpho.sol@3085651` `flashLoan`.
        case none
        /// Parts of ten thousand, up. Source: aave-dao/aave-v3-origin `FlashLoanLogic.sol@fd1fbd9` `percentMulCeil`.
        case bps(UInt256)
        /// Millionths, up. Source: Uniswap/v3-core `contracts/UniswapV3Pool.sol@d8b1c635` `flash`.
        case millionths(UInt256)
    }

    /// As it is named in records: `morpho-blue`, `aave-v3`, `uniswap-v3`.
    public var provider: String
    /// The contract to call.
    public var lender: Address
    /// The token.
    public var asset: Address
    /// What it takes.
    public var fee: Fee
    /// What it has of the token at the pinned block.
    public var available: UInt256

    /// Makes a source.
    public init(provider: String, lender: Address, asset: Address, fee: Fee, available: UInt256) {
        self.provider = provider
        self.lender = lender
        self.asset = asset
        self.fee = fee
        self.available = available
    }

    /// What borrowing `amount` costs, in the token's smallest units, up.
    public func fee(for amount: UInt256) throws(MathError) -> UInt256 {
        switch fee {
        case .none: .zero
        case .bps(let parts): try UInt256.mulDiv(amount, parts, 10_000, .up)
        case .millionths(let parts): try UInt256.mulDiv(amount, parts, 1_000_000, .up)
        }
    }
}

/// Where a plan's repayment comes from.
public enum LiquidationFunding: Hashable, Sendable {
    /// The sender holds it.
    case inventory
    /// It is borrowed, for a fee in the debt token's smallest units.
    case flash(FlashSource, fee: UInt256)

    /// What it costs, in the debt token's smallest units.
    public var fee: UInt256 {
        switch self {
        case .inventory: .zero
        case .flash(_, let fee): fee
        }
    }

    /// The cheapest that has enough; of two alike the first. A pool that the exit trades in is locked and lends nothing.
    public static func cheapest(
        of sources: [FlashSource], lending amount: UInt256, of asset: Address, besides pools: Set<Address>
    ) -> LiquidationFunding? {
        var best: (source: FlashSource, fee: UInt256)?
        for source in sources
        where source.asset == asset && source.available >= amount && !pools.contains(source.lender) {
            do throws(MathError) {
                let fee = try source.fee(for: amount)
                if best.map({ fee < $0.fee }) ?? true { best = (source, fee) }
            } catch {
                continue  // such a fee is not payable
            }
        }
        return best.map { .flash($0.source, fee: $0.fee) }
    }
}
