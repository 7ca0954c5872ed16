public import Ethereum
public import JSONRPC

/// Why a snapshot cannot be taken or used.
public enum ChainError: Error, Sendable {
    /// The endpoint did not answer what every later read depends on.
    case endpoint(RPCError)
    /// The endpoint serves another chain than the network file says.
    case wrongChain(endpoint: String, expected: UInt64, got: UInt64)
    /// The block that was asked for is not there.
    case noBlock(endpoint: String, selector: BlockSelector)
    /// A block's answer is not what the specification allows.
    case malformedBlock(endpoint: String, expected: String)
    /// The endpoint answered for another block than the pinned one.
    case wrongBlock(endpoint: String, expected: Hash32, got: String)
    /// While it was read, the chain replaced a block that the scan stands on: the scan has to begin at another block.
    case reorganised(number: UInt64, expected: Hash32, got: Hash32?)
    /// Endpoints do not agree on what they have to agree on; in words.
    case disagreement(String)
    /// An endpoint contradicts what can be proven.
    case contradicted(Contradiction)
    /// What was to be proven cannot be, and is not disproven either; who was asked, and why not.
    case notProven(endpoint: String, VerificationError)
    /// Logs could not be read completely over a range.
    case logs(from: UInt64, to: UInt64, why: String)
    /// A contract of the network file has no code at the pinned block.
    case noCode(Address, role: String)
    /// The read path that was asked for does not pass its probe.
    case noPath(endpoint: String, ReadPath)
    /// The task was cancelled.
    case cancelled
}

extension ChainError: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .endpoint(let error): "\(error)"
        case .wrongChain(let endpoint, let expected, let got):
            "\(endpoint) serves chain \(got), and the network file says \(expected); check the URL or the file"
        case .noBlock(let endpoint, let selector): "\(endpoint) has no block \(selector)"
        case .malformedBlock(let endpoint, let expected): "\(endpoint) answered a block without \(expected)"
        case .wrongBlock(let endpoint, let expected, let got):
            "\(endpoint) answered for block \(got), and the scan is pinned to \(expected.hex)"
        case .reorganised(let number, let expected, let got):
            "block \(number) was \(expected.hex) and is \(got?.hex ?? "gone"): the chain was reorganised during the scan"
        case .disagreement(let what): what
        case .contradicted(let contradiction):
            "\(contradiction.endpoint) contradicts what can be proven: \(contradiction.error)"
        case .notProven(let endpoint, let error): "what \(endpoint) says cannot be verified: \(error)"
        case .logs(let from, let to, let why): "the logs of blocks \(from) to \(to) are not complete: \(why)"
        case .noCode(let address, let role): "\(role) \(address) has no code at the pinned block"
        case .noPath(let endpoint, let path): "\(endpoint) does not offer the read path \(path.rawValue)"
        case .cancelled: "cancelled"
        }
    }
}

/// What an endpoint said that is proven to be wrong, with what shows it.
public struct Contradiction: Error, Sendable {
    /// Who said it.
    public let endpoint: String
    /// What is wrong with it.
    public let error: VerificationError
    /// What was asked.
    public let request: RPCRequest
    /// The body that answered.
    public let response: [UInt8]

    /// Says who is wrong, and what shows it.
    public init(endpoint: String, error: VerificationError, request: RPCRequest, response: [UInt8]) {
        self.endpoint = endpoint
        self.error = error
        self.request = request
        self.response = response
    }
}
