public import JSON
internal import Keeper
internal import NIOCore
internal import Networks

/// How much a client may send, and how long it may take.
public struct HTTPLimits: Sendable {
    /// Connections at one time; more wait until the kernel refuses them.
    var connections = 900
    /// Of them, those of one address; nil for as many as there are.
    var ownConnections: Int?
    /// Streams and sockets at one time.
    var streams = 640
    /// Of them, those of one token, or without tokens of one address; nil for as many as there are.
    var ownStreams: Int?
    /// Until the head of a request is complete: of the first since the connection was made, of a later one since its first
    /// byte came.
    var headerTime = TimeAmount.seconds(10)
    /// Without a request, or in the middle of one.
    var idleTime = Duration.seconds(30)
    /// Header fields of a request, and their bytes together, the request line among them.
    var headerFields = 64
    var headerBytes = 16 << 10
    /// Bytes of a message of a WebSocket.
    var messageBytes = 64 << 10
    /// Requests of one address.
    var perSecond = 50
    var burst = 200
    /// What waits for a reader in each stream; the messages themselves are shared by all readers.
    var queueMessages = 4_096
    var queueBytes = 16 << 20
    /// Seconds between two signs of life of a stream.
    var pulse = 15
    /// Seconds after which a reader who takes nothing is cut off.
    var patience = 30

    /// The usual.
    public init() {}

    /// The members of `limits` in a service file; the command line and the schema name the same.
    public static let names = [
        "connections", "connectionsPerClient", "streams", "streamsPerClient", "requestsPerSecond", "burst",
        "headerBytes", "headerFields", "messageBytes", "queueMessages", "queueBytes", "headerSeconds", "idleSeconds",
        "patienceSeconds",
        "pulseSeconds",
    ]

    /// Takes what the member `limits` of a service file says; what it does not name stays as it is.
    ///
    /// - Throws: `.mismatch` with the place of the first thing that is not as it must be.
    public mutating func take(_ file: JSONCursor) throws(JSONError) {
        try file.refuseUnknown(Self.names)
        func number(_ name: String, _ range: ClosedRange<Int>) throws(JSONError) -> Int? {
            try file.optional(name).map { value throws(JSONError) in try value.integer(in: range) }
        }
        connections = try number("connections", 1...65_536) ?? connections
        ownConnections = try number("connectionsPerClient", 1...65_536) ?? ownConnections
        streams = try number("streams", 1...65_536) ?? streams
        ownStreams = try number("streamsPerClient", 1...65_536) ?? ownStreams
        perSecond = try number("requestsPerSecond", 1...100_000) ?? perSecond
        burst = try number("burst", 1...100_000) ?? max(burst, perSecond)
        headerBytes = try number("headerBytes", 512...1 << 20) ?? headerBytes
        headerFields = try number("headerFields", 4...1_024) ?? headerFields
        messageBytes = try number("messageBytes", 512...64 << 10) ?? messageBytes
        queueMessages = try number("queueMessages", 64...1 << 20) ?? queueMessages
        queueBytes = try number("queueBytes", 64 << 10...1 << 30) ?? queueBytes
        headerTime = try number("headerSeconds", 1...600).map { .seconds(Int64($0)) } ?? headerTime
        idleTime = try number("idleSeconds", 1...3_600).map { .seconds($0) } ?? idleTime
        patience = try number("patienceSeconds", 1...600) ?? patience
        pulse = try number("pulseSeconds", 1...600) ?? pulse
    }
}

extension HTTPLimits {
    /// Connections of one address.
    var connectionsPerClient: Int { ownConnections ?? connections }
    /// Streams and sockets of one client.
    var streamsPerClient: Int { ownStreams ?? streams }
    /// What waits for a reader, and what happens beyond.
    func queue(_ overflow: FeedQueue.Overflow) -> FeedQueue.Limits {
        FeedQueue.Limits(messages: queueMessages, bytes: queueBytes, overflow: overflow)
    }
    /// Bytes of one header field.
    var headerFieldBytes: Int { headerBytes / 2 }
    /// Bytes of one frame of a WebSocket.
    var frameBytes: Int { messageBytes / 4 }
}
