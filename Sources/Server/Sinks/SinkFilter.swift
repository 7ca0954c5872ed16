public import Keeper

/// Which messages a sink is told.
public struct SinkFilter: Hashable, Sendable {
    /// Streams by name; a `*` at the end stands for anything.
    public var streams: [String]
    /// Types; all where it is empty. What tells a consumer that it may not act (`retract`, `gap`, `status`) always comes.
    public var types: Set<FeedMessage.Kind>

    /// Everything, unless stated.
    public init(streams: [String] = ["*"], types: Set<FeedMessage.Kind> = []) {
        self.streams = streams
        self.types = types
    }

    /// Whether a stream is told at all.
    public func has(_ stream: String) -> Bool {
        streams.contains { $0.last == "*" ? stream.hasPrefix($0.dropLast()) : stream == $0 }
    }

    /// Whether a message is told.
    public func has(_ line: FeedLine) -> Bool {
        guard !types.isEmpty, let kind = line.kind else { return true }
        switch kind {
        case .retract, .gap, .status: return true
        // Who hears of a position hears of its end.
        case .close: return types.contains(.close) || types.contains(.opportunity) || types.contains(.watch)
        default: return types.contains(kind)
        }
    }
}
