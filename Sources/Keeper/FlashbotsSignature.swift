public import Ethereum

/// The signature by which a relay knows who sends it a bundle.
///
/// What is signed is the text `0x…` of the body's hash, 66 characters, as a personal message: neither the 32 bytes of
/// the
/// hash nor the body. The body has to be sent byte for byte as it was signed.
///
/// Source: flashbots/flashbots-docs `rpc-endpoint.mdx@272fd13`.
public enum FlashbotsSignature {
    /// The name of the header.
    public static let headerName = "X-Flashbots-Signature"

    /// The value of the header: the signer's address, a colon, the signature in hex.
    ///
    /// - Parameter key: one that holds no funds and stays the same, since it carries the sender's reputation.
    public static func headerValue(
        for body: [UInt8], signedBy key: Secp256k1.PrivateKey
    ) throws(Secp256k1Error) -> String {
        "\(key.address.checksummed):\(try key.sign(digest(of: body)).hex)"
    }

    /// The sender that the header names, once its signature over the body is checked.
    ///
    /// - Throws: `.malformed`; `.mismatch`.
    public static func verify(headerValue: String, body: [UInt8]) throws(SignatureError) -> Address {
        let parts = headerValue.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 42, let sender = Address(checksummed: parts[0]),
            parts[1].utf8.count == 132
        else { throw .malformed(expected: "<address>:<signature in hex>") }
        let signature: Secp256k1.Signature
        do {
            signature = try Secp256k1.Signature(bytes: try Hex.decode(parts[1], prefix: .required))
        } catch {
            throw .malformed(expected: "a signature of 65 bytes that ends in 27 or 28")
        }
        guard Secp256k1.verify(signature, over: digest(of: body), by: sender) else { throw .mismatch }
        return sender
    }

    /// What is signed for a body.
    static func digest(of body: [UInt8]) -> Hash32 {
        EIP191.digest(of: Keccak256.hash(body).hex.utf8)
    }
}
