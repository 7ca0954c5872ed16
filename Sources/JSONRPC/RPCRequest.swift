/// What an endpoint has to be able to do, so that one that cannot is not asked where another can.
public struct RPCNeeds: Sendable, Hashable {
    /// What not every endpoint offers.
    public var features: Set<RPCFeature>
    /// Blocks that a log query spans, both ends counted.
    public var blocks: UInt64?
    /// The highest block that has to be known.
    public var height: UInt64?
    /// The block whose state is read.
    public var state: UInt64?

    /// Needs nothing but what is said.
    public init(features: Set<RPCFeature> = [], blocks: UInt64? = nil, height: UInt64? = nil, state: UInt64? = nil) {
        self.features = features
        self.blocks = blocks
        self.height = height
        self.state = state
    }
}

/// One call of a node's method.
public struct RPCRequest: Sendable, Hashable {
    /// The method's name.
    public let method: String
    /// The JSON text of its parameters, an array.
    public let params: [UInt8]
    /// What it expects.
    public let kind: RPCKind
    /// What an endpoint has to be able to do for it; never sent.
    public var needs: RPCNeeds
    /// What may read the result in one pass, where the caller is prepared for that.
    public internal(set) var page: RPCPage?

    /// Makes a request.
    ///
    /// - Parameter params: JSON text of an array; it is sent as it is.
    public init(method: String, params: [UInt8], kind: RPCKind, needs: RPCNeeds = RPCNeeds()) {
        self.method = method
        self.params = params
        self.kind = kind
        self.needs = needs
    }

    /// The body of one exchange: ids are 1…n, so that the same questions make the same bytes.
    static func body(of requests: [RPCRequest]) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(requests.reduce(2) { $0 + $1.params.count + $1.method.utf8.count + 56 })
        if requests.count > 1 { body.append(UInt8(ascii: "[")) }
        for (index, request) in requests.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            request.append(id: index + 1, to: &body)
        }
        if requests.count > 1 { body.append(UInt8(ascii: "]")) }
        return body
    }

    func append(id: Int, to body: inout [UInt8]) {
        body += #"{"jsonrpc":"2.0","id":"#.utf8
        body += String(id).utf8
        body += #","method":""#.utf8
        body += method.utf8
        body += #"","params":"#.utf8
        body += params
        body.append(UInt8(ascii: "}"))
    }
}
