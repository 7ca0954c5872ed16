@testable import Chain
import Ethereum
import JSON
@testable import JSONRPC
import Synchronization

/// A node and the time it lives in: HTTP and sockets without either. Time passes only while somebody waits for it.
final class SimulatedNode: Transport, SocketTransport {
    /// What a socket does when it is asked.
    enum Mood: Sendable {
        case works, refuses, wrongChain, silent
    }

    /// The world behind the lock.
    struct World {
        var tree = BlockTree()
        var head: Block?
        var now = Duration.zero
        /// Sockets that are open, by the host that they lead to.
        var open: [Int: String] = [:]
        var subscribed: Set<Int> = []
        var moods: [String: Mood] = [:]
        /// Whether HTTP answers, and with which chain.
        var isReachable = true
        var chainId: UInt64 = 1
        /// HTTP answers nothing for these.
        var hidden: Set<Hash32> = []
        /// Sockets answer nothing for headers.
        var socketsKeepHeaders = false
        fileprivate(set) var calls: [String: Int] = [:]
        fileprivate var connections = 0
        fileprivate var events: ArraySlice<SocketEvent> = []
        fileprivate var plan: [(at: Duration, run: @Sendable (inout World) -> Void)] = []

        /// Becomes the head, without a word.
        mutating func see(_ block: Block) { head = block }

        /// Says on every socket of `host`, or of all, that this is the head.
        mutating func announce(_ block: Block, on host: String? = nil) {
            for connection in subscribed.sorted() where host == nil || open[connection] == host {
                say(SimulatedNode.notification(block, "0x\(connection)"), connection)
            }
        }

        mutating func say(_ text: String, _ connection: Int) {
            events.append(SocketEvent(at: now, .text(connection, Array(text.utf8))))
        }

        mutating func end(_ host: String, _ end: SocketEnd) {
            for connection in open.keys.sorted() where open[connection] == host {
                open[connection] = nil
                subscribed.remove(connection)
                events.append(SocketEvent(at: now, .ended(connection, end)))
            }
        }

        /// Mines that many blocks on `parent`; the last is the head and is announced.
        mutating func mine(_ count: Int, on parent: Block? = nil, everyOne: Bool = false, silently: Bool = false) {
            for block in tree.extend(parent ?? head, by: count) {
                head = block
                if everyOne, !silently { announce(block) }
            }
            if let head, !everyOne, !silently { announce(head) }
        }
    }

    let session = SocketSession(startedAt: 1_700_000_000_000, seed: 7)
    private let world: Mutex<World>
    private let end: Duration

    /// - Parameter end: when the session is over.
    init(until end: Duration, blocks: Int = 30) {
        var world = World()
        world.head = world.tree.extend(nil, by: blocks).last
        self.world = Mutex(world)
        self.end = end
    }

    func with<Result: Sendable>(_ body: (inout World) -> Result) -> Result { world.withLock { body(&$0) } }

    /// Lets something happen at a time.
    func at(_ seconds: Double, _ run: @escaping @Sendable (inout World) -> Void) {
        with { $0.plan.append((.milliseconds(Int(seconds * 1_000)), run)) }
    }

    // MARK: sockets

    func open(_ endpoint: Endpoint) -> Int {
        with { world in
            let number = world.connections
            world.connections += 1
            switch world.moods[endpoint.name] ?? .works {
            case .refuses:
                world.events.append(SocketEvent(at: world.now, .ended(number, .transport("connection refused"))))
            case .works, .wrongChain, .silent:
                world.open[number] = endpoint.name
                world.events.append(SocketEvent(at: world.now, .opened(number)))
            }
            return number
        }
    }

    func send(_ text: [UInt8], on connection: Int) {
        with { world in
            guard let host = world.open[connection], world.moods[host] ?? .works != .silent else { return }
            let value: JSONValue
            do { value = try JSONValue(parsing: text) } catch { return }
            guard let id = value["id"]?.int, let method = value["method"]?.string else { return }
            let result: String
            switch method {
            case "eth_subscribe":
                world.subscribed.insert(connection)
                // What a busy node does: the notification overtakes the answer.
                if let head = world.head { world.say(Self.notification(head, "0x\(connection)"), connection) }
                result = "\"0x\(connection)\""
            case "eth_chainId": result = world.moods[host] == .wrongChain ? "\"0x2\"" : "\"0x1\""
            default:
                guard !world.socketsKeepHeaders else { return }
                result = Self.answer(method, value["params"]?.array ?? [], &world)
            }
            world.say(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#, connection)
        }
    }

    func close(_ connection: Int) {
        with { world in
            world.open[connection] = nil
            world.subscribed.remove(connection)
            world.events.removeAll { $0.connection == connection }
        }
    }

    func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent? {
        with { world in
            while true {
                if let event = world.events.popFirst() { return event }
                world.plan.sort { $0.at < $1.at }
                let due = deadline.map { Duration.milliseconds($0.wholeMillisecondsUp) }
                if let first = world.plan.first, first.at <= due ?? first.at, first.at <= end {
                    world.plan.removeFirst()
                    world.now = max(world.now, first.at)
                    first.run(&world)
                    continue
                }
                guard let due, due <= end else { return nil }
                world.now = max(world.now, due)
                return SocketEvent(at: world.now, .due)
            }
        }
    }

    // MARK: HTTP

    func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let body: String? = with { world in
            guard world.isReachable else { return nil }
            let value: JSONValue
            do { value = try JSONValue(parsing: request.body) } catch { return nil }
            let answers = (value.array ?? [value]).map { call in
                let method = call["method"]?.string ?? ""
                world.calls[method, default: 0] += 1
                let result =
                    method == "eth_chainId"
                    ? "\"0x\(String(world.chainId, radix: 16))\""
                    : Self.answer(method, call["params"]?.array ?? [], &world, isHTTP: true)
                return #"{"jsonrpc":"2.0","id":\#(call["id"]?.int ?? 0),"result":\#(result)}"#
            }
            return value.array == nil ? answers[0] : "[" + answers.joined(separator: ",") + "]"
        }
        guard let body else { throw .transport(endpoint: request.endpoint.name, what: "connection refused") }
        return HTTPResponse(status: 200, body: Array(body.utf8), retryAfter: nil)
    }

    private static func answer(
        _ method: String, _ params: [JSONValue], _ world: inout World, isHTTP: Bool = false
    ) -> String {
        guard let head = world.head, let text = params.first?.string else { return "null" }
        var found: Block?
        if method == "eth_getBlockByHash" {
            found = Hash32(hex: text).flatMap { world.tree.blocks[$0] }
        } else if text == "latest" {
            found = head
        } else if let number = UInt64(text.dropFirst(2), radix: 16) {
            found = world.tree.chain(to: head).first { $0.number == number }
        }
        guard let found, !isHTTP || !world.hidden.contains(found.hash) else { return "null" }
        return json(found)
    }

    static func json(_ block: Block) -> String {
        """
        {"number":"\(Hex.quantity(block.number))","hash":"\(block.hash.hex)","parentHash":"\(block.parentHash.hex)",\
        "timestamp":"\(Hex.quantity(block.timestamp))"}
        """
    }

    static func notification(_ block: Block, _ subscription: String) -> String {
        #"{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"\#(subscription)","result":\#(json(block))}}"#
    }
}
