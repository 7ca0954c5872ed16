internal import CSecp256k1

extension Secp256k1 {
    /// The C library behind one context, blinded once against side channels and only read afterwards.
    ///
    /// SAFETY: libsecp256k1 documents that a context may be used by many threads at once as long as none of them
    /// changes
    /// it; the only change, the blinding, happens in the initialiser, before anyone else can see the context.
    @safe struct Library: @unchecked Sendable {
        static let shared = Library()

        /// SAFETY: created in `init`, never freed, since `shared` lives as long as the process.
        private let context: OpaquePointer

        private init() {
            var generator = SystemRandomNumberGenerator()
            var seed: [UInt8] = []
            for _ in 0..<4 {
                let word: UInt64 = generator.next()
                word.append(to: &seed)
            }
            // SAFETY: creation aborts instead of returning null; the seed has the 32 bytes that are read.
            unsafe context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE))
            _ = unsafe secp256k1_context_randomize(context, seed)
        }

        /// The public key of a secret one of 32 bytes.
        func publicKey(of secret: [UInt8]) throws(Secp256k1Error) -> PublicKey {
            var point = secp256k1_pubkey()
            // SAFETY: the callers pass 32 bytes; the point is filled before it is read.
            guard unsafe secp256k1_ec_pubkey_create(context, &point, secret) == 1 else { throw .invalidKey }
            return serialised(&point)
        }

        /// Signs a digest with a secret key of 32 bytes.
        func sign(_ digest: Hash32, with secret: [UInt8]) throws(Secp256k1Error) -> Signature {
            var signature = secp256k1_ecdsa_recoverable_signature()
            // SAFETY: digest and secret are 32 bytes each; a null nonce function is RFC 6979.
            guard unsafe secp256k1_ecdsa_sign_recoverable(context, &signature, digest.bytes, secret, nil, nil) == 1
            else {
                throw .invalidKey
            }
            var compact = [UInt8](repeating: 0, count: 64)
            var recovery: Int32 = 0
            // SAFETY: 64 bytes are written into the 64 of the array.
            _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
                context, &compact, &recovery, &signature)
            return try Signature(bytes: compact + [27 + UInt8(truncatingIfNeeded: recovery)])
        }

        /// The key that made a signature.
        func recover(_ signature: Signature, _ digest: Hash32) throws(Secp256k1Error) -> PublicKey {
            var parsed = secp256k1_ecdsa_recoverable_signature()
            var point = secp256k1_pubkey()
            // SAFETY: the first 64 of 65 bytes are read; v is 27 or 28, so the recovery number is 0 or 1.
            guard
                unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
                    context, &parsed, signature.bytes, Int32(signature.v) - 27) == 1
            else { throw .invalidSignature }
            // SAFETY: the digest is 32 bytes; the point is filled before it is read.
            guard unsafe secp256k1_ecdsa_recover(context, &point, &parsed, digest.bytes) == 1 else {
                throw .noSuchKey
            }
            return serialised(&point)
        }

        /// The sum of points, each 64 bytes of x and y; refused where one is not on the curve, or the sum is no point.
        func sum(_ points: [[UInt8]]) throws(Secp256k1Error) -> PublicKey {
            guard var total = try points.first.map({ (bytes) throws(Secp256k1Error) in try point(bytes) }) else {
                throw .invalidKey
            }
            for bytes in points.dropFirst() {
                var (left, right, result) = (total, try point(bytes), secp256k1_pubkey())
                let combined = unsafe withUnsafePointer(to: &left) { first in
                    unsafe withUnsafePointer(to: &right) { second in
                        // SAFETY: two pointers to parsed points, which live until the call returns.
                        unsafe secp256k1_ec_pubkey_combine(context, &result, [first, second], 2)
                    }
                }
                guard combined == 1 else { throw .invalidKey }
                total = result
            }
            return serialised(&total)
        }

        /// A point from its coordinates.
        private func point(_ bytes: [UInt8]) throws(Secp256k1Error) -> secp256k1_pubkey {
            var point = secp256k1_pubkey()
            guard bytes.count == 64 else { throw .invalidKey }
            // SAFETY: 65 bytes are read of 65; the point is filled before it is used.
            guard unsafe secp256k1_ec_pubkey_parse(context, &point, [4] + bytes, 65) == 1 else { throw .invalidKey }
            return point
        }

        /// The coordinates of a point.
        private func serialised(_ point: inout secp256k1_pubkey) -> PublicKey {
            var bytes = [UInt8](repeating: 0, count: 65)
            var length = bytes.count
            // SAFETY: the uncompressed form has 65 bytes, and the array as many.
            _ = unsafe secp256k1_ec_pubkey_serialize(
                context, &bytes, &length, &point, UInt32(SECP256K1_EC_UNCOMPRESSED))
            return PublicKey(bytes: Array(bytes.dropFirst()))
        }
    }
}
