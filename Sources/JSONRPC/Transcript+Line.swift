import Ethereum
import JSON

extension Transcript {
    /// Writes one line of a recording.
    struct Line {
        private var output = Array("{".utf8)

        mutating func member(_ name: String, _ value: JSONValue) {
            begin(name)
            value.append(to: &output)
        }

        /// Bytes under a lower-case name where they are JSON on one line, else under the upper-case name as a string,
        /// else under the name with an `x` as hex.
        mutating func bytes(_ name: String, _ bytes: [UInt8]) {
            if Self.isPlain(bytes) {
                begin(name)
                output += bytes
            } else if let text = String(validating: bytes, as: UTF8.self) {
                member(name.uppercased(), .string(text))
            } else {
                member(name + "x", .string(Hex.encode(bytes)))
            }
        }

        consuming func finish() -> [UInt8] { output + [UInt8(ascii: "}")] }

        private mutating func begin(_ name: String) {
            output += (output.count > 1 ? ",\"" : "\"").utf8
            output += name.utf8
            output += "\":".utf8
        }

        /// Whether the bytes can stand in a line as they are, and be found again.
        private static func isPlain(_ bytes: [UInt8]) -> Bool {
            guard let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
                bytes.last == UInt8(ascii: "}") || bytes.last == UInt8(ascii: "]"), !bytes.contains(UInt8(ascii: "\n"))
            else { return false }
            do {
                _ = try JSONScanner(bytes, limits: RPCKind.limits(bytes: bytes.count))
                return true
            } catch {
                return false
            }
        }
    }
}

extension JSONScanner {
    /// Bytes as ``Transcript/Line/bytes(_:_:)`` wrote them; nil where there are none.
    func recordedBytes(
        _ plain: StaticString, _ text: StaticString, _ hex: StaticString
    ) throws(JSONError) -> [UInt8]? {
        if let node = member(root, plain) { return Array(bytes[range(node)]) }
        if let node = member(root, text) { return Array(try string(node).utf8) }
        guard let node = member(root, hex) else { return nil }
        return try hexData(node)
    }

    /// A count that no sum of recorded counts overflows.
    func recordedCount(_ node: Node) throws(JSONError) -> Int {
        let value = try integer(node)
        guard (0...1 << 50).contains(value) else { throw mismatch(node, expected: "a count") }
        return value
    }

    /// Words that were cleaned when they were recorded, cleaned again: a file may come from anybody.
    func recordedWords(_ name: StaticString) throws(JSONError) -> String {
        guard let node = member(root, name) else { return "" }
        return Cleaned.text(try string(node), secrets: Secrets())
    }
}
