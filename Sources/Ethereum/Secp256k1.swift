/// Why a key, a signature or a recovery is refused.
public enum Secp256k1Error: Error, Equatable, Sendable {
    /// The key is not 32 bytes, or is not between 1 and the group's order.
    case invalidKey
    /// The signature's numbers are outside the group, or its bytes are not 65.
    case invalidSignature
    /// The last byte of the signature is neither 27 nor 28.
    case invalidRecoveryByte(UInt8)
    /// The signature's `s` is above half the group's order: a second, equally valid form that EIP-2 forbids.
    case highS
    /// No key can have made the signature.
    case noSuchKey
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Secp256k1Error: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidKey: "a private key has 32 bytes and is between 1 and the order of secp256k1"
        case .invalidSignature: "a signature has 65 bytes, and its r and s are below the order of secp256k1"
        case .invalidRecoveryByte(let byte): "the last byte of the signature is \(byte), and 27 or 28 are expected"
        case .highS: "the signature's s is above half the order of secp256k1, which EIP-2 forbids"
        case .noSuchKey: "no key can have made the signature"
        }
    }
}

/// Signatures over the curve that Ethereum's accounts use, by libsecp256k1.
public enum Secp256k1 {
    /// The number of points in the group.
    public static let order = UInt256(
        high: 0xFFFF_FFFF_FFFF_FFFF_FFFF_FFFF_FFFF_FFFE, low: 0xBAAE_DCE6_AF48_A03B_BFD2_5E8C_D036_4141)
    /// The largest `s` of a canonical signature.
    public static let halfOrder = order >> 1

    /// The address of the key that made a signature over a digest.
    ///
    /// - Parameter allowHighS: whether the second form of a signature counts, as the EVM's `ecrecover` takes it.
    /// - Throws: why there is none.
    public static func recover(
        _ signature: Signature, over digest: Hash32, allowHighS: Bool = false
    ) throws(Secp256k1Error) -> Address {
        guard allowHighS || signature.s <= halfOrder else { throw .highS }
        return try Library.shared.recover(signature, digest).address
    }

    /// Whether an address made a canonical signature over a digest.
    public static func verify(_ signature: Signature, over digest: Hash32, by signer: Address) -> Bool {
        do {
            return try recover(signature, over: digest) == signer
        } catch {
            return false
        }
    }

    /// A recoverable signature: two numbers of the group and which of two keys it belongs to.
    public struct Signature: Hashable, Sendable {
        /// The x-coordinate of the nonce's point, modulo the order.
        public let r: UInt256
        /// The proof; at most half the order in a canonical signature.
        public let s: UInt256
        /// 27 or 28.
        public let v: UInt8

        /// Makes a signature.
        ///
        /// - Throws: `.invalidSignature` where r or s is zero or not below the order; `.invalidRecoveryByte`.
        public init(r: UInt256, s: UInt256, v: UInt8) throws(Secp256k1Error) {
            guard !r.isZero, !s.isZero, r < order, s < order else { throw .invalidSignature }
            guard v == 27 || v == 28 else { throw .invalidRecoveryByte(v) }
            self.r = r
            self.s = s
            self.v = v
        }

        /// Reads `r ‖ s ‖ v`, 65 bytes.
        ///
        /// - Throws: as the other initialiser; `.invalidSignature` for any other number of bytes.
        public init(bytes: some Collection<UInt8>) throws(Secp256k1Error) {
            let bytes = Array(bytes)
            guard bytes.count == 65, let r = UInt256(bigEndian: bytes[0..<32]),
                let s = UInt256(bigEndian: bytes[32..<64])
            else { throw .invalidSignature }
            try self.init(r: r, s: s, v: bytes[64])
        }

        /// `r ‖ s ‖ v`, 65 bytes.
        public var bytes: [UInt8] { r.bigEndianBytes + s.bigEndianBytes + [v] }

        /// The 65 bytes in hex.
        public var hex: String { Hex.encode(bytes) }
    }
}
