internal import HummingbirdCore
internal import Keeper
internal import NIOCore
internal import NIOHTTP1

extension HTTPDesk {
    /// What every connection is.
    var channel: ClientChannel {
        ClientChannel(
            responder: { request, writer, channel in try await self.respond(request, writer, channel) },
            welcome: { self.welcome($0) }, refused: { self.refused($0, $1) },
            socketCaller: { self.socketCaller($0, $1, $2, isFirst: $3) },
            socket: { channel, caller in
                await SocketSession(
                    books: self.books.filter { caller.streams.has($0.feed.stream) }, limits: self.options.limits,
                    known: self.books.map(\.feed.stream), refusals: self.refusals, caller: caller.name
                ).run(channel)
            }, limits: options.limits)
    }

    func refused(_ refusal: HTTPRefusal, _ channel: any Channel) {
        count(refusal.status)
        refusals.note(refusal, from: channel)
    }

    /// Takes a place for a connection; why there is none, where there is none.
    private func welcome(_ channel: any Channel) -> HTTPRefusal? {
        let address = channel.remoteAddress?.ipAddress ?? ""
        if let most = connections.enter(address) { return .full("connections", most) }
        channel.closeFuture.whenComplete { _ in self.connections.leave(address) }
        return nil
    }

    /// Who may open a socket with this request, which is looked at twice and counts once.
    private func socketCaller(
        _ target: String, _ headers: HTTPHeaders, _ channel: any Channel, isFirst: Bool
    ) -> Caller? {
        // A browser says from where it comes; no page may use somebody's machine as its way in.
        guard target == "/v1/ws", headers["origin"].isEmpty || options.access != nil, !isFirst || mayAsk(channel) else {
            return nil
        }
        do throws(HTTPRefusal) {
            let caller = try caller(
                authorization: headers["authorization"].first, host: headers["host"].first, for: .stream)
            if isFirst {
                let client = client(caller, channel)
                guard streams.enter(client) == nil else { return nil }
                channel.closeFuture.whenComplete { _ in self.streams.leave(client) }
            }
            return caller
        } catch {
            return nil
        }
    }

    /// Why a request for a socket, from somebody who may hear streams, did not become one.
    ///
    /// - Parameter upgrade: the protocol that its first request asked for and that was not taken.
    func noSocket(_ caller: Caller, _ origin: String?, _ upgrade: String?, _ channel: any Channel) -> HTTPRefusal {
        if upgrade?.lowercased() == "websocket" {
            if origin != nil, options.access == nil {
                return HTTPRefusal(
                    status: 403, what: "web pages may not open sockets here", expected: "a request without Origin")
            }
            if let most = streams.bound(for: client(caller, channel)) { return .full("streams", most) }
        }
        return HTTPRefusal(
            status: 426, what: "this is a WebSocket, and its first request has to ask for it",
            expected: "Upgrade: websocket, version 13",
            headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
    }

    /// Whether this address has not asked too often.
    func mayAsk(_ channel: any Channel) -> Bool {
        rate.take(
            channel.remoteAddress?.ipAddress ?? "", now: UInt64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
    }

    /// Whose streams count together: a token's, or an address's where no tokens are asked for.
    func client(_ caller: Caller, _ channel: any Channel) -> String {
        options.access == nil ? channel.remoteAddress?.ipAddress ?? "" : caller.name
    }
}

extension HTTPRefusal {
    static func full(_ what: String, _ most: Int) -> HTTPRefusal {
        HTTPRefusal(
            status: 503, what: "too many \(what)", expected: "at most \(most)", headers: ["Retry-After": "10"])
    }
}
