import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

extension OracleWorld {
    /// Deploys one of the development chain's price contracts; the market's oracle asks it for `source` from then on,
    /// where that is given.
    func contract(_ name: String, _ arguments: [JSONValue], source: String? = nil) async throws -> String {
        var options: JSONObject = ["contract": .string(name), "arguments": .array(arguments)]
        if let source { options["source"] = .string(source) }
        return try #require(try await node.call("dev_oracle", .object(options))["address"]?.string)
    }

    /// An aggregator that answers between two bounds.
    func aggregator(
        _ answer: UInt256, from low: UInt256 = 1, to high: UInt256 = .mask(bits: 176), source: String? = nil
    ) async throws -> String {
        try await contract("Feed", [answer, low, high].map { .string($0.description) }, source: source)
    }

    /// A transaction in a block of its own, whether it succeeds or not.
    func send(_ to: String, _ signature: String, _ words: UInt256...) async throws {
        let data = Selector(signature: signature).bytes + words.flatMap { $0.bigEndianBytes }
        let transaction: JSONValue = [
            "from": "0x00000000000000000000000000000000000000ee", "to": .string(to), "data": .string(Hex.encode(data)),
            "gas": "0x100000",
        ]
        try await node.call("eth_sendTransaction", .array([transaction]))
    }

    /// A text as contracts answer it.
    static func text(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let padded = bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
        return word(32) + word(UInt256(UInt64(bytes.count))) + Hex.encode(padded).dropFirst(2)
    }

    /// Up to 32 bytes of text in a word.
    static func short(_ text: String) -> String {
        String(Hex.encode(Array(text.utf8)).dropFirst(2)).padding(toLength: 64, withPad: "0", startingAt: 0)
    }

    /// An address as a word.
    static func contractWord(_ address: String) throws -> String { word(try #require(Address(hex: address)).word) }
}

extension JSONValue {
    /// What one rule of one detector found, in a record of `plimsoll oracle`.
    func finding(_ detector: String, _ rule: String) -> JSONValue? {
        self["findings"]?.array?.first { $0["detector"]?.string == detector && $0["rule"]?.string == rule }
    }

    func hasFlag(_ flag: String) -> Bool { self["flags"]?.array?.contains(.string(flag)) == true }

    /// Verdict and reasons, for a test that fails.
    var why: Comment { "\(self["verdict"] ?? .null) \(self["reasons"] ?? .null) \(self["findings"] ?? .null)" }
}
