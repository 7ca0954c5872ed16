/// Why a sink took nothing, or takes nothing more.
public enum SinkError: Error, Hashable, Sendable {
    /// It cannot be used at all: what, and what to do.
    case unusable(sink: String, what: String)
    /// The other side is gone; a new session begins with what stands.
    case ended(sink: String)
    /// The sink was asked to stop.
    case stopped
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SinkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unusable(let sink, let what): "sink \(sink): \(what)"
        case .ended(let sink): "sink \(sink): the other side is gone"
        case .stopped: "the sink was stopped"
        }
    }
}
