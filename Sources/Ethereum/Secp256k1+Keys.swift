extension Secp256k1 {
    /// A secret key. It is never printed: its description is a placeholder and its bytes are not public.
    public struct PrivateKey: Sendable {
        let bytes: [UInt8]
        /// The key that others know.
        public let publicKey: PublicKey

        /// Reads 32 bytes.
        ///
        /// - Throws: `.invalidKey` where they are not a key of the curve.
        public init(bytes: [UInt8]) throws(Secp256k1Error) {
            guard bytes.count == 32 else { throw .invalidKey }
            self.publicKey = try Library.shared.publicKey(of: bytes)
            self.bytes = bytes
        }

        /// Reads 64 hex digits, with or without "0x".
        ///
        /// - Throws: `.invalidKey` where they are not a key of the curve.
        public init(hex: some StringProtocol) throws(Secp256k1Error) {
            let bytes: [UInt8]
            do { bytes = try Hex.decode(hex) } catch { throw .invalidKey }
            try self.init(bytes: bytes)
        }

        /// Draws a key; the generator has to be fit for secrets, as the system's is.
        public static func random(using generator: inout some RandomNumberGenerator) -> PrivateKey {
            while true {
                var bytes: [UInt8] = []
                for _ in 0..<4 {
                    let word: UInt64 = generator.next()
                    word.append(to: &bytes)
                }
                // One draw in 2^128 is outside the group.
                do { return try PrivateKey(bytes: bytes) } catch { continue }
            }
        }

        /// The account that the key controls.
        public var address: Address { publicKey.address }

        /// Signs a digest: deterministic (RFC 6979) and canonical (s at most half the order).
        public func sign(_ digest: Hash32) throws(Secp256k1Error) -> Signature {
            try Library.shared.sign(digest, with: bytes)
        }
    }

    /// A point of the curve.
    public struct PublicKey: Hashable, Sendable {
        /// x and y, 32 bytes each.
        public let bytes: [UInt8]

        /// The account: the last 20 bytes of the point's hash.
        public var address: Address { Address(word: Keccak256.hash(bytes).word) }

        /// Takes bytes that the library has written.
        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// Makes a point from its coordinates.
        ///
        /// - Throws: `.invalidKey` where they are not on the curve.
        public init(x: UInt256, y: UInt256) throws(Secp256k1Error) {
            self = try Library.shared.sum([x.bigEndianBytes + y.bigEndianBytes])
        }

        /// The sum of points, as multi-signatures aggregate keys.
        ///
        /// - Throws: `.invalidKey` for no points, and where they cancel out.
        public static func sum(_ keys: [PublicKey]) throws(Secp256k1Error) -> PublicKey {
            try Library.shared.sum(keys.map(\.bytes))
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Secp256k1.PrivateKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "private key of \(address)" }

    public var customMirror: Mirror { Mirror(self, children: ["address": address]) }
}
