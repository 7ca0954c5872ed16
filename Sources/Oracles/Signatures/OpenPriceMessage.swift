public import Ethereum

/// A price that a reporter (Coinbase) signed for Compound's open price feed.
///
/// Sources: compound-finance/open-oracle contracts/OpenOracleData.sol and contracts/OpenOraclePriceData.sol@0e148fd.
public struct OpenPriceMessage: Hashable, Sendable {
    /// How far in the future a price may be, in seconds.
    static let maximumAhead: UInt64 = 3600

    /// When the price was made, in seconds.
    public let timestamp: UInt64
    /// Of what: a symbol in capitals.
    public let key: String
    /// The price in US dollars · 10^6.
    public let value: UInt64
    /// What is signed.
    public let digest: Hash32

    /// Reads `abi.encode(string kind, uint64 timestamp, string key, uint64 value)`; the kind has to be `prices`.
    public init(message: [UInt8]) throws(SignedDataError) {
        let words = try WordReader(message[...])
        try words.expectOffset(0, words: 4)
        timestamp = try words.unsigned(1, bits: 64)
        value = try words.unsigned(3, bits: 64)
        let kindLength = try words.length(4, most: 64)
        let kind = try words.padded(5, length: kindLength)
        guard Array(kind) == Array("prices".utf8) else { throw .malformed("the message is of another kind") }
        let at = 5 + (kindLength + 31) / 32
        try words.expectOffset(2, words: at)
        let keyLength = try words.length(at, most: 64)
        guard let key = String(validating: try words.padded(at + 1, length: keyLength), as: UTF8.self) else {
            throw .malformed("the key is no UTF-8")
        }
        guard words.count == at + 1 + (keyLength + 31) / 32 else { throw .trailingBytes }
        self.key = key
        digest = EIP191.digest(of: Keccak256.hash(message).bytes)
    }

    /// Checks `abi.encode(bytes32 r, bytes32 s, uint8 v)` and whether the price is of its time.
    ///
    /// - Parameters:
    ///   - reporters: who is believed.
    ///   - stored: the time of the price that the contract has; the new one has to be later.
    ///   - now: the block's time.
    /// - Returns: who signed.
    public func verify(
        _ signature: [UInt8], by reporters: Set<Address>, after stored: UInt64? = nil, now: UInt64? = nil
    ) throws(SignedDataError) -> Address {
        let words = try WordReader(signature[...])
        guard words.count == 3 else { throw words.count < 3 ? .truncated : .trailingBytes }
        if let stored, timestamp <= stored { throw .untimely("the price is not newer than the stored one") }
        if let now, timestamp >= now, timestamp - now >= Self.maximumAhead {
            throw .untimely("the price is of the future")
        }
        var tally = SignerTally(allowed: reporters)
        try tally.add(
            r: try words.word(0), s: try words.word(1), v: UInt8(truncatingIfNeeded: try words.unsigned(2, bits: 8)),
            over: digest, index: 0)
        guard let signer = tally.signers.first else { throw .belowThreshold(found: 0, needed: 1) }
        return signer
    }
}
