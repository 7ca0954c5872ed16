public import Chain
public import Ethereum

/// One call that a keeper sends.
public struct LiquidationCall: Hashable, Sendable {
    /// Where the data names whoever sends it.
    public enum Sender: Hashable, Sendable {
        /// Nowhere: what is received goes to the caller.
        case nowhere
        /// In the word that starts at this byte, for the protocol's statistics alone: zero will do.
        case optional(at: Int)
        /// In the word that starts at this byte: what is received goes there, so that nobody else will do.
        case needed(at: Int)
    }

    /// The contract and the data; a sender that is not known stands there as zero.
    public var call: Call
    /// The function, as its signature.
    public var function: String
    /// Its arguments by name, as text.
    public var arguments: [LiquidationQuote.Argument]
    /// What of the chain's own coin it carries, wei.
    public var value: UInt256
    /// Where the data names whoever sends it.
    public var sender: Sender

    /// Makes a call.
    public init(
        _ call: Call, function: String, arguments: [LiquidationQuote.Argument], value: UInt256 = .zero,
        sender: Sender = .nowhere
    ) {
        self.call = call
        self.function = function
        self.arguments = arguments
        self.value = value
        self.sender = sender
    }

    /// The call as `sender` sends it; `nil` where it has to be known and is not.
    public func made(by sender: Address?) -> Call? {
        let place: Int
        switch self.sender {
        case .nowhere: return call
        case .optional(let at):
            guard sender != nil else { return call }
            place = at
        case .needed(let at): place = at
        }
        guard let sender, place >= 0, call.data.count >= place + 32 else { return nil }
        var data = call.data
        data.replaceSubrange(place..<place + 32, with: sender.word.bigEndianBytes)
        return Call(target: call.target, data: data)
    }
}

extension Address {
    /// Stands for the chain's own coin, which no contract counts.
    public static let native = Address(a: 0xEEEE_EEEE_EEEE_EEEE, b: 0xEEEE_EEEE_EEEE_EEEE, c: 0xEEEE_EEEE)
}
