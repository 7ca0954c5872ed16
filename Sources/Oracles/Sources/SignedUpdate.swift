public import Ethereum

/// A signed price that somebody may bring to the chain, verified, with the call that brings it.
public struct SignedUpdate: Hashable, Sendable {
    /// The contract that takes it.
    public var to: Address
    /// The call.
    public var data: [UInt8]
    /// What it costs, in wei.
    public var value: UInt256
    /// When the price was made, seconds since 1970.
    public var publishTime: UInt64
    /// Until when the contract itself takes the price for a recent one.
    public var validUntil: UInt64
}
