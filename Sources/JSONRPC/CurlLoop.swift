internal import CCurl
import Glibc
import Synchronization

/// The thread that owns libcurl's multi handle. Other threads hand it work and wake it.
///
/// SAFETY: the multi handle and the running transfers are touched by the loop's own thread alone, except for
/// `curl_multi_wakeup`, which libcurl allows from any thread while the handle lives; what threads share is behind the
/// mutex.
@safe
final class CurlLoop: @unchecked Sendable {
    private struct Inbox {
        var added: [CurlTransfer] = []
        var cancelled: [CurlTransfer] = []
        var isStopped = false
        /// The multi handle is gone; nothing may wake it.
        var isClosed = false
    }

    private let options: CurlTransport.Options
    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>
    private var waiting: [CurlTransfer] = []
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = unsafe [:]
    /// Handles without a transfer: they are set up anew, without the cost of making one.
    private var idle: [UnsafeMutableRawPointer] = unsafe []

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ options: CurlTransport.Options) throws(RPCError) {
        self.options = options
        guard Self.isReady, let multi = unsafe curl_multi_init(), let headers = unsafe Self.headers() else {
            throw .transport(endpoint: "libcurl", what: "it cannot be initialised")
        }
        unsafe self.multi = multi
        unsafe self.headers = headers
        // SAFETY: the handle was made just now; the values are of the kinds that these options take.
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 100)
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 32)
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 32)
        try start()
    }

    static func headers(besides more: [HTTPHeader] = []) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        // Without "Expect:" libcurl waits up to a second before it sends a large body.
        let usual = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
        for line in usual + more.map(\.line) {
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                return nil
            }
            unsafe list = longer
        }
        return unsafe list
    }

    private func start() throws(RPCError) {
        var thread = pthread_t()
        // SAFETY: the thread holds its own reference to the loop, released when the thread ends.
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue()
                loop.run()
                return nil
            }, context)
        guard status == 0 else {
            unsafe Unmanaged<CurlLoop>.fromOpaque(context).release()
            close()
            throw .transport(endpoint: "libcurl", what: "its thread cannot be started")
        }
        pthread_detach(thread)
    }

    func add(_ transfer: CurlTransfer) {
        let isAdded = inbox.withLock { inbox in
            guard !inbox.isStopped else { return false }
            inbox.added.append(transfer)
            wake(inbox)
            return true
        }
        if !isAdded { transfer.end(.failure(.cancelled)) }
    }

    func cancel(_ transfer: CurlTransfer) {
        // Marked first: a transfer that is cancelled before it is added never starts.
        transfer.markCancelled()
        inbox.withLock { inbox in
            inbox.cancelled.append(transfer)
            wake(inbox)
        }
    }

    func stop() {
        inbox.withLock { inbox in
            inbox.isStopped = true
            wake(inbox)
        }
    }

    private func wake(_ inbox: borrowing Inbox) {
        guard !inbox.isClosed else { return }
        // SAFETY: the one call that libcurl allows from other threads; the handle is closed under the same lock.
        _ = unsafe curl_multi_wakeup(multi)
    }

    private func run() {
        // Signals are for the threads that expect them.
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        while takeInbox() {
            var active: Int32 = 0
            unsafe curl_multi_perform(multi, &active)
            collect()
            fill()
            unsafe curl_multi_poll(multi, nil, 0, 10_000, nil)
        }
        for transfer in unsafe Array(running.values) + waiting { remove(transfer, .failure(.cancelled)) }
        close()
    }

    private func close() {
        inbox.withLock { $0.isClosed = true }
        // SAFETY: no transfer is left, and nobody wakes a closed loop.
        while let easy = unsafe idle.popLast() { unsafe curl_easy_cleanup(easy) }
        unsafe curl_multi_cleanup(multi)
        unsafe curl_slist_free_all(headers)
    }

    private func takeInbox() -> Bool {
        let (added, cancelled, isStopped) = inbox.withLock { inbox in
            let taken = (inbox.added, inbox.cancelled, inbox.isStopped)
            inbox.added = []
            inbox.cancelled = []
            return taken
        }
        waiting += added
        for transfer in cancelled { remove(transfer, .failure(.cancelled)) }
        fill()
        return !isStopped
    }

    /// Starts what waits, as far as there is room.
    private func fill() {
        var next = waiting.startIndex
        while next < waiting.endIndex, unsafe running.count < options.concurrency {
            let transfer = waiting[next]
            next += 1
            if transfer.isCancelled { transfer.end(.failure(.cancelled)) } else { start(transfer) }
        }
        waiting.removeSubrange(..<next)
    }

    private func start(_ transfer: CurlTransfer) {
        guard let easy = unsafe idle.popLast() ?? curl_easy_init() else {
            return transfer.end(
                .failure(.transport(endpoint: transfer.request.endpoint.name, what: "no handle is left")))
        }
        unsafe curl_easy_reset(easy)
        unsafe running[easy] = transfer
        if unsafe !transfer.prepare(easy, headers: headers, options) || curl_multi_add_handle(multi, easy) != CURLM_OK {
            remove(
                transfer,
                .failure(
                    .transport(endpoint: transfer.request.endpoint.name, what: "libcurl lacks an option that is needed")
                ))
        }
    }

    private func collect() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let transfer = unsafe running[easy]
            else { continue }
            let code = unsafe message.pointee.data.result
            remove(transfer, transfer.outcome(code))
        }
    }

    private func remove(_ transfer: CurlTransfer, _ result: consuming Result<HTTPResponse, RPCError>) {
        if let easy = unsafe transfer.takeHandle() {
            unsafe running[easy] = nil
            unsafe curl_multi_remove_handle(multi, easy)
            unsafe curl_easy_reset(easy)
            transfer.freeHeaders()
            unsafe idle.append(easy)
        }
        transfer.end(result)
    }
}
