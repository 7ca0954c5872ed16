public import Ethereum

/// The ways to read the state of many accounts, best first.
public enum ReadPath: String, Sendable, CaseIterable {
    /// A program placed by state override makes many calls in one `eth_call`.
    case stateOverride = "state-override"
    /// `aggregate3` of a deployed Multicall3.
    case multicall3
    /// JSON-RPC batches of single calls.
    case batch
    /// One request for one call.
    case single
}

/// What an endpoint was seen to do at the pinned block.
public struct Capabilities: Sendable {
    /// Answers JSON-RPC batches.
    public var batches: Bool
    /// Takes the pinned block by hash (EIP-1898).
    public var pinsByHash: Bool
    /// Runs code placed by state override.
    public var overridesState: Bool
    /// Gas that one `eth_call` may ask for; nil where the endpoint decides.
    public var callGas: Int?
    /// The multicall contract that may be used, nil for none.
    public var multicall: Address?
    /// `block.number` inside the EVM is the block's own height: not so on Arbitrum, where it is the parent chain's.
    public var evmNumberIsHeight: Bool
    /// The endpoint's own name for its client; empty where it does not say.
    public var client: String
    /// What was noticed and should be said aloud.
    public var notices: [String]

    /// The best path that these capabilities allow.
    public var bestPath: ReadPath {
        if overridesState { return .stateOverride }
        if multicall != nil { return .multicall3 }
        return batches ? .batch : .single
    }

    /// Whether `path` can be used.
    public func allows(_ path: ReadPath) -> Bool {
        switch path {
        case .stateOverride: overridesState
        case .multicall3: multicall != nil
        case .batch: batches
        case .single: true
        }
    }
}
