/// A decoder under fire: valid inputs to begin with, and what must hold for whatever it accepts.
protocol FuzzTarget: Sendable {
    static var name: String { get }
    /// One mutated input.
    ///
    /// - Returns: whether the decoder accepted it.
    /// - Throws: `Violation` where what it accepted does not hold together.
    func run(_ random: inout FuzzRandom) async throws -> Bool
}

/// A decoder accepted something and then said something else of it.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ input: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        let hex = input.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        description = "\(what); input 0x\(String(decoding: hex, as: UTF8.self))"
    }
}
