public import Chain
public import Ethereum

/// Why a market cannot be opened or read.
public enum LendingError: Error, Sendable {
    /// The chain could not be read.
    case chain(ChainError)
    /// What is remembered of the market cannot be used.
    case ledger(LedgerError)
    /// The network file does not name a contract that the protocol needs.
    case missingContract(market: String, role: String)
    /// No protocol of this name is known.
    case unknownProtocol(market: String, protocol: String, known: [String])
    /// A contract of the market has no code at the pinned block.
    case noCode(market: String, role: String, Address)
    /// A value on which the whole market depends could not be read.
    case unreadable(market: String, what: String, at: Address, Reason)
    /// The market follows rules that this version does not know; what was read, and what would have been understood.
    case unknownRules(market: String, at: Address, read: String, expected: String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LendingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .chain(let error): "\(error)"
        case .ledger(let error): "\(error)"
        case .missingContract(let market, let role):
            "market \"\(market)\" names no contract \"\(role)\"; add it to the network file"
        case .unknownProtocol(let market, let name, let known):
            "market \"\(market)\" names the protocol \"\(name)\"; known are \(known.joined(separator: ", "))"
        case .noCode(let market, let role, let address):
            "market \"\(market)\": \(role) \(address) has no code at the pinned block; check the address and the chain"
        case .unreadable(let market, let what, let address, let reason):
            "market \"\(market)\": \(what) of \(address) cannot be read: \(reason)"
        case .unknownRules(let market, let address, let read, let expected):
            "market \"\(market)\": the contract \(address) follows rules that are not known here; read \(read), expected \(expected)"
        }
    }
}
