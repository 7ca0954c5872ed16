public import Ethereum
import Foundation
import GRDB
public import JSON
public import Lending

/// What is remembered of one chain: borrowers, cursors, rows, parameters, and what endpoints were learned to take.
///
/// One file with a write-ahead log: a process that dies leaves either the state before a change or the one after it.
public final class Index: Sendable {
    /// What was found damaged and set aside when it was opened; `nil` where nothing was.
    public let repaired: String?
    let path: String
    let queue: DatabaseQueue
    private let directory: StateDirectory

    /// Opens the index of a chain in `directory`, or begins one. A damaged file is set aside, not deleted.
    public init(in directory: StateDirectory, chainId: UInt64) throws(LedgerError) {
        self.directory = directory
        path = "\(directory.path)/chain-\(chainId).sqlite"
        do throws(LedgerError) {
            queue = try Self.open(path)
            repaired = nil
        } catch {
            guard case .damaged(_, let what) = error else { throw error }
            let aside = try Self.setAside(path)
            queue = try Self.open(path)
            repaired = "the index \(path) is damaged (\(what)); it was set aside as \(aside), and is built anew"
        }
    }

    /// Sets a file aside that turned out to be damaged while it was used; what uses it has to be opened anew.
    ///
    /// - Returns: what to tell the user.
    public static func discard(_ error: LedgerError) throws(LedgerError) -> String {
        guard case .damaged(let path, let what) = error else { throw error }
        return "the index \(path) is damaged (\(what)); it was set aside as \(try setAside(path)), and is built anew"
    }

    private static func open(_ path: String) throws(LedgerError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // With a write-ahead log this survives every death of the process, and of the machine all but the last
            // changes.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return try mapped(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { database in
                let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                guard verdict == "ok" else { throw Damage(what: verdict ?? "no verdict") }
            }
            try IndexSchema.migrator.migrate(queue)
            return queue
        }
    }

    private static func setAside(_ path: String) throws(LedgerError) -> String {
        let files = FileManager.default
        var number = 1
        while files.fileExists(atPath: "\(path).damaged-\(number)"), number < 1_000 { number += 1 }
        let aside = "\(path).damaged-\(number)"
        do {
            try files.moveItem(atPath: path, toPath: aside)
        } catch {
            throw .unusable(path: path, what: "it is damaged and cannot be moved out of the way")
        }
        for suffix in ["-wal", "-shm"] where files.fileExists(atPath: path + suffix) {
            do {
                try files.moveItem(atPath: path + suffix, toPath: aside + suffix)
            } catch {
                throw .unusable(path: path + suffix, what: "it belongs to a damaged file and cannot be moved away")
            }
        }
        return aside
    }

    /// Content that contradicts itself.
    struct Damage: Error {
        let what: String
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        try Self.mapped(path) { try queue.inTransactionReturning(body) }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        try Self.mapped(path) { try queue.inDatabase(body) }
    }

    private static func mapped<Value>(_ path: String, _ body: () throws -> Value) throws(LedgerError) -> Value {
        do {
            return try body()
        } catch let error as Damage {
            throw .damaged(path: path, what: error.what)
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                throw .damaged(path: path, what: error.message ?? "\(error.resultCode)")
            // A table or a column that this version knows is not there.
            case .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT:
                throw .damaged(path: path, what: error.message ?? "\(error.resultCode)")
            default: throw .unusable(path: path, what: error.message ?? "\(error.resultCode)")
            }
        } catch {
            throw .unusable(path: path, what: "\(error)")
        }
    }
}

extension DatabaseQueue {
    /// Runs `body` in a transaction that is committed when it returns and rolled back when it throws.
    fileprivate func inTransactionReturning<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try inTransaction(.immediate) { database in
            value = try body(database)
            return .commit
        }
        guard let value else { throw Index.Damage(what: "a transaction ended without a result") }
        return value
    }
}

extension Index {
    /// Every borrower with the block of the first event, by the key of its market: the content that matters, for
    /// comparison.
    public func borrowers() throws(LedgerError) -> [String: [Account: UInt64]] {
        try read { database in
            var found: [String: [Account: UInt64]] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT key, address, accountId, block FROM borrower JOIN market ON market.id = borrower.market")
            while let row = try rows.next() {
                let block: Int64 = row["block"]
                found[row["key"], default: [:]][try Account(row)] = UInt64(bitPattern: block)
            }
            return found
        }
    }

    /// What an endpoint was learned to take. `key` names it without its credentials being kept: a hash.
    public func limits(of key: Hash32) throws(LedgerError) -> JSONValue? {
        let text = try read { database in
            try String.fetchOne(
                database, sql: "SELECT limits FROM endpoint WHERE key = ?", arguments: [key.blob])
        }
        guard let text else { return nil }
        do {
            return try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw .damaged(path: path, what: "the limits of an endpoint are not JSON")
        }
    }

    /// Keeps what an endpoint was learned to take.
    public func keep(limits: JSONValue, of key: Hash32) throws(LedgerError) {
        let text = String(decoding: limits.serialized(), as: UTF8.self)
        try write { database in
            try database.execute(
                sql: "INSERT INTO endpoint VALUES (?, ?) ON CONFLICT DO UPDATE SET limits = excluded.limits",
                arguments: [key.blob, text])
        }
    }
}

extension Hash32 {
    /// The 32 bytes as a column's value.
    var blob: Data { Data(word.bigEndianBytes) }

    init?(blob: Data) {
        guard blob.count == 32, let word = UInt256(bigEndian: Array(blob)) else { return nil }
        self.init(word: word)
    }
}
