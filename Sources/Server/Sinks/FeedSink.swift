import Keeper

/// One place that messages go to.
///
/// A session lasts as long as the other side: a file's for ever, a reader's until it goes away. Each session begins with
/// what the other side lacks, so that nothing is lost between two of them.
protocol FeedSink: Sendable {
    /// Its name in logs.
    var name: String { get }
    /// Waits until the other side is there.
    ///
    /// - Returns: the number of the session; the same while it lasts, whoever asks.
    func begin() async throws(SinkError) -> Int
    /// Where a stream goes on in this session; what stands, where the other side has nothing.
    func point(of stream: String, in session: Int) async -> FeedPoint
    /// Hands messages of one stream over, in order.
    ///
    /// - Parameter place: where the stream goes on once they are handed over; nil in the middle of a snapshot.
    /// - Throws: `.ended` where the session is over; whatever it did not take is handed over again in the next.
    func deliver(_ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int) async throws(SinkError)
    /// What is known of a stream is of no use: its numbers began anew.
    func forget(_ stream: String) async throws(SinkError)
    /// Hands over what waits inside the sink, and lets the other side go.
    func end() async
}
