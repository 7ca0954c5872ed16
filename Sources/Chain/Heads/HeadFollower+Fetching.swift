import Ethereum
import JSONRPC

extension HeadFollower {
    /// How long a socket may take to answer for a header before the client is asked.
    private static let patience = Duration.seconds(3)
    /// How often a header that is not there is asked for again.
    private static let mostRetries = 6
    /// So many headers are asked for at once by number.
    private static let mostNumbers = 32

    /// Does what the tracker asks for, until it has to wait.
    mutating func follow() async throws(ChainError) {
        while !isOver {
            switch tracker.step() {
            case .idle: return
            case .events(let events): take(events)
            case .dishonest(let source, let what): reject(source, what)
            case .confirm(let head):
                guard try await isThere(head) else {
                    tracker.abandon()
                    return
                }
                tracker.leap()
            case .need(let hash):
                if let fetch {
                    if fetch.hash == hash { return }
                    sockets[fetch.socket].forget(fetch.id)
                    self.fetch = nil
                }
                guard retryAt == nil else { return }
                try await obtain(hash)
            }
        }
    }

    private mutating func take(_ events: [ChainEvent]) {
        ready += events
        retries = 0
        for event in events {
            switch event {
            case .block:
                lastBlock = now
                isStalled = false
            case .finalityViolation: close()
            default: break
            }
        }
    }

    /// Whether the client has this block at its height, too.
    private func isThere(_ head: Block) async throws(ChainError) -> Bool {
        do throws(ChainError) {
            let result = try await ask(Probe.block(.number(head.number)))
            return try header(result, endpoint: client.name)?.hash == head.hash
        } catch {
            _ = try survived(error)
            return false
        }
    }

    /// Asks for a header: where several are missing by number, then at the socket that announced its child, which has
    /// it, then at the client.
    private mutating func obtain(_ hash: Hash32) async throws(ChainError) {
        if triedNumbers != hash, let range = tracker.missing(most: Self.mostNumbers), range.count > 2 {
            triedNumbers = hash
            let blocks = try await numbered(range)
            // The parent of the lowest is asked for by numbers again only where these led on.
            if blocks.contains(where: { $0.hash == hash }) { triedNumbers = nil }
            return tracker.supply(blocks)
        }
        if triedSocket != hash, let source = tracker.target?.source, source != Self.poll {
            triedSocket = hash
            if let id = sockets[source - 1].ask(Probe.block(.hash(hash)), on: transport) {
                fetch = Fetch(hash: hash, socket: source - 1, id: id, until: now + Self.patience)
                return
            }
        }
        do throws(ChainError) {
            let result = try await ask(Probe.block(.hash(hash)))
            if let block = try header(result, endpoint: client.name), block.hash == hash {
                retries = 0
                return tracker.supply([block])
            }
        } catch {
            _ = try survived(error)
        }
        waitAgain()
    }

    /// A header that nobody has yet; after some time its child is given up, until it is announced again.
    private mutating func waitAgain() {
        retries += 1
        triedSocket = nil
        triedNumbers = nil
        guard retries <= Self.mostRetries else {
            retries = 0
            return tracker.abandon()
        }
        retryAt = now + min(.seconds(3), .milliseconds(100) * (1 << retries))
    }

    private func numbered(_ range: ClosedRange<UInt64>) async throws(ChainError) -> [Block] {
        let outcomes: [Result<RPCResult, RPCError>]
        do throws(RPCError) {
            outcomes = try await client.batch(range.map { Probe.block(.number($0)) })
        } catch {
            _ = try survived(.endpoint(error))
            return []
        }
        var blocks: [Block] = []
        for (number, outcome) in zip(range, outcomes) {
            do throws(ChainError) {
                guard case .success(let result) = outcome, let block = try header(result, endpoint: client.name),
                    block.number == number
                else { continue }
                blocks.append(block)
            } catch {
                // A header that is not believed is missing, and asked for by its hash.
                continue
            }
        }
        return blocks
    }

    /// An answer that came over a socket.
    mutating func answered(_ id: Int, _ outcome: Result<RPCResult, RPCError>, _ index: Int) {
        guard let fetch, fetch.id == id, fetch.socket == index else { return }
        self.fetch = nil
        guard case .success(let result) = outcome else { return }
        do throws(ChainError) {
            guard let block = try header(result, endpoint: name(index + 1)), block.hash == fetch.hash else { return }
            retries = 0
            tracker.supply([block])
        } catch {
            reject(index + 1, "\(error)")
        }
    }
}
