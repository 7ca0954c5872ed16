internal import JSONRPC
internal import Keeper
internal import Logging

/// Sends again what a webhook did not take in time.
public struct WebhookReplay: Sendable {
    private let sink: WebhookSink

    /// Opens what a webhook left behind.
    ///
    /// - Parameters:
    ///   - folder: where the watch keeps places.
    ///   - clock: seconds since 1970.
    /// - Throws: `.unusable`, also for a sink that is no webhook.
    public init(
        _ configuration: SinkConfiguration, folder: String, clock: @escaping @Sendable () -> UInt64
    ) throws(SinkError) {
        let factory = SinkFactory(
            folder: folder, clock: clock, log: Logger(label: "plimsoll") { _ in SwiftLogNoOpLogHandler() })
        guard case .stream(let made) = try factory.sink(configuration), let sink = made as? WebhookSink else {
            throw .unusable(sink: configuration.name, what: "it is no webhook")
        }
        self.sink = sink
    }

    /// Sends letter by letter, and stops at the first that is not taken: the order is kept.
    ///
    /// - Returns: how many were taken, how many are left, and why.
    /// - Throws: `.unusable` where the file is damaged or cannot be written.
    public func run() async throws(SinkError) -> (sent: Int, left: Int, reason: String?) { try await sink.replay() }
}
