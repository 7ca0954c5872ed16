import Ethereum
@testable import JSONRPC
import Synchronization

/// A clock that goes only when someone sleeps on it; keeps how long each slept.
final class ManualClock: Sendable {
    private let state = Mutex<(now: Duration, slept: [Duration])>((.zero, []))

    var slept: [Duration] { state.withLock { $0.slept } }

    func advance(_ duration: Duration) { state.withLock { $0.now += duration } }

    /// A policy on this clock, whose random number is always `random`.
    func policy(random: Double = 1) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.now = { self.state.withLock { $0.now } }
        policy.sleep = { duration in
            self.state.withLock { state in
                state.now += duration
                state.slept.append(duration)
            }
        }
        policy.random = { random }
        return policy
    }
}

extension RPCRequest {
    static let chainID = RPCRequest(method: "eth_chainId", params: Array("[]".utf8), kind: .head)

    static func call(_ number: Int) -> RPCRequest {
        RPCRequest(method: "eth_call", params: Array("[\(number)]".utf8), kind: .call)
    }
}

/// The answer of a node that knows only numbers: to id 7 the quantity 7.
func answer(_ id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":"0x\#(String(id, radix: 16))"}"# }

func array(_ members: [String]) -> String { "[" + members.joined(separator: ",") + "]" }

/// The quantities of the results, nil where a member failed.
func quantities(_ outcomes: [Result<RPCResult, RPCError>]) -> [UInt64?] {
    outcomes.map { outcome in
        do throws(RPCError) {
            return try outcome.get().quantity().asUInt64()
        } catch {
            return nil
        }
    }
}

extension Result where Failure == RPCError {
    var error: RPCError? { if case .failure(let error) = self { error } else { nil } }
}

/// What `body` throws.
func caught(_ body: () async throws(RPCError) -> some Any) async -> RPCError? {
    do throws(RPCError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// How many are inside something, and the most that ever were.
final class Counter: Sendable {
    private let state = Mutex((now: 0, most: 0, entered: 0))

    var counts: (now: Int, most: Int, entered: Int) { state.withLock { $0 } }

    func enter() {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
            $0.entered += 1
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}
