internal import NIOCore
internal import NIOPosix

/// Opens one connection: name, address, TLS, handshake. All of it on the event loop or in the thread pool.
struct WebSocketConnector: Sendable {
    let endpoint: Endpoint
    let connection: Int
    let options: WebSocketTransport.Options
    let loop: any EventLoop
    let inbox: SocketInbox
    let channels: SocketChannels
    let trust: SocketTrust

    /// Begins; the inbox learns how it went.
    func start() {
        guard let target = endpoint.socketTarget else {
            return end(.transport("it was recorded, and can only be replayed"))
        }
        let done = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: TimeAmount(options.handshakeTimeout)) { done.fail(SocketEnd.timeout) }
        resolved(target).flatMap { connected($0[...]) }.flatMap { handshake($0, target) }.cascade(to: done)
        done.futureResult.whenComplete { result in
            timer.cancel()
            if case .failure(let error) = result { end(SocketEnd(error, endpoint)) }
        }
    }

    private func end(_ end: SocketEnd) {
        inbox.put(.ended(connection, end))
        channels.close(connection)
    }

    private func resolved(_ target: Endpoint.SocketTarget) -> EventLoopFuture<[SocketAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            let all = NameLookup.addresses(target.host, port: target.port)
            guard !all.isEmpty else { throw SocketEnd.transport("its name cannot be resolved") }
            var refusal = ""
            let allowed = all.filter { address in
                guard let why = endpoint.socketRefusal(address: address.ipAddress ?? "") else { return true }
                refusal = why
                return false
            }
            guard !allowed.isEmpty else { throw SocketEnd.untrusted(refusal) }
            // Reads the authorities of the machine from files: here, where blocking is allowed.
            if !endpoint.isPlain { _ = try trust.context() }
            return allowed
        }
    }

    /// Tries the addresses in the order in which the system prefers them.
    private func connected(_ addresses: ArraySlice<SocketAddress>) -> EventLoopFuture<any Channel> {
        guard let first = addresses.first else {
            return loop.makeFailedFuture(SocketEnd.transport("no address of its name answers"))
        }
        return ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 1 << 20))
            .connect(to: first)
            .flatMapError { error in
                addresses.count > 1 ? connected(addresses.dropFirst()) : loop.makeFailedFuture(error)
            }
    }

    private func handshake(_ channel: any Channel, _ target: Endpoint.SocketTarget) -> EventLoopFuture<Void> {
        channels.add(channel, connection)
        // Closed while it connected.
        guard inbox.has(connection) else {
            channels.close(connection)
            return loop.makeFailedFuture(SocketEnd.closed(code: 1006, reason: ""))
        }
        do {
            if !endpoint.isPlain {
                try channel.pipeline.syncOperations.addHandler(SocketIdentity.handler(trust.context(), target))
            }
            return try WebSocketHandshake(connector: self, target: target).begin(on: channel)
        } catch {
            return loop.makeFailedFuture(error)
        }
    }
}
