public import JSON

/// The type that reads a result in one pass.
public struct RPCPage: Sendable {
    let type: any JSONPage.Type
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RPCPage: Hashable {
    public static func == (one: RPCPage, other: RPCPage) -> Bool { one.type == other.type }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(type)) }
}

extension RPCRequest {
    /// The same call, whose result, an array, `type` may read in one pass; ``JSONScanner/page(_:as:)`` then hands it
    /// out. One type serves a whole batch.
    public func read(as type: any JSONPage.Type) -> RPCRequest {
        var request = self
        request.page = RPCPage(type: type)
        return request
    }
}
