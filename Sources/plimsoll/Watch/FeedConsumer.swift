import Keeper
import Server

/// Whoever hears the streams of a watch: stdout, sinks, a server.
protocol FeedConsumer: Sendable {
    /// Begins to listen, before anything is published in this run.
    func begin(_ feeds: [Feed]) async throws
    /// Waits until what was published is handed over, and no longer than this; the feeds were closed.
    func finish(within seconds: Int) async
    /// Why the watch cannot go on for it; nil where it can.
    var failure: (any Error)? { get }
}

extension SinkHost: FeedConsumer {
    /// A sink that fails says so in the log, and the watch goes on.
    var failure: (any Error)? { nil }
}

extension SinkError: ExitStatusProviding {
    var exitStatus: ProgramStatus { .cannotWrite }
}
