/// Why a signed message is not to be believed.
public enum SignatureError: Error, Equatable, Sendable {
    /// The header does not have the form that the standard gives it.
    case malformed(expected: String)
    /// The message was signed longer ago, or further ahead, than is allowed; seconds, positive for the past.
    case stale(age: Int64, allowed: Int64)
    /// The signature belongs to another message, another domain or another key.
    case mismatch
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SignatureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let expected): "the signature is malformed, and \(expected) is expected"
        case .stale(let age, let allowed): "the message was signed \(age) s ago, and at most \(allowed) s are allowed"
        case .mismatch: "the signature does not belong to this message and signer"
        }
    }
}
