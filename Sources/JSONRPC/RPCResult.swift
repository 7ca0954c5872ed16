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

    private func malformed(_ expected: String) -> RPCError {
        .malformed(endpoint: endpoint.name, what: "\(method) answered without \(expected)")
    }

    /// The bytes of a `0x…` string of even length.
    public func hexData() throws(RPCError) -> [UInt8] {
        do {
            return try scanner.hexData(node)
        } catch {
            throw malformed("hex data")
        }
    }

    /// A quantity: `0x` and at most 64 digits without leading zeros.
    public func quantity() throws(RPCError) -> UInt256 {
        do {
            let number = try scanner.quantity256(node)
            return UInt256(high: number.high, low: number.low)
        } catch {
            throw malformed("a quantity")
        }
    }

    /// The result as a tree.
    public func json() throws(RPCError) -> JSONValue {
        JSONValue(node, of: scanner)
    }
}
