import GRDB

/// The tables. Heights are whole numbers, hashes and addresses blobs, accounts a pair of address and the protocol's own
/// key, which is empty where the address is the key.
enum IndexSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE market (
                        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
                        -- what the rows mean; how many borrowers there are and the sum of their hashes
                        fingerprint BLOB, count INTEGER NOT NULL, digest BLOB NOT NULL);
                    -- the end of each page of logs that was read and checked; the highest is the cursor
                    CREATE TABLE checkpoint (
                        market INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
                        first INTEGER NOT NULL, logs INTEGER NOT NULL,
                        PRIMARY KEY (market, number)) WITHOUT ROWID;
                    CREATE TABLE borrower (
                        market INTEGER NOT NULL, address BLOB NOT NULL, accountId TEXT NOT NULL,
                        block INTEGER NOT NULL,
                        PRIMARY KEY (market, address, accountId)) WITHOUT ROWID;
                    -- what holds at the cursor, and the block it was read at
                    CREATE TABLE row (
                        market INTEGER NOT NULL, address BLOB NOT NULL, accountId TEXT NOT NULL,
                        at INTEGER NOT NULL, bytes BLOB NOT NULL, sum INTEGER NOT NULL,
                        PRIMARY KEY (market, address, accountId)) WITHOUT ROWID;
                    -- rows that no longer held after block `number`
                    CREATE TABLE undo (
                        id INTEGER PRIMARY KEY, market INTEGER NOT NULL, number INTEGER NOT NULL,
                        address BLOB NOT NULL, accountId TEXT NOT NULL,
                        at INTEGER NOT NULL, bytes BLOB NOT NULL, sum INTEGER NOT NULL);
                    CREATE INDEX undoByNumber ON undo (market, number);
                    -- what the contract answered about all accounts at one block
                    CREATE TABLE answers (
                        market INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL, sum INTEGER NOT NULL);
                    CREATE TABLE parameters (
                        market INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY (market, number)) WITHOUT ROWID;
                    CREATE TABLE endpoint (key BLOB PRIMARY KEY, limits TEXT NOT NULL) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { database in
            try database.execute(
                sql: """
                    -- what was forecast of a position at a block, and what was seen of it
                    CREATE TABLE forecast (
                        id BLOB NOT NULL, time INTEGER NOT NULL, block INTEGER NOT NULL, stream TEXT NOT NULL,
                        stake INTEGER NOT NULL, liquidatable INTEGER NOT NULL, health REAL NOT NULL,
                        hour REAL NOT NULL, day REAL NOT NULL, week REAL NOT NULL,
                        PRIMARY KEY (id, time)) WITHOUT ROWID;
                    CREATE INDEX forecastByTime ON forecast (time);
                    -- prices that volatility is measured from
                    CREATE TABLE price (
                        name TEXT NOT NULL, time INTEGER NOT NULL, price REAL NOT NULL, source TEXT NOT NULL,
                        PRIMARY KEY (name, time)) WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}
