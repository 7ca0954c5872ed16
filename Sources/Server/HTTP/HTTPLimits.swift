public import JSON
internal import NIOCore
internal import Networks

/// How much a client may send, and how long it may take.
public struct HTTPLimits: Sendable {
    /// Connections at one time; more wait until the kernel refuses them.
    var connections = 900
    /// Streams and sockets at one time.
    var streams = 640
    /// Of them, those of one token, or without tokens of one address.
    var streamsPerClient = 640
    /// Until the first request is complete.
    var headerTime = TimeAmount.seconds(10)
    /// Without a request, or in the middle of one.
    var idleTime = Duration.seconds(30)
    var headerFields = 64
    var headerFieldBytes = 8 << 10
    var headerBytes = 16 << 10
    /// Of a WebSocket.
    var frameBytes = 16 << 10
    var messageBytes = 64 << 10
    /// Requests of one address.
    var perSecond = 50
    var burst = 200
    /// Seconds between two signs of life of a stream.
    var pulse = 15
    /// Seconds after which a reader who takes nothing is cut off.
    var patience = 30

    /// The usual.
    public init() {}

    /// The member `limits` of a service file; what it does not name stays as usual.
    public init(_ file: JSONCursor) throws(JSONError) {
        try file.refuseUnknown([
            "connections", "streams", "streamsPerClient", "requestsPerSecond", "burst", "headerSeconds", "idleSeconds",
            "patienceSeconds", "pulseSeconds",
        ])
        func number(_ name: String, _ range: ClosedRange<Int>) throws(JSONError) -> Int? {
            try file.optional(name).map { value throws(JSONError) in try value.integer(in: range) }
        }
        connections = try number("connections", 1...65_536) ?? connections
        streams = try number("streams", 1...65_536) ?? streams
        streamsPerClient = try number("streamsPerClient", 1...65_536) ?? streams
        perSecond = try number("requestsPerSecond", 1...100_000) ?? perSecond
        burst = try number("burst", 1...100_000) ?? max(burst, perSecond)
        headerTime = try number("headerSeconds", 1...600).map { .seconds(Int64($0)) } ?? headerTime
        idleTime = try number("idleSeconds", 1...3_600).map { .seconds($0) } ?? idleTime
        patience = try number("patienceSeconds", 1...600) ?? patience
        pulse = try number("pulseSeconds", 1...600) ?? pulse
    }
}
