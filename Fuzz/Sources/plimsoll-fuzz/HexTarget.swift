import Ethereum

/// Hex data, quantities, addresses, hashes and decimal numbers.
struct HexTarget: FuzzTarget {
    static let name = "hex"

    private let inputs = [
        "0x", "0x00", "0xdeadbeef", "0x1", "0x10000000000000000", "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
        "115792089237316195423570985008687907853269984665640564039457584007913129639935", "-1", "0",
    ].map { Array($0.utf8) }
    private let words = ["0x", "0X", "f", "g", "-", "+", "_", " ", "00", "é", "\u{0}"].map { Array($0.utf8) }

    init(seed: UInt64) {}

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let input = Mutator.mutate(random.pick(inputs), with: random.pick(inputs), words: words, &random)
        let text = String(decoding: input, as: UTF8.self)
        var accepted = false
        if let number = UInt256(decimal: text) {
            accepted = true
            guard UInt256(decimal: number.description) == number else { throw Violation("a decimal number", input) }
        }
        if let number = UInt256(hex: text) {
            accepted = true
            guard UInt256(hex: number.hex) == number else { throw Violation("a hex number", input) }
        }
        if let number = Int256(decimal: text) {
            accepted = true
            guard Int256(decimal: number.description) == number else { throw Violation("a signed number", input) }
        }
        if let number = Hex.parseQuantity256(text), Hex.quantity(number) != text.lowercased() {
            throw Violation("a quantity", input)
        }
        if let address = Address(hex: text), Address(checksummed: address.checksummed) != address {
            throw Violation("an address", input)
        }
        if let hash = Hash32(hex: text), Hash32(hex: hash.hex) != hash { throw Violation("a hash", input) }
        let bytes: [UInt8]
        do { bytes = try Hex.decode(input) } catch { return accepted }
        guard bytes.count <= input.count / 2, try Hex.decode(Hex.encode(bytes), prefix: .required) == bytes else {
            throw Violation("hex data", input)
        }
        return true
    }
}
