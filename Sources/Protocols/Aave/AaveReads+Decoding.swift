import ABI
import Bindings
import Chain
import Ethereum

extension Aave {
    /// What the return data of a call says.
    static func decode<Method: ContractCall>(
        _ method: Method.Type, _ answer: Reading<[UInt8]>
    ) -> Reading<Method.Output> {
        switch answer {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            do throws(ABIError) {
                return .known(try Method.decode(bytes))
            } catch {
                return .unknown(.malformed("\(error)"))
            }
        }
    }

    /// What the kept bytes of one answer say.
    static func decode<Method: ContractCall>(
        _ method: Method.Type, _ answer: Reading<ArraySlice<UInt8>>
    ) -> Reading<Method.Output> {
        decode(method, answer.map { Array($0) })
    }

    /// A token's symbol: a string, or the 32 bytes that older tokens answer; `nil` where there is none.
    static func symbol(_ answer: Reading<[UInt8]>) -> String? {
        guard let bytes = answer.value else { return nil }
        if bytes.count == 32 {
            let text = bytes.prefix { $0 != 0 }
            return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
        }
        guard let text = decode(ERC20.Symbol.self, .known(bytes)).value, !text.isEmpty else { return nil }
        return String(text.prefix(64))
    }

    /// The k for which a number is 10^k; `nil` for any other number.
    static func exponentOfTen(_ value: UInt256) -> Int? {
        (0...77).first { Math.assetUnit(decimals: $0) == value }
    }
}
