import Ethereum
import JSON
import Lending

extension CompoundV3 {
    /// What a Comet owns itself.
    struct Stock: Sendable {
        /// `getReserves`, below zero where it owes more; `nil` where that is not certain.
        var reserves: Int256?
        /// `getCollateralReserves` of each asset in the Comet's order; `nil` where that is not certain.
        var collateral: [UInt256?] = []

        /// Puts it into the details of a position that can be absorbed: what can be bought depends on it.
        func tell(_ position: inout Position) {
            position.details["reserves"] = reserves.map { .string($0.description) } ?? .null
            position.details["collateralReserves"] = .array(
                collateral.map { $0.map { .string($0.description) } ?? .null })
        }
    }
}
