public import Ethereum
import JSON
import JSONRPC

/// Calls that one sender makes after another, with tokens that it is given for the trial; all of it is forgotten.
public struct FundedCalls: Sendable {
    /// The calls.
    public let calls: [Call]
    /// What the sender is given: a token's slot and how much.
    public let funds: [(slot: TokenSlot, amount: UInt256)]

    /// Makes a trial.
    public init(_ calls: [Call], funds: [(slot: TokenSlot, amount: UInt256)]) {
        self.calls = calls
        self.funds = funds
    }

    /// Gas granted to one call.
    static let gasPerCall = 5_000_000

    var overrides: String {
        TrialState.json(funds.map { ($0.slot.token, [($0.slot.slot, $0.amount)]) })
    }
}

extension Snapshot {
    /// What each call of each trial answers at the pinned block, at its own timestamp: one `eth_call` a trial, several
    /// of them in an exchange.
    ///
    /// The endpoint has to run overridden code; where it does not, nothing is known.
    public func run(_ trials: [FundedCalls]) async throws(ChainError) -> [[Reading<[UInt8]>]] {
        let bulk = bulk
        guard path == .stateOverride else {
            return trials.map { trial in
                trial.calls.map { _ in .unknown(.failed("the endpoint runs no overridden code")) }
            }
        }
        let requests = trials.map { trial in
            let code = #""\#(ReaderProgram.address.hex)":{"code":"\#(ScriptProgram.code)"}"#
            let funds = trial.overrides
            return RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    ReaderProgram.address, ScriptProgram.input(trial.calls[...], gasPerCall: FundedCalls.gasPerCall),
                    gas: capabilities.callGas, pin: bulk.pin,
                    overrides: "{\(code)\(funds.isEmpty ? "" : ",")\(funds)}"),
                kind: .call, needs: RPCNeeds(features: [.stateOverride]))
        }
        let results = await requester.perform(requests, each: 10)
        try await confirm()
        return zip(trials, results).map { trial, result in
            bulk.scriptAnswers(trial.calls[...], result).map(\.reading)
        }
    }

    /// The gas that each call of each trial takes as a transaction of its own in the block after the pinned one, by
    /// `eth_simulateV1`; unknown where the endpoint does not offer it or a call fails there.
    public func gas(of trials: [FundedCalls]) async throws(ChainError) -> [[Reading<UInt256>]] {
        let pin = Parameters.pin(block, byHash: capabilities.pinsByHash)
        let requests = trials.map { trial in
            let calls = trial.calls.map { call in
                #"{"from":"\#(ReaderProgram.address.hex)","to":"\#(call.target.hex)","data":"\#(Hex.encode(call.data))"}"#
            }.joined(separator: ",")
            let text = #"[{"blockStateCalls":[{"stateOverrides":{\#(trial.overrides)},"calls":[\#(calls)]}]},\#(pin)]"#
            return RPCRequest(method: "eth_simulateV1", params: Array(text.utf8), kind: .call)
        }
        let results = await requester.perform(requests, each: 10)
        try await confirm()
        return zip(trials, results).map { trial, result in
            do throws(RPCError) {
                let calls = try result.get().json().array?.first?["calls"]?.array ?? []
                guard calls.count == trial.calls.count else {
                    return trial.calls.map { _ in .unknown(.malformed("\(calls.count) calls of eth_simulateV1")) }
                }
                return calls.map { call in
                    guard call["status"]?.string == "0x1" else {
                        let why = call["error"]?["message"]?.string ?? "no reason"
                        return .unknown(.reverted("in eth_simulateV1: \(why.prefix(200))"))
                    }
                    guard let gas = call["gasUsed"]?.string.flatMap({ UInt256(hex: $0) }) else {
                        return .unknown(.malformed("eth_simulateV1 names no gasUsed"))
                    }
                    return .known(gas)
                }
            } catch {
                return trial.calls.map { _ in .unknown(.failed("\(error)")) }
            }
        }
    }
}
