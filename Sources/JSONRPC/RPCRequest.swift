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
    var maximumBytes: Int {
        switch self {
        case .head: 64 << 10
        case .call: 4 << 20
        case .logs: 32 << 20
        case .receipts: 64 << 20
        case .proof: 1 << 20
        }
    }

    /// Longest wait for one exchange.
    var timeout: Duration {
        switch self {
        case .head: .milliseconds(5_000)
        case .call: .milliseconds(20_000)
        case .logs, .receipts: .milliseconds(30_000)
        case .proof: .milliseconds(15_000)
        }
    }
}

/// One call of a node's method.
public struct RPCRequest: Sendable, Hashable {
    /// The method's name.
    public let method: String
    /// The JSON text of its parameters, an array.
    public let params: [UInt8]
    /// What it expects.
    public let kind: RPCKind

    /// Makes a request.
    public init(method: String, params: [UInt8], kind: RPCKind) {
        self.method = method
        self.params = params
        self.kind = kind
    }

    func append(id: Int, to body: inout [UInt8]) {
        body += #"{"jsonrpc":"2.0","id":\#(id),"method":""#.utf8
        body += method.utf8
        body += #"","params":"#.utf8
        body += params
        body += "}".utf8
    }
}
