public import Ethereum

/// One block, named by its hash: what every read of a scan is pinned to.
public struct Block: Hashable, Sendable {
    /// Height.
    public let number: UInt64
    /// The hash that names it.
    public let hash: Hash32
    /// The hash of the block before it.
    public let parentHash: Hash32
    /// Seconds since 1970, as `block.timestamp` inside the EVM.
    public let timestamp: UInt64
    /// Wei per gas; nil on chains without EIP-1559.
    public let baseFeePerGas: UInt256?
    /// Gas that its transactions took; nil where it was not said.
    public let gasUsed: UInt64?
    /// Gas that they might have taken.
    public let gasLimit: UInt64?
    /// How the header says that the next base fee follows; nil on chains whose headers do not.
    public let feeRule: BaseFeeRule?

    /// Makes a block reference.
    public init(
        number: UInt64, hash: Hash32, parentHash: Hash32, timestamp: UInt64, baseFeePerGas: UInt256?,
        gasUsed: UInt64? = nil, gasLimit: UInt64? = nil, feeRule: BaseFeeRule? = nil
    ) {
        self.number = number
        self.hash = hash
        self.parentHash = parentHash
        self.timestamp = timestamp
        self.baseFeePerGas = baseFeePerGas
        self.gasUsed = gasUsed
        self.gasLimit = gasLimit
        self.feeRule = feeRule
    }
}

/// How a user names the block to read at.
public enum BlockSelector: Hashable, Sendable {
    /// The head of the chain.
    case latest
    /// The newest block the consensus layer holds safe.
    case safe
    /// The newest block that cannot be reorganised.
    case finalized
    /// A height.
    case number(UInt64)
    /// A hash.
    case hash(Hash32)

    /// Parses `latest`, `safe`, `finalized`, a decimal or 0x height, or a 32-byte hash; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "latest": self = .latest
        case "safe": self = .safe
        case "finalized": self = .finalized
        default:
            if text.hasPrefix("0x"), text.utf8.count == 66, let hash = Hash32(hex: text) {
                self = .hash(hash)
            } else if let word = text.hasPrefix("0x") ? UInt256(hex: text) : UInt256(decimal: text),
                let number = word.asUInt64()
            {
                self = .number(number)
            } else {
                return nil
            }
        }
    }
}

extension BlockSelector: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .latest: "latest"
        case .safe: "safe"
        case .finalized: "finalized"
        case .number(let number): "\(number)"
        case .hash(let hash): hash.hex
        }
    }
}
