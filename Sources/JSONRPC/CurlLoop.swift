internal import CCurl
import Glibc
import Synchronization

/// The thread that owns libcurl's multi handle. Other threads hand it work and wake it.
///
/// SAFETY: the multi handle and the running transfers are touched by the loop's own thread alone, except for
/// `curl_multi_wakeup`, which libcurl allows from any thread; what threads share is behind the mutex.
@safe
final class CurlLoop: @unchecked Sendable {
    private struct Inbox {
        var added: [CurlTransfer] = []
        var cancelled: [CurlTransfer] = []
        var isStopped = false
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = unsafe [:]

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() throws(RPCError) {
        guard Self.isReady, let multi = unsafe curl_multi_init() else {
            throw .transport(endpoint: "libcurl", what: "it cannot be initialised")
        }
        unsafe self.multi = multi
        // SAFETY: the handle was made just now; the values are of the kinds that these options take.
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 32)
        unsafe plimsoll_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 32)
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
            throw .transport(endpoint: "libcurl", what: "its thread cannot be started")
        }
        pthread_detach(thread)
    }

    func add(_ transfer: CurlTransfer) {
        let isStopped = inbox.withLock { inbox in
            if !inbox.isStopped { inbox.added.append(transfer) }
            return inbox.isStopped
        }
        if isStopped { transfer.end(.failure(.cancelled)) } else { wake() }
    }

    func cancel(_ transfer: CurlTransfer) {
        inbox.withLock { $0.cancelled.append(transfer) }
        wake()
    }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        wake()
    }

    private func wake() {
        // SAFETY: the one call that libcurl allows from other threads; the handle lives as long as the loop.
        _ = unsafe curl_multi_wakeup(multi)
    }

    private func run() {
        var goesOn = true
        while goesOn {
            goesOn = takeInbox()
            var active: Int32 = 0
            unsafe curl_multi_perform(multi, &active)
            collect()
            guard goesOn else { break }
            unsafe curl_multi_poll(multi, nil, 0, 1_000, nil)
        }
        for unsafe transfer in unsafe running.values { remove(transfer, .failure(.cancelled)) }
        unsafe curl_multi_cleanup(multi)
    }

    private func takeInbox() -> Bool {
        let (added, cancelled, isStopped) = inbox.withLock { inbox in
            let taken = (inbox.added, inbox.cancelled, inbox.isStopped)
            inbox.added = []
            inbox.cancelled = []
            return taken
        }
        for transfer in added { start(transfer) }
        for transfer in cancelled { remove(transfer, .failure(.cancelled)) }
        return !isStopped
    }

    private func start(_ transfer: CurlTransfer) {
        guard let easy = unsafe transfer.prepare() else {
            return transfer.end(.failure(.transport(endpoint: transfer.request.endpoint.name, what: "no handle is left")))
        }
        unsafe running[easy] = transfer
        unsafe curl_multi_add_handle(multi, easy)
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

    private func remove(_ transfer: CurlTransfer, _ result: Result<HTTPResponse, RPCError>) {
        guard let easy = unsafe transfer.easy else { return transfer.end(result) }
        unsafe running[easy] = nil
        unsafe curl_multi_remove_handle(multi, easy)
        transfer.release()
        transfer.end(result)
    }
}
