public import Ethereum

/// Whoever owes, as the protocol keys the debt.
public struct Account: Hashable, Sendable {
    /// The address that holds the debt.
    public let address: Address
    /// The protocol's own key inside that address, such as a vault's number; `nil` where the address is the key.
    public let accountId: String?

    /// Makes an account.
    public init(_ address: Address, accountId: String? = nil) {
        self.address = address
        self.accountId = accountId
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Account: Comparable {
    public static func < (one: Account, other: Account) -> Bool {
        one.address == other.address
            ? (one.accountId ?? "") < (other.accountId ?? "") : one.address < other.address
    }
}
