import Synchronization

/// Counts what a session costs an endpoint; a replay counts the same.
public final class RPCStatistics: Sendable {
    /// The counts.
    public struct Counts: Sendable, Hashable {
        /// HTTP exchanges.
        public var requests = 0
        /// JSON-RPC calls.
        public var calls = 0
        /// Bytes of bodies sent.
        public var bytesSent = 0
        /// Bytes of bodies received, decompressed.
        public var bytesReceived = 0
        /// Exchanges that were tried again.
        public var retries = 0

        /// Nothing yet.
        public init() {}
    }

    private let counts = Mutex(Counts())

    /// Starts at zero.
    public init() {}

    /// The counts so far.
    public var now: Counts { counts.withLock { $0 } }

    func countSent(calls: Int, bytes: Int) {
        counts.withLock {
            $0.requests += 1
            $0.calls += calls
            $0.bytesSent += bytes
        }
    }

    func countReceived(bytes: Int) {
        counts.withLock { $0.bytesReceived += bytes }
    }

    func countRetry() {
        counts.withLock { $0.retries += 1 }
    }
}
