import Ethereum
import JSON
import JSONRPC

extension Block {
    /// Decodes the answer to `eth_getBlockByNumber` or `…ByHash`; nil where the endpoint has no such block.
    static func decode(_ result: RPCResult, endpoint: String) throws(ChainError) -> Block? {
        let value: JSONValue
        do {
            value = try result.json()
        } catch {
            throw .endpoint(error)
        }
        if case .null = value { return nil }
        func hash(_ key: String) throws(ChainError) -> Hash32 {
            guard let text = value[key]?.string, text.hasPrefix("0x"), let hash = Hash32(hex: text) else {
                throw .malformedBlock(endpoint: endpoint, expected: "a 32-byte \(key)")
            }
            return hash
        }
        func quantity(_ key: String) throws(ChainError) -> UInt256 {
            guard let text = value[key]?.string, text.hasPrefix("0x"), let number = UInt256(hex: text) else {
                throw .malformedBlock(endpoint: endpoint, expected: "a quantity \(key)")
            }
            return number
        }
        guard let number = try quantity("number").asUInt64(), let timestamp = try quantity("timestamp").asUInt64()
        else {
            throw .malformedBlock(endpoint: endpoint, expected: "a number and a timestamp of 64 bits")
        }
        /// What only the assumption of a fee stands on: where it is not there, the fee is not known.
        func gas(_ key: String) -> UInt64? { value[key]?.string.flatMap { UInt256(hex: $0) }?.asUInt64() }
        let baseFee: UInt256? = value["baseFeePerGas"] == nil ? nil : try quantity("baseFeePerGas")
        return Block(
            number: number, hash: try hash("hash"), parentHash: try hash("parentHash"), timestamp: timestamp,
            baseFeePerGas: baseFee, gasUsed: gas("gasUsed"), gasLimit: gas("gasLimit"),
            feeRule: value["extraData"]?.string.flatMap { rule(in: $0) })
    }

    private static func rule(in extraData: String) -> BaseFeeRule? {
        // 17 bytes at most: anything longer is no statement of fees.
        guard extraData.utf8.count <= 36 else { return nil }
        do {
            return BaseFeeRule.stated(in: try Hex.decode(extraData))
        } catch {
            return nil
        }
    }
}
