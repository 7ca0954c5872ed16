import Chain
import Ethereum
import Lending

/// Calls of plans, read back from the bytes that would be sent.
enum PlannedCall {
    /// The call to `target` with these arguments.
    ///
    /// - Parameters:
    ///   - words: every word behind the selector, as it was meant.
    ///   - arguments: the same for people, by name.
    /// - Throws: where the bytes say something else.
    static func made(
        to target: Address, _ data: [UInt8], _ selector: Selector, _ function: String, words: [UInt256],
        arguments: [(String, String)], value: UInt256 = .zero, sender: LiquidationCall.Sender = .nowhere
    ) throws(LiquidationRefusal) -> LiquidationCall {
        guard data.count == 4 + 32 * words.count, data.prefix(4).elementsEqual(selector.bytes),
            words.indices.allSatisfy({ UInt256(bigEndian: data[(4 + 32 * $0)..<(36 + 32 * $0)]) == words[$0] })
        else { throw LiquidationRefusal("the call does not decode to what was meant") }
        return LiquidationCall(
            Call(target: target, data: data), function: function,
            arguments: arguments.map { LiquidationQuote.Argument($0.0, $0.1) }, value: value, sender: sender)
    }
}
