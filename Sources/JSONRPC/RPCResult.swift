public import Ethereum
public import JSON

/// The result of a call: a place in the parsed answer, decoded on demand.
public struct RPCResult: Sendable {
    /// The parsed body that holds the result.
    public let scanner: JSONScanner
    /// Where the result stands in it.
    public let node: JSONScanner.Node
    let endpoint: Endpoint
    let method: String

    /// The name of the endpoint that answered.
    public var endpointName: String { endpoint.name }
    /// Whether nothing of the body is kept for it.
    var isDetached: Bool { scanner.hasOwnText }

    private func malformed(_ expected: String) -> RPCError {
        .malformed(endpoint: endpoint.name, what: "\(method) answered without \(expected)")
    }

    /// The whole body.
    public var bytes: [UInt8] { scanner.bytes }
    /// Where the result stands in ``bytes``, quotes and brackets included.
    public var range: Range<Int> { scanner.range(node) }
    /// Whether the node answered `null`: what was asked for is not there.
    public var isNull: Bool { scanner.isNull(node) }

    /// The bytes of a `0x…` string of even length; `0x` is no bytes.
    ///
    /// - Throws: `.malformed` for anything else.
    public func hexData() throws(RPCError) -> [UInt8] {
        do {
            return try scanner.hexData(node)
        } catch {
            throw malformed("hex data")
        }
    }

    /// A quantity: `0x` and at most 64 digits without leading zeros, of either case.
    ///
    /// - Throws: `.malformed` for anything else: decimal numbers, JSON numbers, signs, white space, `0x` alone.
    public func quantity() throws(RPCError) -> UInt256 {
        do {
            let number = try scanner.quantity256(node)
            return UInt256(high: number.high, low: number.low)
        } catch {
            throw malformed("a quantity")
        }
    }

    /// A word of DATA as some gateways send it, zeros on the left missing or not: `eth_getStorageAt`.
    ///
    /// - Throws: `.malformed` for no digits, more than 64, or another form.
    public func word() throws(RPCError) -> UInt256 {
        do {
            let number = try scanner.hexWord(node)
            return UInt256(high: number.high, low: number.low)
        } catch {
            throw malformed("a word")
        }
    }

    /// The result as a tree.
    ///
    /// - Throws: `.malformed` where the result was read as a page.
    public func json() throws(RPCError) -> JSONValue {
        guard scanner.kind(node) != .page else { throw malformed("a tree: it was read as a page") }
        return JSONValue(node, of: scanner)
    }
}
