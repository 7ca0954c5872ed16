import Ethereum

/// The text of JSON-RPC parameters, written without an intermediate tree.
enum Parameters {
    /// How a pinned block is named in a call.
    static func pin(_ block: Block, byHash: Bool) -> String {
        byHash
            ? #"{"blockHash":"\#(block.hash.hex)","requireCanonical":true}"#
            : "\"\(Hex.quantity(block.number))\""
    }

    static func call(_ target: Address, _ data: [UInt8], gas: Int?, pin: String, overrides: String? = nil) -> [UInt8] {
        var text = [UInt8]()
        text.reserveCapacity(160 + data.count * 2 + (overrides?.utf8.count ?? 0))
        text += #"[{"to":""#.utf8
        text += target.hex.utf8
        text += #"","data":""#.utf8
        text += "0x".utf8
        appendHex(data, to: &text)
        text += "\"".utf8
        if let gas { text += #","gas":"\#(Hex.quantity(UInt64(gas)))""#.utf8 }
        text += "},".utf8
        text += pin.utf8
        if let overrides {
            text += ",".utf8
            text += overrides.utf8
        }
        text += "]".utf8
        return text
    }

    static func code(_ address: Address, _ runtime: String) -> String {
        #"{"\#(address.hex)":{"code":"\#(runtime)"}}"#
    }

    private static func appendHex(_ bytes: [UInt8], to text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
