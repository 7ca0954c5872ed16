import Dispatch
import Glibc

/// Ends the process in good order where it is asked to stop.
///
/// Everything that was told is on the disk already: what is left to do is to say good-bye.
struct StopSignals {
    private let sources: [any DispatchSourceSignal]

    /// Calls `goodbye` once and ends the process with status 0.
    init(_ goodbye: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "plimsoll.stop")
        sources = [SIGINT, SIGTERM].map { number in
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                goodbye()
                exit(ProgramStatus.complete.rawValue)
            }
            source.resume()
            return source
        }
    }

    /// Listens no more.
    func end() {
        for source in sources { source.cancel() }
    }
}
