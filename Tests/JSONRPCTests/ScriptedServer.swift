import Glibc
import JSON
import Synchronization

/// A loopback HTTP server that misbehaves as it is told. Nothing in it waits for time to pass.
final class ScriptedServer: Sendable {
    /// What arrived.
    struct Request: Sendable {
        /// Counted from 0 over all connections.
        let index: Int
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        /// The ids of the request or of the members of the batch.
        var ids: [Int] {
            get throws {
                let value = try JSONValue(parsing: body)
                return (value.array ?? [value]).compactMap { $0["id"]?.int }
            }
        }
    }

    /// What it does about it.
    enum Step: Sendable {
        case send([UInt8])
        /// Waits until the client gives up.
        case stall
        /// Sends the same over and over until the client gives up.
        case endless([UInt8])
        case close
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var sockets: [Int32] = []
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())
    private let answer: @Sendable (Request) throws -> [Step]

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    init(_ answer: @escaping @Sendable (Request) throws -> [Step]) throws {
        self.answer = answer
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: the address outlives both calls, and its length is its own.
        let bound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw ServerError() }
        port = UInt16(bigEndian: address.sin_port)
        try thread { server in server.acceptAll() }
    }

    struct ServerError: Error {}

    /// Ends every connection; what waits is woken.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in state.withLock({ $0.sockets }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private final class Start: Sendable {
        let server: ScriptedServer
        let run: @Sendable (ScriptedServer) -> Void
        init(_ server: ScriptedServer, _ run: @escaping @Sendable (ScriptedServer) -> Void) {
            self.server = server
            self.run = run
        }
    }

    private func thread(_ run: @escaping @Sendable (ScriptedServer) -> Void) throws {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Start(self, run)).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.run(start.server)
                return nil
            }, context)
        guard status == 0 else { throw ServerError() }
        pthread_detach(thread)
    }

    private func acceptAll() {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { break }
            state.withLock {
                $0.connections += 1
                $0.sockets.append(socket)
            }
            do {
                try thread { $0.serve(socket) }
            } catch {
                close(socket)
            }
        }
        close(listener)
    }

    private func serve(_ socket: Int32) {
        var pending: [UInt8] = []
        while let (head, body) = next(socket, &pending) {
            let request = state.withLock { state in
                let request = Request(index: state.requests.count, head: head, body: body)
                state.requests.append(request)
                return request
            }
            guard perform(request, socket) else { break }
        }
        state.withLock { $0.sockets.removeAll { $0 == socket } }
        close(socket)
    }

    private func perform(_ request: Request, _ socket: Int32) -> Bool {
        let steps: [Step]
        do {
            steps = try answer(request)
        } catch {
            return false
        }
        for step in steps {
            switch step {
            case .send(let bytes): guard put(bytes, socket) else { return false }
            case .endless(let bytes): while put(bytes, socket) {}
            case .stall:
                var byte: UInt8 = 0
                while unsafe recv(socket, &byte, 1, 0) > 0 {}
                return false
            case .close: return false
            }
        }
        return true
    }

    private func put(_ bytes: [UInt8], _ socket: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the buffer outlives the call, and `offset` is inside it.
            let sent = unsafe bytes.withUnsafeBytes { bytes in
                unsafe send(socket, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }

    private func next(_ socket: Int32, _ pending: inout [UInt8]) -> (String, [UInt8])? {
        while true {
            if let end = pending.indices.first(where: { pending[$0...].starts(with: "\r\n\r\n".utf8) }) {
                let head = String(decoding: pending[..<end], as: UTF8.self)
                let length =
                    head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
                while pending.count < end + 4 + length { guard receive(socket, &pending) else { return nil } }
                let body = Array(pending[(end + 4)..<(end + 4 + length)])
                pending.removeFirst(end + 4 + length)
                return (head, body)
            }
            guard receive(socket, &pending) else { return nil }
        }
    }

    private func receive(_ socket: Int32, _ pending: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe recv(socket, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        pending += chunk[..<count]
        return true
    }
}

/// A whole answer.
func http(_ body: [UInt8], status: Int = 200, headers: [String] = []) -> [ScriptedServer.Step] {
    let lines = ["HTTP/1.1 \(status) Said", "Content-Length: \(body.count)"] + headers
    return [.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)]
}

func http(_ body: String, status: Int = 200, headers: [String] = []) -> [ScriptedServer.Step] {
    http(Array(body.utf8), status: status, headers: headers)
}
