/// One endpoint of a pool as it stands: for reports, not for decisions.
public struct EndpointState: Sendable {
    /// Whether and why it is not asked.
    public enum Standing: Sendable, Hashable {
        /// It is asked.
        case ready
        /// Its breaker is open for some kinds of question.
        case failing([RPCKind])
        /// Its key or plan is not accepted.
        case parked(String)
        /// It contradicted what can be checked.
        case quarantined(String)
    }

    /// Its name, which holds no key.
    public let name: String
    /// Who runs it.
    public let operatorName: String
    /// Whether it is asked.
    public let standing: Standing
    /// The height of its head when it last said so.
    public let head: UInt64?
    /// Weighted mean time to an answer; nil before the first.
    public let latency: Duration?
    /// Exchanges a second that it may be asked; nil where there is no limit.
    public let rate: Double?
    /// Exchanges under way, in all, and those that failed by its fault.
    public let inFlight: Int, exchanges: Int, failures: Int
    /// What was learned about it.
    public let limits: EndpointLimits
}
