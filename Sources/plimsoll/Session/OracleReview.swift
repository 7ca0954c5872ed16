import Chain
import Ethereum
import JSON
import Lending
import Networks
import Oracles

/// What independent sources say about the prices of every market of a run.
struct OracleReview {
    /// One market's part.
    struct Market {
        let id: MarketID
        let assessments: [AssetAssessment]
        let judge: PositionJudge
        /// What was read, with what moving this market's prices costs.
        let book: OracleBook

        /// A record of each price.
        var records: [JSONValue] {
            assessments.map { .object(JSONObject(OracleRecord.members(id, $0, book))) }
        }
    }

    let book: OracleBook
    let markets: [Market]

    /// Reads the sources that the network file names; `nil` where it names none, which costs nothing.
    static func read(
        _ markets: [any LendingMarket], _ positions: [[Position]], of session: RPCSession, on snapshot: Snapshot,
        rounds: Int, asksVenues: Bool
    ) async throws(ChainError) -> OracleReview? {
        guard !session.network.priceSources.isEmpty else { return nil }
        // A scan looks once: nothing waits to be confirmed by a later look.
        var monitor = OracleMonitor(thresholds: session.thresholds, looksAgain: false)
        return try await read(
            zip(markets, positions).map { ($0, $0.pricedAssets(of: $1), $1) }, of: session, on: snapshot,
            rounds: rounds,
            asksVenues: asksVenues, by: &monitor)
    }

    /// Reads the sources of these assets, and what stands behind the markets' own prices.
    static func read(
        _ markets: [(market: any LendingMarket, assets: [PricedAsset], positions: [Position])],
        of session: RPCSession,
        on snapshot: Snapshot, rounds: Int, asksVenues: Bool, reports: UInt64? = nil, by monitor: inout OracleMonitor
    ) async throws(ChainError) -> OracleReview {
        let options = OracleSurvey.Options(rounds: rounds, venues: asksVenues ? session.venues : nil)
        let survey = OracleSurvey(of: session.network, on: snapshot, options: options)
        var book = try await survey.read(markets.flatMap(\.assets))
        if let reports { book.reports = try await NodeReports.read(of: book, back: reports, on: snapshot) }
        var judged: [Market] = []
        for (market, assets, positions) in markets {
            // One asset may have another price, from another pool, in another market.
            survey.setCosts(of: market, assets, positions, in: &book)
            let assessments = monitor.assess(book, assets)
            judged.append(
                Market(
                    id: market.id, assessments: assessments, judge: PositionJudge(market, assessments, in: book),
                    book: book))
        }
        return OracleReview(book: book, markets: judged)
    }

    /// What is to be said of a position of the market at `index`.
    func findings(for position: Position, in index: Int) -> OracleFindings {
        markets[index].judge.findings(for: position)
    }

    /// A record of each price of each market.
    var records: [JSONValue] { markets.flatMap(\.records) }

    /// The same, with how many positions fall once a price that is pending has arrived.
    ///
    /// - Parameter positions: those of each market, with their findings.
    func records(_ positions: [[Position]]) -> [JSONValue] {
        zip(markets, positions).flatMap { market, positions in
            var falls: [Address: Int] = [:]
            for position in positions where position.liquidatable == false {
                guard let oracle = position.oracle, oracle.liquidatableAtPending == true else { continue }
                for asset in Set(oracle.pending.map(\.asset)) { falls[asset, default: 0] += 1 }
            }
            return zip(market.assessments, market.records).map { assessment, record in
                guard assessment.pending != nil, var members = record.object else { return record }
                members["liquidatableAtPending"] = .integer(falls[assessment.asset.asset] ?? 0)
                return .object(members)
            }
        }
    }

    /// Prices that somebody should look at, a line each.
    var complaints: [String] {
        markets.flatMap { market in
            market.assessments.filter { $0.verdict >= .suspect }.map { assessment in
                "\(market.id.deployment): the price of \(assessment.asset.symbol ?? assessment.asset.asset.checksummed) "
                    + "is \(assessment.verdict == .reject ? "not to be trusted" : "suspect"): "
                    + assessment.reasons.joined(separator: "; ")
            }
        }
    }

    /// How many prices have which verdict, and how many sources answered: part of the `head` record.
    var summary: JSONValue {
        let verdicts = markets.flatMap { $0.assessments.map(\.verdict) }
        let sources = book.references.values.flatMap { $0 }
        return [
            "assets": .object(
                JSONObject(
                    OracleFindings.Verdict.allCases.map { verdict in
                        (verdict.rawValue, .integer(verdicts.count { $0 == verdict }))
                    })),
            "sources": .integer(sources.count),
            "sourcesUnknown": .integer(sources.count { $0.dollars.value == nil }),
        ]
    }
}

extension ScanPass {
    /// Compares the markets' prices with the sources that the network file names, and says so in every position.
    func reviewPrices(
        _ outcome: inout ScanOutcome, _ opened: [any LendingMarket], _ snapshot: Snapshot
    ) async throws {
        let review = try await OracleReview.read(
            opened, outcome.markets.map(\.reading.positions), of: session, on: snapshot, rounds: 3,
            asksVenues: asksVenues)
        guard let review else { return }
        for index in outcome.markets.indices {
            for place in outcome.markets[index].reading.positions.indices {
                outcome.markets[index].reading.positions[place].oracle = review.findings(
                    for: outcome.markets[index].reading.positions[place], in: index)
            }
        }
        outcome.oracles = review
    }
}
