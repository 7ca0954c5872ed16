public import Chain
public import Ethereum

/// What the single nodes of networks reported in the last blocks: from the events of the aggregators behind prices.
///
/// Logs are no part of the pinned batch: they are asked for where somebody wants to see nodes, and not by a scan.
public enum NodeReports {
    /// Rounds of one aggregator that are kept.
    public static let rounds = 10
    /// Aggregators that are asked.
    private static let most = 200

    /// Reads the reports of the aggregators in `book`'s forest, up to `blocks` blocks back.
    ///
    /// - Returns: for each aggregator its newest reports, the newest first. A log that is no report is left out.
    /// - Throws: where logs of a range could not be read: fewer reports would look like agreement.
    public static func read(
        of book: OracleBook, back blocks: UInt64, on snapshot: Snapshot
    ) async throws(ChainError) -> [Address: [OCRTransmissionEvent]] {
        let aggregators = book.forest.nodes.values.filter { $0.kind == .aggregator }.map(\.address).sorted().prefix(
            most)
        guard !aggregators.isEmpty else { return [:] }
        let query = LogQuery(
            addresses: Array(aggregators), topics: [[OCRTransmissionEvent.topicOCR1, OCRTransmissionEvent.topicOCR2]])
        let last = snapshot.block.number
        var found: [Address: [OCRTransmissionEvent]] = [:]
        let outcome = await LogScanner(snapshot).scan(query, from: last - min(last, blocks)) { page in
            for log in page.logs {
                let topics = (0..<4).compactMap { log.topic($0) }
                do throws(SignedDataError) {
                    found[log.address, default: []].append(try OCRTransmissionEvent(topics: topics, data: log.data))
                } catch {
                    continue
                }
            }
        }
        if let gap = outcome.gaps.first {
            throw .logs(from: gap.from, to: gap.to, why: gap.why)
        }
        return found.mapValues { events in
            Array(events.sorted { $0.aggregatorRoundID > $1.aggregatorRoundID }.prefix(rounds))
        }
    }
}

extension ObservationExtras.Nodes {
    /// The newest report, with those before it. How many nodes may be wrong is a third of them, as the protocol has it
    /// (`n > 3f`); the configuration that states it is no part of the event.
    init?(_ events: [OCRTransmissionEvent]) {
        guard let newest = events.first else { return nil }
        func nodes(_ event: OCRTransmissionEvent) -> ObservationExtras.Nodes {
            let all = event.transmission.observations.filter { !$0.value.isNegative }
            return ObservationExtras.Nodes(
                answers: all.map(\.value.magnitude), indexes: all.map(\.observer), faulty: max(0, (all.count - 1) / 3))
        }
        self = nodes(newest)
        past = events.dropFirst().map { nodes($0) }
    }
}
