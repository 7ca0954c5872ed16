import Ethereum
import Foundation
import GRDB
public import Lending

extension Index {
    /// How long forecasts are kept, in seconds, and how many of them.
    static let forecastLife: UInt64 = 90 * 86_400
    static let mostForecasts = 1_000_000
    /// How many hours of a price are kept, and of how many prices.
    static let mostHours = 17_544
    static let mostPrices = 512
    /// A position less likely to be liquidated within a week is not followed, unless it was before.
    static let smallestFollowed = 1e-4

    /// Keeps what was forecast and seen at one block; the same block twice is kept once.
    public func keep(forecasts: [ForecastEntry]) throws(LedgerError) {
        guard let newest = forecasts.map(\.time).max() else { return }
        try write { database in
            let followed = Set(
                try Data.fetchAll(
                    database, sql: "SELECT DISTINCT id FROM forecast WHERE time > ?",
                    arguments: [Int64(clamping: newest) - 8 * 86_400]))
            let statement = try database.cachedStatement(
                sql: "INSERT INTO forecast VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            for entry in forecasts {
                guard entry.probabilities.count == 3,
                    entry.probabilities[2] >= Index.smallestFollowed || followed.contains(entry.id.blob)
                else { continue }
                try statement.execute(
                    arguments: [
                        entry.id.blob, Int64(clamping: entry.time), Int64(clamping: entry.block), entry.stream,
                        Int64(clamping: entry.stake), entry.liquidatable, entry.health, entry.probabilities[0],
                        entry.probabilities[1], entry.probabilities[2],
                    ])
            }
            try database.execute(
                sql: "DELETE FROM forecast WHERE time < ?",
                arguments: [Int64(clamping: newest) - Int64(Index.forecastLife)])
            try database.execute(
                sql: """
                    DELETE FROM forecast WHERE time <= ifnull(
                        (SELECT time FROM forecast ORDER BY time DESC LIMIT 1 OFFSET ?), -1)
                    """, arguments: [Index.mostForecasts])
        }
    }

    /// Every forecast that is kept, position by position in order of time.
    public func forecasts() throws(LedgerError) -> [ForecastEntry] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM forecast ORDER BY id, time").map { row in
                guard let id = Hash32(blob: row["id"]) else { throw Damage(what: "an id is not 32 bytes") }
                let (time, block, stake): (Int64, Int64, Int64) = (row["time"], row["block"], row["stake"])
                return ForecastEntry(
                    id: id, time: UInt64(clamping: time), block: UInt64(clamping: block), stream: row["stream"],
                    stake: UInt64(clamping: stake), liquidatable: row["liquidatable"], health: row["health"],
                    probabilities: [row["hour"], row["day"], row["week"]])
            }
        }
    }

    /// Keeps prices by name, with where they come from; of one second the last counts, and the newest two years stay.
    public func keep(prices: [(time: UInt64, price: Double)], of name: String, source: String) throws(LedgerError) {
        try write { database in
            let known = try String.fetchAll(database, sql: "SELECT DISTINCT name FROM price")
            guard known.contains(name) || known.count < Index.mostPrices else { return }
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO price VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET price = excluded.price, source = excluded.source
                    """)
            for point in prices.suffix(Index.mostHours) where point.price > 0 && point.price.isFinite {
                try statement.execute(arguments: [name, Int64(clamping: point.time), point.price, source])
            }
            try database.execute(
                sql: """
                    DELETE FROM price WHERE name = ? AND time <= ifnull(
                        (SELECT time FROM price WHERE name = ? ORDER BY time DESC LIMIT 1 OFFSET ?), -1)
                    """, arguments: [name, name, Index.mostHours])
        }
    }

    /// Every price that is kept, by name in order of time.
    public func prices() throws(LedgerError) -> [String: [(time: UInt64, price: Double, source: String)]] {
        try read { database in
            var all: [String: [(time: UInt64, price: Double, source: String)]] = [:]
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM price ORDER BY name, time")
            while let row = try rows.next() {
                let time: Int64 = row["time"]
                all[row["name"], default: []].append((UInt64(clamping: time), row["price"], row["source"]))
            }
            return all
        }
    }
}
