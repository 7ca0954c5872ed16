public import Ethereum

/// Why signed prices are not believed.
public enum SignedDataError: Error, Hashable, Sendable {
    /// The bytes end before what they announce.
    case truncated
    /// Bytes follow the end, or stand where the encoding has zeros.
    case trailingBytes
    /// The bytes are of another form; the text says which part.
    case malformed(String)
    /// The form is right and its version is not one that is known.
    case unsupportedVersion(String)
    /// The contract demands another number of signatures.
    case signatureCount(found: Int, needed: Int)
    /// There are fewer distinct signers than the threshold.
    case belowThreshold(found: Int, needed: Int)
    /// A signature is no signature.
    case invalidSignature(index: Int)
    /// A signature is of somebody who may not sign.
    case unauthorisedSigner(Address)
    /// Somebody signed twice.
    case duplicateSigner(Address)
    /// Signatures, observations or observers are not in the order that the contract demands.
    case outOfOrder(String)
    /// The report, its configuration or its emitter is another than the one that is trusted.
    case unexpectedOrigin(String)
    /// A message is not under the signed root.
    case proofMismatch
    /// The data are older or newer than the policy allows, or not newer than what is stored.
    case untimely(String)
    /// A number is outside the bounds that the contract stores.
    case outOfBounds(Int256)
    /// A price that was asked for is not in the data.
    case missingFeed(String)
    /// The signer set itself makes no sense.
    case invalidSignerSet(String)
}
