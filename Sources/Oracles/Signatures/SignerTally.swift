import Ethereum

/// Counts distinct signers, as every verifier here does.
struct SignerTally {
    /// In the order of their signatures.
    private(set) var signers: [Address] = []
    private let allowed: Set<Address>

    init(allowed: Set<Address>) {
        self.allowed = allowed
    }

    /// Adds who made a signature.
    ///
    /// - Parameter allowHighS: whether the verifying contract takes both forms of a signature.
    mutating func add(
        r: UInt256, s: UInt256, v: UInt8, over digest: Hash32, index: Int, allowHighS: Bool = true
    ) throws(SignedDataError) {
        let signer: Address
        do {
            let signature = try Secp256k1.Signature(r: r, s: s, v: v)
            signer = try Secp256k1.recover(signature, over: digest, allowHighS: allowHighS)
        } catch {
            throw .invalidSignature(index: index)
        }
        guard allowed.contains(signer) else { throw .unauthorisedSigner(signer) }
        guard !signers.contains(signer) else { throw .duplicateSigner(signer) }
        signers.append(signer)
    }
}
