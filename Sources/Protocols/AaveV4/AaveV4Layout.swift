import Ethereum

extension AaveV4 {
    /// Where a spoke keeps what `extSloads` reads of it.
    ///
    /// Source: aave/aave-v4 `src/spoke/SpokeStorage.sol@cdacec50`, the first base of `Spoke` with storage of its own.
    public struct Layout: Hashable, Sendable {
        /// `_reserveCount`.
        let reserveCount: UInt256 = 0
        /// `_liquidationConfig`.
        let liquidationConfiguration: UInt256 = 1
        /// `_reserves`: number → two words.
        let reserves: UInt256 = 2
        /// `_positionStatus`: account → (number / 128 → word), risk premium.
        let status: UInt256 = 5
        /// `_userPositions`: account → number → three words.
        let positions: UInt256 = 6
    }
}

extension AaveV4.Layout {
    /// The word that holds the flags of reserves 128·bucket to 128·bucket + 127.
    func status(of account: Address, bucket: Int) -> UInt256 {
        StorageSlot.mapping(UInt256(UInt64(bucket)), at: StorageSlot.mapping(account, at: status))
    }

    /// The risk premium that the account's premium debt was last computed with, in the low 24 bits.
    func riskPremium(of account: Address) -> UInt256 { StorageSlot.mapping(account, at: status) &+ .one }

    /// The first of the three words of an account's position in a reserve.
    func position(of account: Address, reserve: Int) -> UInt256 {
        StorageSlot.mapping(UInt256(UInt64(reserve)), at: StorageSlot.mapping(account, at: positions))
    }

    /// The first of the two words of a reserve.
    func reserve(_ id: Int) -> UInt256 { StorageSlot.mapping(UInt256(UInt64(id)), at: reserves) }
}
