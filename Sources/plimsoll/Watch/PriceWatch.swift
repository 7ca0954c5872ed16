import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Logging
import Oracles
import Server
import Synchronization

/// Asks independent sources of prices beside the blocks: they are slower than heads, and no head waits for them.
final class PriceWatch: Sendable {
    /// One block, with the markets as they are there and the positions near their line.
    struct Look: Sendable {
        var snapshot: Snapshot
        var markets: [(market: any LendingMarket, positions: [Position])]

        init(_ seen: [FollowedBlock], at snapshot: Snapshot) {
            self.snapshot = snapshot
            markets = seen.map { ($0.market, $0.near) }
        }

        /// The prices themselves: where one moved, its sources are asked at once.
        fileprivate var prices: [UInt256?] {
            markets.flatMap { $0.market.pricedAssets(of: $0.positions).map(\.priceRaw) }
        }
    }

    /// Holds the newest look until it is taken.
    private final class Shelf: Sendable {
        private let look = Mutex<Look?>(nil)

        func put(_ look: Look) { self.look.withLock { $0 = look } }

        func take() -> Look? {
            look.withLock { look in
                defer { look = nil }
                return look
            }
        }
    }

    private let shelf = Shelf()
    private let signal: AsyncStream<Void>.Continuation
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - asksVenues: whether venues outside the chain are asked too; they are asked less often.
    ///   - board: where the newest records are kept for whoever asks.
    init(_ session: RPCSession, _ desk: FeedDesk, _ board: PriceBoard, asksVenues: Bool, log: Logger) {
        let (stream, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.signal = signal
        task = Task { [shelf] in
            var monitor = OracleMonitor(thresholds: session.thresholds, looksAgain: true)
            var last: (time: ContinuousClock.Instant, prices: [UInt256?])?
            var complaint = ""
            for await _ in stream {
                guard var look = shelf.take() else { continue }
                if let last {
                    let rest = look.prices == last.prices ? (asksVenues ? 10.0 : 1.0) : asksVenues ? 1.0 : 0
                    let due = last.time + .seconds(rest)
                    if due > .now {
                        do { try await Task.sleep(until: due) } catch { return }
                        look = shelf.take() ?? look
                    }
                }
                last = (.now, look.prices)
                do {
                    let review = try await OracleReview.read(
                        look.markets.map { ($0.market, $0.market.pricedAssets(of: $0.positions), []) }, of: session,
                        on: look.snapshot, rounds: 3, asksVenues: asksVenues, by: &monitor)
                    let block = look.snapshot.block
                    board.take(
                        review.markets.map { market in
                            PriceBoard.Page(
                                stream: market.id.stream, block: block.number, timestamp: block.timestamp,
                                prices: market.records)
                        })
                    try desk.take(review.markets.map { WatchedPrices(review: $0, block: block) })
                    complaint = ""
                } catch {
                    // The next block asks again; the same words are not said twice.
                    if "\(error)" != complaint { log.warning("prices were not reviewed: \(error)") }
                    complaint = "\(error)"
                }
            }
        }
    }

    /// The newest block; one that was not looked at yet is passed over.
    func look(_ look: Look) {
        shelf.put(look)
        signal.yield()
    }

    /// Ends it; what is under way is given up.
    func end() {
        signal.finish()
        task.cancel()
    }
}
