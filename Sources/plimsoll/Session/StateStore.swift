import Ethereum
import Index
import JSON
import Lending

/// What a command remembers between runs: nothing, or an index in a folder that is its alone while it runs.
final class StateStore {
    private let directory: StateDirectory?
    private let chainId: UInt64
    private var index: Index?
    /// What happened to the index, for the user.
    private(set) var notices: [String] = []

    /// Remembers nothing.
    init() {
        directory = nil
        chainId = 0
    }

    /// Takes the folder, where there is one.
    init(_ path: String?, chainId: UInt64) throws(LedgerError) {
        self.chainId = chainId
        directory = try path.map { path throws(LedgerError) in try StateDirectory(path) }
        try open()
    }

    private func open() throws(LedgerError) {
        guard let directory else { return }
        let index = try Index(in: directory, chainId: chainId)
        if let repaired = index.repaired { notices.append(repaired) }
        self.index = index
    }

    /// The part of the index that belongs to a market; `nil` where nothing is remembered.
    func ledger(of market: any LendingMarket) throws(LedgerError) -> (any MarketLedger)? {
        guard let index else { return nil }
        return try MarketIndex(of: market, in: index)
    }

    /// What an endpoint was learned to take; nil where nothing is remembered, or it cannot be read.
    func limits(of key: Hash32) -> JSONValue? {
        do throws(LedgerError) {
            return try index?.limits(of: key)
        } catch {
            return nil
        }
    }

    /// Keeps what endpoints were learned to take. What cannot be kept is learned again.
    func keep(_ limits: [Hash32: JSONValue]) {
        for (key, json) in limits {
            do throws(LedgerError) {
                try index?.keep(limits: json, of: key)
            } catch {
                notices.append("what was learned about an endpoint is not kept: \(error)")
            }
        }
    }

    /// The index, where something is remembered.
    var remembered: Index? { index }

    /// Says that something could not be kept; what can be estimated again does not end a command.
    func note(_ notice: String) { notices.append(notice) }

    /// Begins anew after an index turned out to be damaged.
    func rebuild(after error: LedgerError) throws(LedgerError) {
        index = nil
        notices.append(try Index.discard(error))
        try open()
    }
}

extension ChainOptions {
    /// Where the index is kept: `--state`, else `PLIMSOLL_STATE`; `nil` for nowhere.
    func stateDirectory(_ environment: [String: String]) -> String? {
        if noState || replay != nil { return nil }
        if let state { return state }
        guard let path = environment["PLIMSOLL_STATE"], !path.isEmpty else { return nil }
        return path
    }
}

extension LedgerError: ExitStatusProviding {
    var exitStatus: ProgramStatus { .cannotWrite }
}
