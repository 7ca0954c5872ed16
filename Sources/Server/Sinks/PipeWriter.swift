import Dispatch
import Glibc
import Synchronization

/// Writes to a descriptor whose reader may be slow or gone, without holding a thread that others need.
///
/// Whoever hands bytes over waits until the reader's pipe has taken them: what is not taken stays with the feed.
final class PipeWriter: Sendable {
    private struct State {
        var isOpen = true
        var isClosed = false
        var writing = 0
    }

    private let descriptor: Int32
    private let sink: String
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// A reader that goes away is an error of the write, and not the end of the process.
    private static let brokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// Takes the descriptor over; it does not block.
    init(_ descriptor: Int32, sink: String) {
        Self.brokenPipes
        self.descriptor = descriptor
        self.sink = sink
        queue = DispatchQueue(label: "plimsoll.sink.\(sink)")
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { close() }

    /// Whether the reader is still there, as far as is known.
    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Writes all of the bytes, those of one call together.
    ///
    /// - Throws: `.ended` where the reader went away, or the writer was closed.
    func write(_ bytes: [UInt8]) async throws(SinkError) {
        let done = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            queue.async { continuation.resume(returning: self.writeAll(bytes)) }
        }
        guard done else { throw .ended(sink: sink) }
    }

    private func writeAll(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            guard isOpen else { return false }
            // SAFETY: the slice lies inside the array's own storage.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                // In short waits, so that a stop is noticed.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                // SAFETY: one structure, for the length of the call.
                _ = unsafe poll(&waiting, 1, 100)
            } else if errno != EINTR {
                stop()
                return false
            }
        }
        return true
    }

    /// Writes nothing more; what is being written is given up.
    func stop() { state.withLock { $0.isOpen = false } }

    /// Gives the descriptor back, once.
    func close() {
        let isLast = state.withLock { state in
            defer { state.isClosed = true }
            state.isOpen = false
            return !state.isClosed
        }
        guard isLast else { return }
        queue.async { [descriptor] in _ = Glibc.close(descriptor) }
    }
}
