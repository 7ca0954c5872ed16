import ABI
import Ethereum
import JSON

/// Texts of types, functions, events and JSON ABIs: what is accepted prints a text that means the same.
struct SignatureTarget: FuzzTarget {
    static let name = "signatures"

    private let texts = [
        "uint256,(bool,bytes)[]", "function balanceOf(address owner) view returns (uint256)",
        "event Transfer(address indexed from,address indexed to,uint256 value)", "error Short(uint256 by,string why)",
        "f(((uint8[2])[],tuple(bytes32 a, string[0] b)[3])[] calldata x, function, int24)",
        "event Note(bytes4 indexed a,(bool) indexed b) anonymous",
    ].map { Array($0.utf8) }
    private let abis = [
        #"[{"type":"function","name":"f","inputs":[{"name":"a","type":"tuple[2][]","components":[{"name":"b","type":"bytes"}]}],"outputs":[{"type":"bool"}],"stateMutability":"view"}]"#,
        #"{"contract":"C","abi":[{"type":"event","name":"E","inputs":[{"type":"uint8","indexed":true}],"anonymous":true},{"type":"error","name":"X"}]}"#,
    ].map { Array($0.utf8) }
    private let words = [
        "(", ")", "[", "]", "[]", "[4294967296]", "tuple(", "uint", "()", " indexed ", "fixed", ",", "é",
    ].map { Array($0.utf8) }

    init(seed: UInt64) {}

    func run(_ random: inout FuzzRandom) throws -> Bool {
        if random.below(4) == 0 {
            let input = Mutator.mutate(random.pick(abis), with: random.pick(abis), words: words, &random)
            do {
                return try ContractABI(JSONValue(parsing: input, limits: .file)).functions.allSatisfy {
                    $0.selector.value >= 0
                }
            } catch { return false }
        }
        let input = Mutator.mutate(random.pick(texts), with: random.pick(texts), words: words, &random)
        let text = String(decoding: input, as: UTF8.self)
        var accepted = false
        if let list = attempt({ try ABIType.list(parsing: text) }) {
            accepted = true
            let printed = list.map(\.type.description).joined(separator: ",")
            guard
                attempt({ try ABIType.list(parsing: printed) })?.map(\.type.description) == list.map(\.type.description)
            else {
                throw Violation("types print as \(printed)", input)
            }
        }
        if let function = attempt({ try FunctionSignature(parsing: text) }) {
            accepted = true
            guard attempt({ try FunctionSignature(parsing: function.canonical) })?.selector == function.selector else {
                throw Violation("a function prints as \(function.canonical)", input)
            }
        }
        if let event = attempt({ try EventSignature(parsing: text) }) {
            accepted = true
            guard attempt({ try EventSignature(parsing: event.canonical) })?.topic0 == event.topic0 else {
                throw Violation("an event prints as \(event.canonical)", input)
            }
        }
        return accepted
    }

    private func attempt<Value>(_ body: () throws -> Value) -> Value? {
        do { return try body() } catch { return nil }
    }
}
