import Ethereum
import JSON
import JSONRPC
import Synchronization

/// Answers of a node, as the client reads them: a single call or a batch, each member known or explained.
struct EnvelopeTarget: FuzzTarget {
    static let name = "envelope"

    /// A transport without a network: every request is answered with the body at hand.
    private final class Canned: Transport {
        let body = Mutex<[UInt8]>([])

        func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
            HTTPResponse(status: 200, body: body.withLock { $0 }, retryAfter: nil)
        }
    }

    private let transport = Canned()
    private let client: RPCClient
    private let requests = (0..<3).map { _ in RPCRequest(method: "eth_call", params: Array("[]".utf8), kind: .call) }
    private let single: [[UInt8]]
    private let batch: [[UInt8]]
    private let words: [[UInt8]]

    init(seed: UInt64) throws {
        var retry = RetryPolicy.immediate
        retry.attempts = 1
        client = RPCClient(endpoint: try Endpoint(url: "http://fuzz.invalid"), transport: transport, retry: retry)
        single = [
            #"{"jsonrpc":"2.0","id":1,"result":"0x00ff"}"#, #"{"jsonrpc":"2.0","id":"1","result":null}"#,
            #"{"id":1,"error":{"code":3,"message":"execution reverted","data":"0x08c379a0"}}"#,
            #"{"id":1,"error":{"code":-32000,"message":"reverted","data":{"originalError":{"data":"Reverted 0x4e487b71"}}}}"#,
            #"{"code":-32005,"message":"query returned more than 10000 results. Try [0x1, 0x2]","data":{"rate":{"backoff_seconds":1.5}}}"#,
        ].map { Array($0.utf8) }
        batch = [
            #"[{"id":2,"result":"0x"},{"id":1,"result":"0x1"},{"id":3,"error":{"code":-32602,"message":"no"}}]"#,
            #"[{"id":3,"result":[]}]"#, #"{"error":{"code":-32600,"message":"batch too large"}}"#, "[]",
        ].map { Array($0.utf8) }
        words = [
            "{", "}", "[", "]", "\"id\":1,", "\"id\":9223372036854775808,", "\"id\":-1,", "null", "\"result\":1,",
            "\"error\":null,", "\"0x", "\\u0000",
            "429", "<html>",
        ].map { Array($0.utf8) }
    }

    func run(_ random: inout FuzzRandom) async throws -> Bool {
        let isBatch = random.below(2) == 0
        let corpus = isBatch ? batch : single
        let input = Mutator.mutate(random.pick(corpus), with: random.pick(single), words: words, &random)
        transport.body.withLock { $0 = input }
        do {
            guard isBatch else {
                try read(await client.call(requests[0]))
                return true
            }
            let answers = try await client.batch(requests)
            guard answers.count == requests.count else {
                throw Violation("\(answers.count) answers to \(requests.count)", input)
            }
            for answer in answers {
                if case .success(let result) = answer { read(result) }
            }
            return true
        } catch let error as RPCError {
            _ = "\(error)"
            return false
        }
    }

    /// Asks a result for everything that a caller might.
    private func read(_ result: RPCResult) {
        do { _ = try result.hexData() } catch { _ = "\(error)" }
        do { _ = try result.quantity() } catch { _ = "\(error)" }
        do { _ = try result.json() } catch { _ = "\(error)" }
    }
}
