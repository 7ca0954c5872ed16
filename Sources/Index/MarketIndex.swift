import Ethereum
import Foundation
import GRDB
public import Lending

/// The part of an index that belongs to one market.
public struct MarketIndex: MarketLedger {
    let index: Index
    let market: Int64
    /// Checkpoints that are kept; what is older can only be left by beginning anew.
    static let mostCheckpoints = 8_192

    /// Finds the market's part, or begins one. Another first block or another contract is another market.
    public init(of market: any LendingMarket, in index: Index) throws(LedgerError) {
        self.index = index
        let entry = market.contracts.first.map { "\($0.address)" } ?? "-"
        let key = "\(market.id.stream)/\(market.id.market ?? "-")/\(entry)/\(market.events.from)"
        self.market = try index.write { database in
            try database.execute(
                sql: "INSERT INTO market (key, count, digest) VALUES (?, 0, ?) ON CONFLICT DO NOTHING",
                arguments: [key, Hash32(word: .zero).blob])
            guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM market WHERE key = ?", arguments: [key])
            else { throw Index.Damage(what: "a market that was just added is not there") }
            return id
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func checkpoints() throws(LedgerError) -> [Checkpoint] {
        try index.read { database in
            try Row.fetchAll(
                database, sql: "SELECT number, hash FROM checkpoint WHERE market = ? ORDER BY number DESC",
                arguments: [market]
            ).map { row in
                guard let hash = Hash32(blob: row["hash"]) else { throw Index.Damage(what: "a hash is not 32 bytes") }
                return Checkpoint(number: UInt64(bitPattern: row["number"]), hash: hash)
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func commit(_ page: LedgerPage) throws(LedgerError) {
        try index.write { database in
            let cursor = try cursor(database)
            guard cursor.map({ $0 &+ 1 == page.from }) ?? true else {
                throw Index.Damage(what: "a page from block \(page.from) does not follow the cursor")
            }
            try add(page.touches.borrowers, database)
            try touch(page.touches.touched, at: page.end.number, database)
            try database.execute(
                sql: "INSERT INTO checkpoint (market, number, hash, first, logs) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    market, Int64(bitPattern: page.end.number), page.end.hash.blob, Int64(bitPattern: page.from),
                    page.logs,
                ])
            try prune(database)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func repair(_ borrowers: [(account: Account, block: UInt64)]) throws(LedgerError) {
        try index.write { database in try add(borrowers, database) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func rollBack(to checkpoint: Checkpoint?) throws(LedgerError) {
        try index.write { database in
            let number = checkpoint.map { Int64(bitPattern: $0.number) } ?? -1
            try database.execute(
                sql: "DELETE FROM checkpoint WHERE market = ? AND number > ?", arguments: [market, number])
            try database.execute(
                sql: "DELETE FROM borrower WHERE market = ? AND block > ?", arguments: [market, number])
            try database.execute(sql: "DELETE FROM row WHERE market = ? AND at > ?", arguments: [market, number])
            try database.execute(
                sql: """
                    INSERT INTO row (market, address, accountId, at, bytes, sum)
                    SELECT market, address, accountId, at, bytes, sum FROM undo
                    WHERE market = ? AND number > ? AND at <= ?
                    """, arguments: [market, number, number])
            try database.execute(sql: "DELETE FROM undo WHERE market = ? AND number > ?", arguments: [market, number])
            try database.execute(
                sql: "DELETE FROM parameters WHERE market = ? AND number > ?", arguments: [market, number])
            try database.execute(sql: "DELETE FROM answers WHERE market = ?", arguments: [market])
            try recount(database)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func borrowers(upTo number: UInt64) throws(LedgerError) -> [Account] {
        try index.read { database in
            var digest = BorrowerDigest()
            var accounts: [Account] = []
            let rows = try Row.fetchCursor(
                database, sql: "SELECT address, accountId, block FROM borrower WHERE market = ?", arguments: [market])
            while let row = try rows.next() {
                let account = try Account(row)
                let block: Int64 = row["block"]
                digest.add(account, block)
                if UInt64(bitPattern: block) <= number { accounts.append(account) }
            }
            // A flipped bit in an address would lose a borrower without a word.
            guard try digest == storedDigest(database) else {
                throw Index.Damage(what: "the borrowers of a market are not those that were stored")
            }
            return accounts.sorted()
        }
    }
}

extension MarketIndex {
    private func cursor(_ database: Database) throws -> UInt64? {
        try Int64.fetchOne(
            database, sql: "SELECT max(number) FROM checkpoint WHERE market = ?", arguments: [market]
        ).map { UInt64(bitPattern: $0) }
    }

    /// Adds borrowers; the first block that names an account counts.
    private func add(_ borrowers: [(account: Account, block: UInt64)], _ database: Database) throws {
        guard !borrowers.isEmpty else { return }
        var digest = try storedDigest(database)
        let statement = try database.cachedStatement(
            sql: "INSERT INTO borrower VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        for (account, block) in borrowers {
            try statement.execute(
                arguments: [market, account.blob, account.accountId ?? "", Int64(bitPattern: block)])
            if database.changesCount > 0 { digest.add(account, Int64(bitPattern: block)) }
        }
        try store(digest, database)
    }

    /// Moves the rows of accounts that changed into the undo log.
    private func touch(_ accounts: [Account], at number: UInt64, _ database: Database) throws {
        let save = try database.cachedStatement(
            sql: """
                INSERT INTO undo (market, number, address, accountId, at, bytes, sum)
                SELECT market, ?, address, accountId, at, bytes, sum FROM row
                WHERE market = ? AND address = ? AND accountId = ?
                """)
        let drop = try database.cachedStatement(
            sql: "DELETE FROM row WHERE market = ? AND address = ? AND accountId = ?")
        for account in Set(accounts) {
            try save.execute(
                arguments: [Int64(bitPattern: number), market, account.blob, account.accountId ?? ""])
            guard database.changesCount > 0 else { continue }
            try drop.execute(arguments: [market, account.blob, account.accountId ?? ""])
        }
    }

    private func prune(_ database: Database) throws {
        let oldest = try Int64.fetchOne(
            database, sql: "SELECT number FROM checkpoint WHERE market = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
            arguments: [market, Self.mostCheckpoints])
        guard let oldest else { return }
        try database.execute(
            sql: "DELETE FROM checkpoint WHERE market = ? AND number <= ?", arguments: [market, oldest])
        try database.execute(sql: "DELETE FROM undo WHERE market = ? AND number <= ?", arguments: [market, oldest])
    }

    private func storedDigest(_ database: Database) throws -> BorrowerDigest {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT count, digest FROM market WHERE id = ?", arguments: [market]),
            let sum = Hash32(blob: row["digest"])
        else { throw Index.Damage(what: "a market is not there") }
        return BorrowerDigest(count: row["count"], sum: sum.word)
    }

    private func store(_ digest: BorrowerDigest, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE market SET count = ?, digest = ? WHERE id = ?",
            arguments: [digest.count, Hash32(word: digest.sum).blob, market])
    }

    private func recount(_ database: Database) throws {
        var digest = BorrowerDigest()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT address, accountId, block FROM borrower WHERE market = ?", arguments: [market])
        while let row = try rows.next() { digest.add(try Account(row), row["block"]) }
        try store(digest, database)
    }
}

/// How many borrowers there are and the sum of their hashes modulo 2^256, in whatever order they came.
struct BorrowerDigest: Equatable {
    var count: Int64 = 0
    var sum = UInt256.zero

    mutating func add(_ account: Account, _ block: Int64) {
        count += 1
        let text = account.address.word.bigEndianBytes + Array("\(account.accountId ?? "")/\(block)".utf8)
        sum = sum &+ Keccak256.hash(text).word
    }
}

extension Account {
    /// The address as a column's value.
    var blob: Data { Data(address.word.bigEndianBytes.suffix(20)) }

    init(_ row: Row) throws {
        let blob: Data = row["address"]
        let key: String = row["accountId"]
        guard blob.count == 20, let word = UInt256(bigEndian: [UInt8](repeating: 0, count: 12) + blob),
            let address = Address(checkedWord: word)
        else { throw Index.Damage(what: "an address is not 20 bytes") }
        self.init(address, accountId: key.isEmpty ? nil : key)
    }
}
