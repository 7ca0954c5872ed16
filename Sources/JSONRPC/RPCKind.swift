internal import JSON

/// What kind of answer a request expects: how large it may be and how long it may take.
public enum RPCKind: Sendable, Hashable, CaseIterable {
    /// A block header, a chain id.
    case head
    /// `eth_call` and the like.
    case call
    /// `eth_getLogs`.
    case logs
    /// The receipts of a block.
    case receipts
    /// `eth_getProof`.
    case proof

    /// Largest body, decompressed, in bytes.
    public var maximumBytes: Int {
        switch self {
        case .head: 64 << 10
        case .call: 4 << 20
        case .logs: 32 << 20
        case .receipts: 64 << 20
        case .proof: 1 << 20
        }
    }

    /// Longest wait for one exchange.
    public var timeout: Duration {
        switch self {
        case .head: .seconds(5)
        case .call: .seconds(20)
        case .logs, .receipts: .seconds(30)
        case .proof: .seconds(15)
        }
    }

    /// What the JSON of an answer of `bytes` bytes may hold. The shortest honest member of a batch has a value in 5
    /// bytes.
    static func limits(bytes: Int) -> JSONLimits {
        JSONLimits(bytes: bytes, depth: 32, elements: bytes / 4 + 64)
    }
}
