public import Ethereum

/// The feeds that may sign for a Chronicle oracle, by their ids, and how many have to.
public struct ScribeFeeds: Hashable, Sendable {
    /// The public keys by id, which is the first byte of the key's address.
    public let keys: [UInt8: Secp256k1.PublicKey]
    /// The number of signers that a price needs, exactly (`bar`).
    public let bar: Int

    /// Makes a set from the keys of the lifted feeds.
    ///
    /// - Throws: `.invalidSignerSet` where two have one id, or the bar is not between 1 and their number.
    public init(keys: [Secp256k1.PublicKey], bar: Int) throws(SignedDataError) {
        var found: [UInt8: Secp256k1.PublicKey] = [:]
        for key in keys {
            guard found.updateValue(key, forKey: ScribeFeeds.id(of: key.address)) == nil else {
                throw .invalidSignerSet("two feeds have one id")
            }
        }
        guard bar > 0, bar <= keys.count else { throw .invalidSignerSet("bar \(bar) of \(keys.count)") }
        self.keys = found
        self.bar = bar
    }

    /// The id of a feed.
    public static func id(of feed: Address) -> UInt8 { UInt8(truncatingIfNeeded: feed.a >> 56) }
}

/// A price for a Chronicle oracle with the one Schnorr signature that its feeds made together.
///
/// Sources: chronicleprotocol/scribe src/Scribe.sol, src/libs/LibSchnorr.sol and src/libs/LibSecp256k1.sol@12ff06c.
public struct ScribePoke: Hashable, Sendable {
    /// The price, 18 decimals.
    public let value: UInt128
    /// When it was signed, in seconds; the oracle stores the block's time in place of it.
    public let age: UInt32
    /// The scalar of the signature.
    public let signature: UInt256
    /// The address of the nonces' sum.
    public let commitment: Address
    /// Who signed, an id a byte.
    public let feedIDs: [UInt8]

    /// Makes a price from the fields of `PokeData` and `SchnorrData`.
    public init(value: UInt128, age: UInt32, signature: UInt256, commitment: Address, feedIDs: [UInt8]) {
        self.value = value
        self.age = age
        self.signature = signature
        self.commitment = commitment
        self.feedIDs = feedIDs
    }

    /// What is signed (`constructPokeMessage`).
    ///
    /// - Parameter wat: which price the oracle is of.
    public func message(wat: Hash32) -> Hash32 {
        let (value, age) = (UInt256(self.value).bigEndianBytes.suffix(16), UInt256(UInt64(self.age)).bigEndianBytes)
        return EIP191.digest(of: Keccak256.hash(wat.bytes + value + age.suffix(4)).bytes)
    }

    /// Checks the price as the oracle would.
    ///
    /// - Parameters:
    ///   - wat: which price the oracle is of.
    ///   - feeds: who may sign, and how many have to.
    ///   - stored: the age of the price that the oracle has; the new one has to be later.
    ///   - now: the block's time; a later age is refused.
    /// - Returns: who signed, in the order of the ids.
    public func verify(
        wat: Hash32, by feeds: ScribeFeeds, after stored: UInt32? = nil, now: UInt64? = nil
    ) throws(SignedDataError) -> [Address] {
        if let stored, age <= stored { throw .untimely("the price is not newer than the stored one") }
        if let now, UInt64(age) > now { throw .untimely("the price is of the future") }
        guard feedIDs.count == feeds.bar else { throw .signatureCount(found: feedIDs.count, needed: feeds.bar) }
        var keys: [Secp256k1.PublicKey] = []
        for (index, id) in feedIDs.enumerated() {
            guard let key = feeds.keys[id] else { throw .malformed("there is no feed \(id)") }
            guard !feedIDs[..<index].contains(id) else { throw .duplicateSigner(key.address) }
            keys.append(key)
        }
        guard verifies(message(wat: wat), under: keys) else { throw .invalidSignature(index: 0) }
        return keys.map(\.address)
    }

    /// `LibSchnorr.verifySignature`: s·G − e·P, of which `ecrecover` gives the address, is the commitment.
    private func verifies(_ message: Hash32, under keys: [Secp256k1.PublicKey]) -> Bool {
        let order = Secp256k1.order
        guard !signature.isZero, signature < order, !commitment.isZero else { return false }
        do {
            let total = try Secp256k1.PublicKey.sum(keys).bytes
            guard let x = UInt256(bigEndian: total[0..<32]) else { return false }
            let parity = total[63] & 1
            let challenge = Keccak256.hash(total[0..<32] + [parity] + message.bytes + commitment.bytes).word
            // mulmod takes operands above the modulus; so does `modularProduct` once they are reduced.
            let reduced = try x % order
            let digest = order &- (try Self.modularProduct(signature, reduced, order))
            let s = order &- (try Self.modularProduct(try challenge % order, reduced, order))
            let trick = try Secp256k1.Signature(r: x, s: s, v: 27 + parity)
            // Where the product is zero, the contract passes Q itself as the hash, which means zero to ecrecover.
            return try Secp256k1.recover(trick, over: Hash32(word: try digest % order), allowHighS: true) == commitment
        } catch {
            return false
        }
    }

    /// a · b mod m, of a and b below m.
    private static func modularProduct(_ a: UInt256, _ b: UInt256, _ m: UInt256) throws(MathError) -> UInt256 {
        a &* b &- (try UInt256.mulDiv(a, b, m, .down)) &* m
    }
}
