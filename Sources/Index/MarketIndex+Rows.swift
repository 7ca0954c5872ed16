public import Ethereum
import Foundation
import GRDB
public import Lending

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MarketIndex {
    public func rows(fingerprint: Hash32, answeredAt block: Checkpoint) throws(LedgerError) -> AccountRows {
        try index.read { database in
            var known = AccountRows()
            let stored = try Data.fetchOne(
                database, sql: "SELECT fingerprint FROM market WHERE id = ?", arguments: [market])
            guard stored == fingerprint.blob else { return known }
            let rows = try Row.fetchCursor(
                database, sql: "SELECT address, accountId, bytes, sum FROM row WHERE market = ?", arguments: [market])
            while let row = try rows.next() {
                let account = try Account(row)
                let bytes = [UInt8](row["bytes"] as Data)
                // What is not as it was stored is read again.
                if Self.sum(bytes, account) == row["sum"] { known.rows[account] = bytes }
            }
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT hash, bytes, sum FROM answers WHERE market = ?", arguments: [market]),
                row["hash"] == block.hash.blob
            else { return known }
            let bytes = [UInt8](row["bytes"] as Data)
            if Self.sum(bytes, nil) == row["sum"] { known.answers = AnswerList.accounts(bytes) }
            return known
        }
    }

    public func keep(_ rows: AccountRows, fingerprint: Hash32, at block: Checkpoint) throws(LedgerError) {
        try index.write { database in
            let cursor = try Row.fetchOne(
                database, sql: "SELECT number, hash FROM checkpoint WHERE market = ? ORDER BY number DESC LIMIT 1",
                arguments: [market])
            // Rows hold at the cursor or not at all.
            guard let cursor, cursor["number"] == Int64(bitPattern: block.number), cursor["hash"] == block.hash.blob
            else { return }
            let stored = try Data.fetchOne(
                database, sql: "SELECT fingerprint FROM market WHERE id = ?", arguments: [market])
            if stored != fingerprint.blob {
                try drop(database)
                try database.execute(
                    sql: "UPDATE market SET fingerprint = ? WHERE id = ?", arguments: [fingerprint.blob, market])
            }
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?, ?, ?)")
            for (account, bytes) in rows.rows {
                try insert.execute(
                    arguments: [
                        market, account.blob, account.accountId ?? "", Int64(bitPattern: block.number), Data(bytes),
                        Self.sum(bytes, account),
                    ])
            }
            let answers = AnswerList.bytes(rows.answers)
            try database.execute(
                sql: "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)",
                arguments: [market, block.hash.blob, Data(answers), Self.sum(answers, nil)])
        }
    }

    public func voidRows() throws(LedgerError) {
        try index.write { database in try drop(database) }
    }

    private func drop(_ database: Database) throws {
        for table in ["row", "undo", "answers"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE market = ?", arguments: [market])
        }
    }

    /// Tells a row from one with flipped bits; no secret, no signature.
    private static func sum(_ bytes: [UInt8], _ account: Account?) -> Int64 {
        var text = bytes
        if let account { text += account.address.word.bigEndianBytes + Array((account.accountId ?? "").utf8) }
        return Int64(truncatingIfNeeded: Keccak256.hash(text).word.word0)
    }
}

/// Answers about many accounts in one blob: address, length and text of its key, length and bytes of the answer.
enum AnswerList {
    static func bytes(_ answers: [Account: [UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(answers.count * 215)
        for (account, answer) in answers {
            let key = Array((account.accountId ?? "").utf8.prefix(255))
            guard answer.count < 65_536 else { continue }
            bytes += account.address.word.bigEndianBytes.suffix(20)
            bytes.append(UInt8(key.count))
            bytes += key
            bytes.append(UInt8(answer.count >> 8))
            bytes.append(UInt8(answer.count & 255))
            bytes += answer
        }
        return bytes
    }

    /// The answers; what does not fit the form ends the list.
    static func accounts(_ bytes: [UInt8]) -> [Account: [UInt8]] {
        var answers: [Account: [UInt8]] = [:]
        var next = 0
        while bytes.count - next >= 23 {
            let address = UInt256(bigEndian: [UInt8](repeating: 0, count: 12) + bytes[next..<next + 20])
            let keyStart = next + 21
            let keyEnd = keyStart + Int(bytes[next + 20])
            guard keyEnd + 2 <= bytes.count, let address, let address = Address(checkedWord: address) else { break }
            let start = keyEnd + 2
            let end = start + Int(bytes[keyEnd]) << 8 + Int(bytes[keyEnd + 1])
            guard end <= bytes.count else { break }
            let key = String(decoding: bytes[keyStart..<keyEnd], as: UTF8.self)
            answers[Account(address, accountId: key.isEmpty ? nil : key)] = Array(bytes[start..<end])
            next = end
        }
        return answers
    }
}
