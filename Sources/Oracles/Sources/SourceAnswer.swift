import ABI
import Chain
import Ethereum

/// Getters that price sources have, by name: most contracts have a few of them.
///
/// They are data rather than bindings: a probe asks a contract for all of them to find out what it is.
extension Call {
    /// A call of a getter with whole words as arguments.
    init(_ target: Address, _ signature: String, _ words: UInt256...) {
        self.init(
            target: target, data: Selector(signature: signature).bytes + words.flatMap { $0.bigEndianBytes })
    }
}

extension Reading<[UInt8]> {
    /// The word at `index` of an answer of words.
    func word(_ index: Int = 0) -> Reading<UInt256> {
        switch self {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            guard bytes.count >= 32 * (index + 1), let word = UInt256(bigEndian: bytes[32 * index..<32 * index + 32])
            else { return .unknown(.malformed("\(bytes.count) bytes where word \(index) is expected")) }
            return .known(word)
        }
    }

    /// The word as a small number; `nil` where it is none below `limit`.
    func number(_ index: Int = 0, below limit: Int) -> Int? {
        guard let number = word(index).value?.asUInt64(), number < UInt64(limit) else { return nil }
        return Int(number)
    }

    /// The word as an address that is not zero.
    func contract(_ index: Int = 0) -> Address? {
        guard let word = word(index).value, let address = Address(checkedWord: word), !address.isZero else {
            return nil
        }
        return address
    }

    /// The word as a signed number that is above zero.
    func positive(_ index: Int = 0) -> Reading<UInt256> {
        switch word(index) {
        case .unknown(let reason): return .unknown(reason)
        case .known(let word):
            guard !Int256(bits: word).isNegative else { return .unknown(.malformed("the price is below zero")) }
            guard !word.isZero else { return .unknown(.malformed("the price is zero")) }
            return .known(word)
        }
    }

    /// A short text, or 32 bytes of one.
    var text: String? {
        guard case .known(let bytes) = self, bytes.count >= 32 else { return nil }
        if bytes.count == 32 { return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        guard word(0).value == 32, let count = number(1, below: 257), bytes.count >= 64 + count else { return nil }
        return String(decoding: bytes[64..<64 + count], as: UTF8.self)
    }
}

extension Reading<UInt256> {
    /// The number as a price; unknown where no price can be so.
    func price(decimals: Int?) -> Reading<ExactPrice> {
        switch self {
        case .unknown(let reason): return .unknown(reason)
        case .known(let number):
            guard let decimals else { return .unknown(.malformed("its decimals are not known")) }
            guard let price = ExactPrice.checked(number, decimals: decimals) else {
                return .unknown(.malformed("\(number) with \(decimals) decimal places is no price"))
            }
            return .known(price)
        }
    }
}
