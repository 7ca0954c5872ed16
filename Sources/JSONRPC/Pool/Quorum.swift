import Ethereum
import JSON

/// One operator's answer to a question that several were asked.
public struct Vote: Sendable {
    /// Who answered.
    public let endpoint: String
    /// Who runs it.
    public let operatorName: String
    /// What it said.
    public let outcome: Result<RPCResult, RPCError>
    /// What is compared: the canonical form; nil where it is no answer to the question.
    public let ballot: [UInt8]?
}

/// An answer that independent operators gave alike.
public struct Agreement: Sendable {
    /// The answer: a result, or a revert, which is an answer too.
    public let outcome: Result<RPCResult, RPCError>
    /// Who gave it.
    public let endpoints: [String]
    /// Who said something else, or nothing.
    public let dissent: [Vote]
}

/// Why there is no agreed answer.
public enum QuorumFailure: Error, Sendable {
    /// Answers differ, and too few are alike; each with who gave it.
    case disagreement([Vote])
    /// Too few independent operators answered at all.
    case tooFew(needed: Int, answered: Int, [Vote])
    /// The task was cancelled.
    case cancelled
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension QuorumFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disagreement(let votes):
            "the endpoints contradict one another: "
                + votes.filter { $0.ballot != nil }.map(\.endpoint).joined(separator: ", ")
        case .tooFew(let needed, let answered, let votes):
            "\(needed) independent operators have to answer alike, and \(answered) answered"
                + votes.filter { $0.ballot == nil }.map { vote in
                    if case .failure(let error) = vote.outcome { "; \(error)" } else { "" }
                }.joined()
        case .cancelled: "cancelled"
        }
    }
}

/// What two answers have to have in common to be the same: never their raw JSON.
public struct CanonicalForm: Sendable {
    private let form: @Sendable (RPCResult) throws(RPCError) -> [UInt8]

    /// A form of one's own; what throws is no answer.
    public init(_ form: @escaping @Sendable (RPCResult) throws(RPCError) -> [UInt8]) { self.form = form }

    func ballot(_ result: RPCResult) -> [UInt8]? {
        do throws(RPCError) {
            return try form(result)
        } catch {
            return nil
        }
    }

    /// The decoded bytes.
    public static let data = CanonicalForm { result throws(RPCError) in try result.hexData() }
    /// The number.
    public static let quantity = CanonicalForm { result throws(RPCError) in
        Array(try result.quantity().description.utf8)
    }
    /// Whether it is there, and these members of the object.
    public static func members(_ names: [String]) -> CanonicalForm {
        CanonicalForm { result throws(RPCError) in
            let value = try result.json()
            if value.isNull { return Array("null".utf8) }
            return JSONValue.array(names.map { Self.canonical(value[$0] ?? .null) }).serialized()
        }
    }
    /// The members that a block's hash is made of, and the hash.
    public static let header = members([
        "hash", "number", "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
        "logsBloom", "difficulty", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas",
        "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
    ])
    /// The whole value in one spelling: members sorted, hex in lower case, `null` as if it were missing, and without
    /// what nodes add as they please.
    public static let json = CanonicalForm { result throws(RPCError) in Self.canonical(try result.json()).serialized() }

    private static let volatile: Set<String> = [
        "blockTimestamp", "effectiveGasPrice", "removed", "size", "totalDifficulty", "yParity",
    ]

    private static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text.hasPrefix("0x") || text.hasPrefix("0X") ? text.lowercased() : text)
        case .array(let elements): .array(elements.map(canonical))
        case .object(let object):
            .object(
                JSONObject(
                    object.members.filter { !volatile.contains($0) && !$1.isNull }.sorted { $0.0 < $1.0 }
                        .map { ($0, canonical($1)) }))
        default: value
        }
    }
}
