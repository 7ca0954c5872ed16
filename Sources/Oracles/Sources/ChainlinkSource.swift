import Chain
import Ethereum
import Networks

/// Chainlink's proxies, and what answers in their shape: RedStone's push feeds, market feeds of development chains.
///
/// The proxy says which aggregator stands behind it, and the aggregator between which answers it can report at all.
/// Source: smartcontractkit/libocr `OCR2Aggregator.sol@0a5e2f9`, chainlink `EACAggregatorProxy.sol`.
struct ChainlinkSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let feed: Address
    let feeds: FeedFacts

    init(_ source: PriceSourceConfiguration, feed: Address, feeds: FeedFacts) {
        self.source = source
        self.feed = feed
        self.feeds = feeds
    }

    var calls: [Call] {
        [
            Call(feed, "latestRoundData()"), Call(feed, "decimals()"), Call(feed, "description()"),
            Call(feed, "aggregator()"), Call(feed, "latestAnswer()"), Call(feed, "latestTimestamp()"),
        ]
    }

    func further(_ answers: [Reading<[UInt8]>]) -> [Call] {
        guard let aggregator = answers[3].contract() else { return [] }
        return [Call(aggregator, "minAnswer()"), Call(aggregator, "maxAnswer()")]
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .push)
        let decimals = answers[1].number(below: 78)
        reading.roots = [
            RootNames.feed(
                feed, provider: source.kind, description: answers[2].text, aggregator: answers[3].contract())
        ]
        if let facts = feeds.facts(of: feed) {
            reading.heartbeat = reading.heartbeat ?? facts.heartbeat
            reading.deviationBps = reading.deviationBps ?? facts.deviationBps
        }
        let round = ChainlinkRound(answers[0])
        if let round, round.updatedAt != 0 {
            reading.price = answers[0].positive(1).price(decimals: decimals)
            reading.updatedAt = round.updatedAt
            reading.round = round.id
        } else if round != nil {
            reading.price = .unknown(.malformed("the feed has no round"))
        } else {
            // Older feeds and adapters have no rounds.
            reading.price = answers[4].positive().price(decimals: decimals)
            reading.updatedAt = answers[5].word().value?.asUInt64().flatMap { $0 == 0 ? nil : $0 }
        }
        if let updated = reading.updatedAt, updated > block.timestamp {
            reading.price = .unknown(.malformed("it was updated at \(updated), after the pinned block"))
            reading.updatedAt = nil
        }
        if further.count == 2, let decimals {
            reading.bounds = ChainlinkRound.bounds(further[0], further[1], decimals: decimals)
        }
        return reading
    }
}

/// What `latestRoundData()` answers.
struct ChainlinkRound {
    var id: UInt256
    var startedAt: UInt64
    var updatedAt: UInt64

    /// `nil` where the answer is not five words, or a time is none.
    init?(_ answer: Reading<[UInt8]>) {
        guard let id = answer.word(0).value, answer.word(4).value != nil,
            let started = answer.word(2).value?.asUInt64(), let updated = answer.word(3).value?.asUInt64()
        else { return nil }
        self.id = id
        startedAt = started
        updatedAt = updated
    }

    /// The bounds that hold an answer back; `nil` where the aggregator has none that could.
    static func bounds(
        _ low: Reading<[UInt8]>, _ high: Reading<[UInt8]>, decimals: Int
    ) -> ClosedRange<ExactPrice>? {
        guard let low = low.word().value, let high = high.word().value, !Int256(bits: low).isNegative,
            let least = ExactPrice.checked(low.isZero ? .one : low, decimals: decimals)
        else { return nil }
        // Newer aggregators allow 2^176 and more: as good as no bound.
        let most = ExactPrice.checked(high, decimals: decimals) ?? .highest
        guard least <= most else { return nil }
        return least...most
    }
}
