public import Ethereum

/// The guardians that sign what Pyth and others send across chains, as the receiver contract stores them.
public struct GuardianSet: Hashable, Sendable {
    /// How many have to sign.
    public enum Quorum: Hashable, Sendable {
        /// More than two thirds: Wormhole's own.
        case twoThirds
        /// More than half: Pyth's receivers with keys of its own.
        case half
    }

    /// The set's number, which a message names.
    public let index: UInt32
    /// The guardians by their number.
    public let guardians: [Address]
    /// How many have to sign.
    public let quorum: Quorum
    /// When an old set stops counting, in seconds; `nil` for the current one.
    public let expiration: UInt64?

    /// Makes a set.
    ///
    /// - Throws: `.invalidSignerSet` for no guardians, more than 255, or one twice.
    public init(
        index: UInt32, guardians: [Address], quorum: Quorum = .twoThirds, expiration: UInt64? = nil
    ) throws(SignedDataError) {
        guard !guardians.isEmpty, guardians.count <= 255, Set(guardians).count == guardians.count else {
            throw .invalidSignerSet("\(guardians.count) guardians, \(Set(guardians).count) different")
        }
        self.index = index
        self.guardians = guardians
        self.quorum = quorum
        self.expiration = expiration
    }

    /// The number of signatures that a message needs.
    public var needed: Int {
        switch quorum {
        case .twoThirds: guardians.count * 10 / 3 * 2 / 10 + 1
        case .half: guardians.count / 2 + 1
        }
    }
}

/// A message of the Wormhole network (a VAA, version 1).
///
/// Source: pyth-network/pyth-crosschain target_chains/ethereum/contracts/contracts/wormhole-receiver/
/// ReceiverMessages.sol@7c915eb10.
public struct WormholeMessage: Hashable, Sendable {
    struct GuardianSignature: Hashable, Sendable {
        let guardian: UInt8
        let r: UInt256
        let s: UInt256
        let parity: UInt8
    }

    /// Which guardians signed.
    public let guardianSetIndex: UInt32
    /// When the message was observed, in seconds.
    public let timestamp: UInt64
    /// The chain of the sender, in Wormhole's numbering.
    public let emitterChain: UInt16
    /// The sender.
    public let emitter: Hash32
    /// The sender's count of messages.
    public let sequence: UInt64
    /// What the message says.
    public let payload: [UInt8]
    /// What is signed: the hash of the hash of the body.
    public let digest: Hash32
    let signatures: [GuardianSignature]

    /// Reads a message; nothing is verified yet.
    public init(parsing bytes: [UInt8]) throws(SignedDataError) {
        try self.init(bytes[...])
    }

    init(_ bytes: ArraySlice<UInt8>) throws(SignedDataError) {
        var reader = PackedReader(bytes)
        let version = try reader.byte()
        guard version == 1 else { throw .unsupportedVersion("VAA \(version)") }
        guardianSetIndex = UInt32(truncatingIfNeeded: try reader.integer(4))
        let count = Int(try reader.byte())
        guard count * 66 <= reader.remaining else { throw .truncated }
        var signatures: [GuardianSignature] = []
        for _ in 0..<count {
            signatures.append(
                GuardianSignature(
                    guardian: try reader.byte(), r: try reader.word(), s: try reader.word(),
                    parity: try reader.byte()))
        }
        self.signatures = signatures
        let body = reader.rest()
        digest = Keccak256.hash(Keccak256.hash(body).bytes)
        reader = PackedReader(body)
        timestamp = try reader.integer(4)
        _ = try reader.integer(4)  // a nonce without meaning
        emitterChain = UInt16(truncatingIfNeeded: try reader.integer(2))
        emitter = Hash32(word: try reader.word())
        sequence = try reader.integer(8)
        _ = try reader.byte()  // the consistency level
        payload = Array(reader.rest())
    }

    /// Checks that enough guardians of a set signed, each once and in ascending order.
    ///
    /// - Parameter now: the block's time, against which an old set's expiration is held.
    /// - Returns: who signed.
    public func verify(by set: GuardianSet, now: UInt64? = nil) throws(SignedDataError) -> [Address] {
        guard set.index == guardianSetIndex else {
            throw .unexpectedOrigin("guardian set \(guardianSetIndex) in place of \(set.index)")
        }
        if let expiration = set.expiration, let now, expiration < now {
            throw .untimely("the guardian set has expired")
        }
        guard signatures.count >= set.needed else {
            throw .belowThreshold(found: signatures.count, needed: set.needed)
        }
        var tally = SignerTally(allowed: Set(set.guardians))
        var last = -1
        for (index, signature) in signatures.enumerated() {
            guard Int(signature.guardian) > last else { throw .outOfOrder("guardians do not ascend") }
            last = Int(signature.guardian)
            guard last < set.guardians.count else { throw .malformed("there is no guardian \(last)") }
            guard signature.parity < 2 else { throw .invalidSignature(index: index) }
            try tally.add(r: signature.r, s: signature.s, v: 27 + signature.parity, over: digest, index: index)
            // The signature has to be of the guardian that it names, not of any.
            guard tally.signers.last == set.guardians[last] else { throw .invalidSignature(index: index) }
        }
        return tally.signers
    }
}
