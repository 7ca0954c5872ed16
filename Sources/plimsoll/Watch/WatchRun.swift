import Chain
import Dispatch
import Ethereum
import JSON
import JSONRPC
import Keeper
import Lending
import Logging
import Networks
import Protocols
import Server

/// Follows the markets of a network until it is told to stop.
struct WatchRun {
    let session: RPCSession
    let state: StateStore
    let folder: String
    let sockets: [Endpoint]
    let markets: [MarketConfiguration]
    /// How far above the line a position is watched, in basis points.
    let near: Int
    let mostBlocks: Int?
    /// Seconds between two signs of life.
    let heartbeat: Int
    /// Whoever listens.
    let consumers: [any FeedConsumer]
    /// Whether venues outside the chain are asked for prices too.
    let asksVenues: Bool
    /// Where what is found of prices is kept for whoever asks.
    let board: PriceBoard
    let log: Logger

    /// A market that is followed, with its stream.
    struct Followed {
        let configuration: MarketConfiguration
        let feed: Feed
        var follower: MarketFollower
    }

    func run() async throws {
        var (followed, snapshot) = try await begin()
        let feeds = followed.map(\.feed)
        for consumer in consumers { try await consumer.begin(feeds) }
        let stop = StopSignals { [consumers] in
            for feed in feeds {
                do { try feed.announce(.status, ["status": "stopped"]) } catch {}
                feed.close()
            }
            // From where nothing can be awaited, and not for ever.
            let done = DispatchSemaphore(value: 0)
            Task {
                for consumer in consumers { await consumer.finish(within: 2) }
                done.signal()
            }
            _ = done.wait(timeout: .now() + .seconds(3))
        }
        let pulse = beat(feeds)
        let desk = FeedDesk(feeds)
        // Without sources nothing is asked.
        let prices =
            session.network.priceSources.isEmpty
            ? nil : PriceWatch(session, desk, board, asksVenues: asksVenues, log: log)
        defer {
            prices?.end()
            pulse.cancel()
            stop.end()
        }
        do {
            try await follow(&followed, snapshot, desk, prices)
            try announce(.status, ["status": "stopped"], followed)
        } catch {
            // Whoever listens is told before the program ends.
            do { try announce(.status, ["status": "stopped", "reason": .string("\(error)")], followed) } catch {}
            for market in followed { market.feed.close() }
            await finish(within: 10)
            throw error
        }
        for market in followed { market.feed.close() }
        await finish(within: 10)
        if let failure { throw failure }
    }

    /// Why somebody cannot be told any more.
    private var failure: (any Error)? { consumers.lazy.compactMap(\.failure).first }

    private func finish(within seconds: Int) async {
        for consumer in consumers { await consumer.finish(within: seconds) }
    }

    /// Says that the scanner lives, whether blocks come or not.
    private func beat(_ feeds: [Feed]) -> Task<Void, Never> {
        Task { [heartbeat, log] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(heartbeat)) } catch { return }
                for feed in feeds {
                    do throws(FeedError) {
                        try feed.announce(.heartbeat, ["lastSeq": .integer(feed.current.seq)])
                    } catch {
                        log.error("\(error)")
                    }
                }
            }
        }
    }

    /// Scans every market, and opens its stream where it stood.
    private func begin() async throws -> ([Followed], Snapshot) {
        let outcome = try await scan()
        guard outcome.refused.isEmpty else {
            throw outcome.refused[0].error
        }
        for complaint in outcome.complaints { log.warning("\(complaint)") }
        var options = Feed.Options(clock: { unixMilliseconds() })
        options.scanner = scanner
        var followed: [Followed] = []
        for (configuration, market) in zip(markets, outcome.markets) {
            let stream = market.id.stream
            let name = stream.replacing("/", with: "_")
            let feed = try Feed(stream: stream, in: folder + "/feeds/" + name, options: options)
            followed.append(
                Followed(configuration: configuration, feed: feed, follower: follower(configuration, market)))
        }
        return (followed, outcome.snapshot)
    }

    private func scan() async throws -> ScanOutcome {
        try await ScanPass(
            markets: markets, accounts: [], all: true, session: session, selector: .latest, path: nil,
            verification: .none, state: state,
            progress: .standardError(isQuiet: true, environment: [:])
        ).run()
    }

    private func follower(_ configuration: MarketConfiguration, _ market: ScanOutcome.Market) -> MarketFollower {
        var rows = market.discovery?.known.rows ?? [:]
        rows.merge(market.reading.rows.rows) { _, new in new }
        return MarketFollower(
            accounts: market.discovery?.accounts ?? [], rows: rows, nearBps: near
        ) { [network = session.network] snapshot throws(LendingError) in
            try await ProtocolRegistry.open(configuration, of: network, on: snapshot)
        }
    }

    private var scanner: JSONValue {
        ["name": "plimsoll", "instance": .string(session.network.name), "near": .integer(near)]
    }

    private func announce(_ kind: FeedMessage.Kind, _ body: JSONObject, _ followed: [Followed]) throws {
        for market in followed { try market.feed.announce(kind, body) }
    }

    // MARK: Blocks

    private func follow(
        _ followed: inout [Followed], _ start: Snapshot, _ desk: FeedDesk, _ prices: PriceWatch?
    ) async throws {
        try announce(.status, ["status": "syncing"], followed)
        let seen = try await look(&followed, at: start, over: [], cause: .resync, desk)
        prices?.look(PriceWatch.Look(seen, at: start))
        try announce(.status, ["status": "live"], followed)
        var base = start
        var heads = session.heads(after: try await ancestry(of: start), sockets: sockets).makeAsyncIterator()
        var pending: [Block] = []
        var done = 0
        var isDegraded = false
        while failure == nil, let event = try await heads.next() {
            switch event {
            case .block(let block):
                pending.append(block)
                do {
                    let snapshot = Snapshot(block, like: base)
                    let seen = try await look(&followed, at: snapshot, over: pending, cause: .price, desk)
                    prices?.look(PriceWatch.Look(seen, at: snapshot))
                    pending = []
                    if isDegraded { try announce(.status, ["status": "live"], followed) }
                    isDegraded = false
                } catch let error as LendingError where pending.count < 64 {
                    // The next block brings what this one did not.
                    isDegraded = true
                    try announce(.status, ["status": "degraded", "reasons": [.string("\(error)")]], followed)
                    log.warning("block \(block.number): \(error)")
                }
            case .reorg(_, let orphaned, _):
                desk.forget()
                let hashes = orphaned.map(\.hash)
                pending.removeAll { hashes.contains($0.hash) }
                for index in followed.indices {
                    followed[index].follower.reorganise(hashes)
                    try followed[index].feed.retract(hashes)
                }
            case .gap(let last, let next):
                let body: JSONObject = [
                    "reason": .string("blocks \(last.number + 1) to \(next.number) were missed"), "resyncing": true,
                ]
                desk.forget()
                try announce(.gap, body, followed)
                let outcome = try await scan()
                base = outcome.snapshot
                for (index, market) in outcome.markets.enumerated() where index < followed.count {
                    followed[index].follower = follower(followed[index].configuration, market)
                }
                let seen = try await look(&followed, at: base, over: [], cause: .resync, desk)
                prices?.look(PriceWatch.Look(seen, at: base))
                heads = session.heads(after: try await ancestry(of: base), sockets: sockets).makeAsyncIterator()
                pending = []
                try announce(.status, ["status": "live"], followed)
            case .finalityViolation(let floor, let head):
                throw CommandStop(
                    .noEndpoint,
                    "the chain at \(head.hash.hex) does not hold block \(floor.number), which was final")
            case .status(let status): log.notice("\(status)")
            case .gapClosed: break
            }
            if case .block = event {
                done += 1
                if let mostBlocks, done >= mostBlocks { break }
            }
        }
    }

    /// The blocks that may still be taken back, with the one that the snapshot is pinned to, ascending.
    private func ancestry(of snapshot: Snapshot) async throws -> [Block] {
        let last = snapshot.block
        let first = last.number > 64 ? last.number - 64 : 0
        guard first < last.number else { return [last] }
        var chain = [last]
        for block in try await snapshot.blocks(at: Array(first..<last.number)).reversed() {
            // What does not connect is no ancestor: the chain changed meanwhile, and the stream finds out how.
            guard let block, block.hash == chain[0].parentHash else { break }
            chain.insert(block, at: 0)
        }
        return chain
    }

    /// Looks at a block in every market and publishes what it brought.
    ///
    /// - Returns: every market as it is there, with the positions near their line.
    private func look(
        _ followed: inout [Followed], at snapshot: Snapshot, over blocks: [Block], cause: FeedMessage.Cause,
        _ desk: FeedDesk
    ) async throws -> [FollowedBlock] {
        let began = unixMilliseconds()
        var seen: [FollowedBlock] = []
        for index in followed.indices {
            let requests = session.statistics.now.requests
            let block = try await followed[index].follower.advance(
                to: snapshot, over: blocks, expecting: desk.expected(index, at: snapshot.block))
            for notice in block.notices { log.notice("\(notice)") }
            let accounts = followed[index].follower.count
            try desk.publish(block, of: index, at: snapshot.block, cause: cause) { summary in
                summary["accounts"] = .integer(accounts)
                summary["elapsedMs"] = .integer(unixMilliseconds() - min(began, unixMilliseconds()))
                summary["httpRequests"] = .integer(session.statistics.now.requests - requests)
            }
            seen.append(block)
        }
        return seen
    }
}
