public import Ethereum

/// A number that a position stands on, and where a contract stores it: what was read by calls, as storage would have it.
public struct ProvableSlot: Hashable, Sendable {
    /// The contract.
    public var contract: Address
    /// Its storage slot.
    public var slot: UInt256
    /// What was read, with each field in its place.
    public var expected: UInt256
    /// The bits that were read; the others are not looked at.
    public var mask: UInt256
    /// Bits of `mask` that some code stores otherwise: where only they differ, nothing is said.
    public var unclear: UInt256
    /// The hash of the only code for which the slot is known to mean this; `nil` where witnesses tell.
    public var code: Hash32?
    /// What the slot holds, in words.
    public var what: String

    /// Describes a slot; by default all its bits were read.
    public init(
        _ contract: Address, _ slot: UInt256, holds expected: UInt256, mask: UInt256 = .max, unclear: UInt256 = .zero,
        code: Hash32? = nil, _ what: String
    ) {
        self.contract = contract
        self.slot = slot
        self.expected = expected
        self.mask = mask
        self.unclear = unclear
        self.code = code
        self.what = what
    }

    /// How a proven value compares with what was read.
    public enum Comparison: Hashable, Sendable {
        /// Every bit that was read is so.
        case equal
        /// Only bits differ that some code stores otherwise.
        case unclear
        /// What was read is not what the contract stores.
        case different
    }

    /// Compares what was read with the slot's proven value. What does not fit into the mask is never equal.
    public func compare(with proven: UInt256) -> Comparison {
        let difference = (proven & mask) ^ expected
        if difference.isZero { return .equal }
        return (difference & ~(unclear & mask)).isZero ? .unclear : .different
    }
}

/// What contracts are claimed to store of the numbers behind some positions.
public struct StateClaims: Sendable {
    /// The claims behind one position.
    public struct AccountClaims: Sendable {
        /// The slots that hold its numbers; slots that accounts share are repeated.
        public var slots: [ProvableSlot]
        /// Numbers that it stands on and that no known slot holds, in words.
        public var unprovable: [String]

        /// Makes a list of claims; none by default.
        public init(slots: [ProvableSlot] = [], unprovable: [String] = []) {
            self.slots = slots
            self.unprovable = unprovable
        }
    }

    /// One list for each position, in their order.
    public var accounts: [AccountClaims]
    /// By contract, slots that show that its storage is laid out as assumed: one that holds is enough.
    ///
    /// A layout is assumed from the version that a contract states. Under another one nothing that a slot holds
    /// contradicts anybody, and an empty slot confirms nothing.
    public var witnesses: [Address: [ProvableSlot]]

    /// Makes claims.
    public init(accounts: [AccountClaims], witnesses: [Address: [ProvableSlot]] = [:]) {
        self.accounts = accounts
        self.witnesses = witnesses
    }

    /// For positions of which nothing can be proven.
    public static func none(_ count: Int, because reason: String) -> StateClaims {
        StateClaims(accounts: [AccountClaims](repeating: AccountClaims(unprovable: [reason]), count: count))
    }
}
