import Ethereum
import Foundation
import JSON
import Oracles
import TestSupport
import Testing

/// `#require` where one stands inside another, which the macro does not take.
func some<Value>(_ value: Value?, at location: SourceLocation = #_sourceLocation) throws -> Value {
    try #require(value, sourceLocation: location)
}

/// Reads the members of vectors.
struct Vector {
    let value: JSONValue

    static func all(_ name: String) throws -> [Vector] {
        try Vectors.load("oracles/\(name)").map(Vector.init)
    }

    func text(_ member: String) throws -> String { try value.text(member) }
    func bytes(_ member: String) throws -> [UInt8] { try Hex.decode(try text(member)) }
    func word(_ member: String) throws -> UInt256 { try some(UInt256(decimal: try text(member))) }
    func hash(_ member: String) throws -> Hash32 { try some(Hash32(hex: try text(member))) }
    func address(_ member: String) throws -> Address { try some(Address(hex: try text(member))) }
    func number(_ member: String) throws -> Int { try some(value[member]?.int) }
    func addresses(_ member: String) throws -> [Address] {
        try some(value[member]?.array).map { try some(Address(hex: try some($0.string))) }
    }
    func list(_ member: String) throws -> [Vector] { try some(value[member]?.array).map(Vector.init) }
}

/// Every variant of some bytes that differs in one bit.
func forEachFlip(of bytes: [UInt8], step: Int = 1, _ body: ([UInt8], Int) throws -> Void) rethrows {
    var changed = bytes
    for bit in stride(from: 0, to: bytes.count * 8, by: step) {
        changed[bit / 8] ^= 1 << (bit % 8)
        try body(changed, bit)
        changed[bit / 8] ^= 1 << (bit % 8)
    }
}

/// Every prefix of some bytes, and one byte more, is refused.
func expectTruncationsRefused(_ bytes: [UInt8], _ parse: ([UInt8]) throws -> Void) {
    var accepted: [Int] = []
    for length in 0..<bytes.count {
        do {
            try parse(Array(bytes.prefix(length)))
            accepted.append(length)
        } catch {}
    }
    #expect(accepted.isEmpty, "accepted at lengths \(accepted.prefix(10))")
    #expect(throws: SignedDataError.self) { try parse(bytes + [0]) }
}
