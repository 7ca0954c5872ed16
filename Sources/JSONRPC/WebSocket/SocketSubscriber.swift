internal import Ethereum

/// Keeps one subscription alive at one endpoint: connects, makes sure of the chain, subscribes, watches for silence, and
/// does so again after every loss.
///
/// Knows no clock but the events it is given.
public struct SocketSubscriber: Sendable {
    /// What came of an event.
    public enum Output: Sendable {
        /// Subscribed, on the right chain.
        case connected
        /// The connection is lost and will be tried again.
        case lost(RPCError)
        /// The subscription's next notification.
        case notification(RPCResult)
        /// The answer to ``ask(_:on:)``.
        case answer(id: Int, Result<RPCResult, RPCError>)
    }

    private enum Phase {
        case waiting(until: Duration)
        case connecting(Int, until: Duration)
        case greeting(Int, until: Duration)
        case live(Int)
    }

    /// Longest wait for a connection, and for the answers to the first calls.
    private static let patience = Duration.seconds(20)

    /// Where it subscribes.
    public let endpoint: Endpoint
    private let chainId: UInt64
    private let subscription: [UInt8]
    private let silence: Duration
    private var backoff: SocketBackoff
    private var phase = Phase.waiting(until: .zero)
    private var dialogue: SocketDialogue
    /// Ids of the first two calls.
    private var greeting: (chain: Int, subscription: Int) = (0, 0)
    private var isRightChain = false
    private var isSubscribed = false
    /// Notifications that came before the chain was known to be the right one.
    private var held: [RPCResult] = []
    private var lastHeard = Duration.zero

    /// - Parameters:
    ///   - subscription: JSON text of the parameters of `eth_subscribe`.
    ///   - silence: without a notification for so long, the connection is given up.
    ///   - seed: where the random waits begin.
    public init(endpoint: Endpoint, chainId: UInt64, subscription: [UInt8], silence: Duration, seed: UInt64) {
        self.endpoint = endpoint
        self.chainId = chainId
        self.subscription = subscription
        self.silence = silence
        backoff = SocketBackoff(seed: seed)
        dialogue = SocketDialogue(endpoint: endpoint)
    }

    /// When it has to be given an event at the latest.
    public var deadline: Duration {
        switch phase {
        case .waiting(let until), .connecting(_, let until), .greeting(_, let until): until
        case .live: lastHeard + silence
        }
    }

    /// Whether it is subscribed.
    public var isLive: Bool { if case .live = phase { true } else { false } }

    private var connection: Int? {
        switch phase {
        case .waiting: nil
        case .connecting(let number, _), .greeting(let number, _), .live(let number): number
        }
    }

    /// Takes what happened, its own or others', and what time it is.
    public mutating func take(_ event: SocketEvent, on transport: some SocketTransport) -> [Output] {
        var outputs: [Output] = []
        if let connection, event.connection == connection {
            switch event.kind {
            case .opened: greet(connection, event.at, transport)
            case .text(_, let text): read(text, connection, event.at, transport, &outputs)
            case .ended(_, let end): lose(end.error(endpoint), event.at, transport, &outputs, isOpen: false)
            case .due: break
            }
        }
        guard event.at >= deadline else { return outputs }
        switch phase {
        case .waiting:
            phase = .connecting(transport.open(endpoint), until: event.at + Self.patience)
        case .connecting, .greeting:
            lose(.timeout(endpoint: endpoint.name), event.at, transport, &outputs)
        case .live:
            let seconds = silence.components.seconds
            lose(
                .transport(endpoint: endpoint.name, what: "it was silent for \(seconds) seconds"), event.at, transport,
                &outputs)
        }
        return outputs
    }

    /// Asks over the connection; nil where there is none. The answer is an output, a failure where the connection ends.
    public mutating func ask(_ request: RPCRequest, on transport: some SocketTransport) -> Int? {
        guard case .live(let connection) = phase else { return nil }
        return send(request, connection, transport)
    }

    /// Gives up waiting for an answer.
    public mutating func forget(_ id: Int) { dialogue.forget(id) }

    /// Gives the connection up because of what it said.
    public mutating func reject(_ error: RPCError, at now: Duration, on transport: some SocketTransport) -> [Output] {
        var outputs: [Output] = []
        if connection != nil { lose(error, now, transport, &outputs) }
        return outputs
    }

    /// Closes the connection for good.
    public mutating func close(on transport: some SocketTransport) {
        if let connection { transport.close(connection) }
        phase = .waiting(until: .seconds(1 << 30))
    }
}

extension SocketSubscriber {
    private mutating func send(
        _ request: RPCRequest, _ connection: Int, _ transport: some SocketTransport, isSubscription: Bool = false
    ) -> Int? {
        do throws(RPCError) {
            let (id, text) = try dialogue.ask(request, isSubscription: isSubscription)
            transport.send(text, on: connection)
            return id
        } catch {
            return nil
        }
    }

    /// Both questions at once: a round trip less, and nothing is believed before the first is answered.
    private mutating func greet(_ connection: Int, _ now: Duration, _ transport: some SocketTransport) {
        dialogue = SocketDialogue(endpoint: endpoint, firstId: dialogue.nextId)
        isRightChain = false
        isSubscribed = false
        held = []
        phase = .greeting(connection, until: now + Self.patience)
        let chain = RPCRequest(method: "eth_chainId", params: Array("[]".utf8), kind: .head)
        let subscribe = RPCRequest(method: "eth_subscribe", params: subscription, kind: .head)
        greeting = (
            send(chain, connection, transport) ?? 0,
            send(subscribe, connection, transport, isSubscription: true) ?? 0
        )
    }

    private mutating func read(
        _ text: [UInt8], _ connection: Int, _ now: Duration, _ transport: some SocketTransport,
        _ outputs: inout [Output]
    ) {
        do throws(RPCError) {
            for meaning in try dialogue.take(text) {
                switch meaning {
                case .answer(let id, let outcome) where id == greeting.chain: try checkChain(outcome)
                case .answer(let id, let outcome) where id == greeting.subscription:
                    _ = try outcome.get()
                    isSubscribed = true
                case .answer(let id, let outcome): outputs.append(.answer(id: id, outcome))
                case .notification(_, let result): try heard(result, now, &outputs)
                }
            }
        } catch {
            return lose(error, now, transport, &outputs)
        }
        guard case .greeting = phase, isRightChain, isSubscribed else { return }
        phase = .live(connection)
        lastHeard = now
        outputs.append(.connected)
        outputs += held.map { .notification($0) }
        held = []
    }

    private mutating func checkChain(_ outcome: Result<RPCResult, RPCError>) throws(RPCError) {
        let got = try outcome.get().quantity()
        guard got == UInt256(chainId) else {
            throw .dishonest(endpoint: endpoint.name, what: "it serves chain \(got), and \(chainId) was asked for")
        }
        isRightChain = true
    }

    private mutating func heard(
        _ result: RPCResult, _ now: Duration, _ outputs: inout [Output]
    ) throws(RPCError) {
        guard case .live = phase else {
            guard held.count < 256 else {
                throw .malformed(endpoint: endpoint.name, what: "notifications and no answer to the first calls")
            }
            held.append(result)
            return
        }
        lastHeard = now
        backoff.succeeded()
        outputs.append(.notification(result))
    }

    private mutating func lose(
        _ error: RPCError, _ now: Duration, _ transport: some SocketTransport, _ outputs: inout [Output],
        isOpen: Bool = true
    ) {
        if isOpen, let connection { transport.close(connection) }
        // Answers that can no longer come, before the news of the loss.
        for id in dialogue.waiting where id != greeting.chain && id != greeting.subscription {
            outputs.append(.answer(id: id, .failure(error)))
        }
        dialogue = SocketDialogue(endpoint: endpoint, firstId: dialogue.nextId)
        held = []
        phase = .waiting(until: now + backoff.wait(after: error))
        outputs.append(.lost(error))
    }
}
