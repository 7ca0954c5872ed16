public import Chain
public import Ethereum

/// A block up to which the logs of a market were read and checked.
public struct Checkpoint: Hashable, Sendable {
    /// Its height.
    public let number: UInt64
    /// Its hash: another hash at this height means that the chain was reorganised.
    public let hash: Hash32

    /// Names a block.
    public init(number: UInt64, hash: Hash32) {
        self.number = number
        self.hash = hash
    }

    /// Names a block.
    public init(_ block: Block) {
        self.init(number: block.number, hash: block.hash)
    }
}

/// What a range of logs that was read and checked adds to a ledger.
public struct LedgerPage: Sendable {
    /// The first block.
    public var from: UInt64
    /// The last block.
    public var end: Checkpoint
    /// How many logs it held.
    public var logs: Int
    /// Whom they are about.
    public var touches: AccountTouches

    /// Describes a page.
    public init(from: UInt64, end: Checkpoint, logs: Int, touches: AccountTouches) {
        self.from = from
        self.end = end
        self.logs = logs
        self.touches = touches
    }
}

/// What is remembered of one market from one run to the next.
///
/// Every change is atomic: a process that dies leaves the state before it or the state after it. The last checkpoint
/// is the cursor; it only moves over pages that were read and checked.
public protocol MarketLedger: Sendable {
    /// The blocks that the ledger can go back to, the newest first.
    func checkpoints() throws(LedgerError) -> [Checkpoint]
    /// Forgets everything that was learned after `checkpoint`; after nothing at all where it is `nil`.
    func rollBack(to checkpoint: Checkpoint?) throws(LedgerError)
    /// Adds a page that begins right after the cursor, and moves the cursor to its end.
    func commit(_ page: LedgerPage) throws(LedgerError)
    /// Adds accounts that a second reading of old pages found, with the blocks they were found in.
    func repair(_ borrowers: [(account: Account, block: UInt64)]) throws(LedgerError)
    /// Every account that may have debt since a block up to `number`, in ascending order.
    func borrowers(upTo number: UInt64) throws(LedgerError) -> [Account]
    /// What holds at the cursor, as far as it was read under `fingerprint`; the answers where they are `block`'s.
    func rows(fingerprint: Hash32, answeredAt block: Checkpoint) throws(LedgerError) -> AccountRows
    /// Keeps what was read at `block`, which has to be the cursor. Rows of another fingerprint are dropped.
    func keep(_ rows: AccountRows, fingerprint: Hash32, at block: Checkpoint) throws(LedgerError)
    /// Drops all rows: what is not known to hold does not hold.
    func voidRows() throws(LedgerError)
}

/// Why the index cannot be used.
public enum LedgerError: Error, Sendable {
    /// Another process works on it.
    case inUse(directory: String)
    /// It cannot be read or written; what the system says.
    case unusable(path: String, what: String)
    /// Its content contradicts itself: it was set aside, or has to be.
    case damaged(path: String, what: String)
}

extension LedgerError: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .inUse(let directory):
            "the state in \(directory) is in use by another process; wait for it, or give this one its own --state"
        case .unusable(let path, let what): "the index \(path) cannot be used: \(what)"
        case .damaged(let path, let what): "the index \(path) is damaged: \(what)"
        }
    }
}
