import Chain
import Ethereum
import JSON
import Lending
import Oracles

/// What was found about one price of one market, as a record: `type` is `oracle`.
enum OracleRecord {
    static func members(
        _ market: MarketID, _ assessment: AssetAssessment, _ book: OracleBook
    ) -> [(String, JSONValue)] {
        let block = book.block
        let members: [(String, JSONValue)] = [
            ("v", .integer(PositionRecord.version)), ("type", "oracle"), ("chainId", .integer(market.chainId)),
            ("network", .string(market.network)), ("protocol", .string(market.protocol)),
            ("deployment", .string(market.deployment)),
            (
                "block",
                [
                    "number": .integer(block.number), "hash": .string(block.hash.hex),
                    "timestamp": .integer(block.timestamp),
                ]
            ),
        ]
        return members + ((assessment.record(in: book).object?.members).map { Array($0) } ?? [])
    }
}
