import Ethereum
import JSON
import TestSupport

/// A receipt of the tests' own: its JSON, and its bytes from the definition.
struct ReferenceReceipt {
    struct Event {
        var address: Address
        var topics: [Hash32]
        var data: [UInt8]
    }

    var type: UInt8
    var status: Bool?
    var root = Hash32(word: 77)
    var gas: UInt64
    var events: [Event]
    var depositNonce: UInt64?
    var depositVersion: UInt64?
    var baseFee: UInt64?

    static let types: [UInt8] = [0, 1, 2, 3, 4, 0x64, 0x65, 0x66, 0x68, 0x69, 0x6A, 0x78, 0x7B, 0x7C, 0x7E, 0x7F]

    static func random(using generator: inout SeededGenerator) -> ReferenceReceipt {
        let type = types.randomElement(using: &generator) ?? 0
        var receipt = ReferenceReceipt(
            type: type, status: Int.random(in: 0..<8, using: &generator) == 0 ? nil : .random(using: &generator),
            gas: .random(in: 0...(.max >> UInt64.random(in: 0...63, using: &generator)), using: &generator), events: [])
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            receipt.events.append(
                Event(
                    address: Address(word: .random(bits: 150...160, using: &generator)),
                    topics: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                        Hash32(word: .random(using: &generator))
                    },
                    data: generator.bytes([0, 1, 32, 55, 56, 200].randomElement(using: &generator) ?? 0)))
        }
        if type == 0x7E {
            receipt.depositNonce = .random(in: 0...1_000_000, using: &generator)
            if Bool.random(using: &generator) { receipt.depositVersion = 1 }
        }
        if type == 0x7B { receipt.baseFee = .random(in: 0...1_000_000, using: &generator) }
        return receipt
    }

    var bloom: [UInt8] {
        var bloom = [UInt8](repeating: 0, count: 256)
        for item in events.flatMap({ [$0.address.bytes] + $0.topics.map(\.bytes) }) {
            let hash = Keccak256.hash(item).bytes
            for pair in [0, 2, 4] {
                let bit = (Int(hash[pair]) << 8 | Int(hash[pair + 1])) & 2047
                bloom[255 - bit / 8] |= 1 << UInt8(bit % 8)
            }
        }
        return bloom
    }

    /// What the trie of receipts holds.
    var encoded: [UInt8] {
        var items: [RLP] = [
            status.map { .bytes($0 ? [1] : []) } ?? .hash(root), .quantity(UInt256(gas)), .bytes(bloom),
            .list(
                events.map {
                    .list([.address($0.address), .list($0.topics.map { .hash($0) }), .bytes($0.data)])
                }),
        ]
        if let depositVersion {
            items += [.quantity(UInt256(depositNonce ?? 0)), .quantity(UInt256(depositVersion))]
        }
        if let baseFee { items.append(.quantity(UInt256(baseFee))) }
        let list = RLP.list(items).encoded()
        return type == 0 || type == 0x78 ? list : [type] + list
    }

    var json: JSONValue {
        var object: JSONObject = [
            "type": .string(Hex.quantity(UInt64(type))), "cumulativeGasUsed": .string(Hex.quantity(gas)),
            "logs": .array(
                events.map {
                    .object([
                        "address": .string($0.address.hex), "topics": .array($0.topics.map { .string($0.hex) }),
                        "data": .string(Hex.encode($0.data)),
                    ])
                }),
        ]
        if let status {
            object["status"] = .string(status ? "0x1" : "0x0")
        } else {
            object["root"] = .string(root.hex)
        }
        object["depositNonce"] = depositNonce.map { .string(Hex.quantity($0)) }
        object["depositReceiptVersion"] = depositVersion.map { .string(Hex.quantity($0)) }
        object["baseFee"] = baseFee.map { .string(Hex.quantity($0)) }
        return .object(object)
    }
}
