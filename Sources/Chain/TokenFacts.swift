import ABI
import Bindings
public import Ethereum
public import JSONRPC

/// What a token says of itself.
public struct TokenFacts: Sendable {
    /// Its symbol: a string, or the 32 bytes that older tokens answer.
    public let symbol: Reading<String>
    /// Decimal places of one whole token.
    public let decimals: Reading<Int>
}

extension Snapshot {
    /// What each of the tokens says of itself at the pinned block, in order.
    public func tokens(_ addresses: [Address]) async throws(ChainError) -> [TokenFacts] {
        let calls = addresses.flatMap {
            [
                Call(target: $0, data: ERC20.symbol().encode()),
                Call(target: $0, data: ERC20.decimals().encode()),
            ]
        }
        var answers = try await read(calls)
        // A market does without a symbol, and nobody would see that it is the endpoint which lacks it.
        let failed = answers.indices.filter { if case .failed = answers[$0].reason { true } else { false } }
        if !failed.isEmpty {
            for (index, answer) in zip(failed, try await read(failed.map { calls[$0] })) { answers[index] = answer }
        }
        return addresses.indices.map { index in
            TokenFacts(symbol: Self.symbol(answers[2 * index]), decimals: Self.decimals(answers[2 * index + 1]))
        }
    }

    private static func symbol(_ answer: Reading<[UInt8]>) -> Reading<String> {
        guard case .known(let bytes) = answer else { return .unknown(answer.reason ?? .noCode) }
        guard !bytes.isEmpty else { return .unknown(.noCode) }
        if bytes.count == 32 { return .known(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)) }
        do throws(ABIError) {
            return .known(String(try ERC20.Symbol.decode(bytes).prefix(64)))
        } catch {
            return .unknown(.malformed("\(error)"))
        }
    }

    private static func decimals(_ answer: Reading<[UInt8]>) -> Reading<Int> {
        guard case .known(let bytes) = answer else { return .unknown(answer.reason ?? .noCode) }
        guard bytes.count >= 32 else { return .unknown(bytes.isEmpty ? .noCode : .malformed("\(bytes.count) bytes")) }
        guard let number = UInt256(bigEndian: bytes[..<32])?.asUInt64(), number <= 255 else {
            return .unknown(.malformed("a number above 255"))
        }
        return .known(Int(number))
    }
}

/// Whether code was at an address at an earlier height.
public struct CodeHistory: Sendable {
    private let client: any RPCCalling

    /// Asks `client`, which has to keep the state of earlier blocks.
    public init(_ client: any RPCCalling) { self.client = client }

    /// Whether there was code at each address after block `height`, in order; unknown where the state is gone.
    public func hadCode(_ addresses: [Address], at height: UInt64) async -> [Reading<Bool>] {
        let requests = addresses.map { address in
            RPCRequest(
                method: "eth_getCode", params: Array("[\"\(address.hex)\",\"\(Hex.quantity(height))\"]".utf8),
                kind: .call, needs: RPCNeeds(height: height, state: height))
        }
        return await Requester(client: client, batches: false).perform(requests, each: 1).map { result in
            do throws(RPCError) {
                return .known(try !result.get().hexData().isEmpty)
            } catch {
                return .unknown(.failed("\(error)"))
            }
        }
    }
}

/// The Multicall3 of public chains.
public enum PublishedMulticall3 {
    /// Whether this is the runtime code that its authors published.
    public static func isCode(_ code: [UInt8]) -> Bool { Keccak256.hash(code) == Multicall.publishedCodeHash }
    /// Where it stands on most chains. The key of its deployer is known to others: elsewhere its code may be anything.
    public static func isUsualAddress(_ address: Address) -> Bool { address == Multicall.publishedAddress }
    /// Whether the chain is one of a developer's own, where any code may stand there.
    public static func isDevelopment(chainId: UInt64) -> Bool { chainId == 31337 || chainId == 1337 }
}
