import Ethereum

extension MorphoBlue {
    /// Where the singleton stores what positions stand on; `extSloads` reads any slot of it.
    ///
    /// Source: morpho-org/morpho-blue src/libraries/periphery/MorphoStorageLib.sol@30856519.
    enum Layout {
        static let owner: UInt256 = 0
        static let feeRecipient: UInt256 = 1
        private static let position: UInt256 = 2
        private static let market: UInt256 = 3
        private static let isAuthorized: UInt256 = 6
        private static let marketParams: UInt256 = 8

        /// The mapping of one market's positions.
        static func positions(of id: Hash32) -> UInt256 { StorageSlot.mapping(id.word, at: position) }

        /// Borrow shares and collateral of one account in a mapping of positions.
        static func holding(of account: Address, in positions: UInt256) -> UInt256 {
            StorageSlot.mapping(account, at: positions) &+ .one
        }

        /// Supply, debt, and time with fee.
        static func totals(of id: Hash32) -> [UInt256] {
            let first = StorageSlot.mapping(id.word, at: market)
            return (0..<3).map { first &+ UInt256(UInt64($0)) }
        }

        /// The five values of a market.
        static func params(of id: Hash32) -> [UInt256] {
            let first = StorageSlot.mapping(id.word, at: marketParams)
            return (0..<5).map { first &+ UInt256(UInt64($0)) }
        }

        /// Whether an account lets another act for it.
        static func authorization(_ authorizer: Address, _ authorized: Address) -> UInt256 {
            StorageSlot.mapping([authorizer.word, authorized.word], at: isAuthorized)
        }

        /// The rate at target of a market, in the adaptive curve's own storage: its first variable.
        static func rateAtTarget(of id: Hash32) -> UInt256 { StorageSlot.mapping(id.word, at: .zero) }
    }
}
