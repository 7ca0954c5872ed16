import Ethereum
import JSON

/// Reads the values of a proof's JSON; what is not of the right form is refused with its place.
struct ProofReader {
    let scanner: JSONScanner
    /// What the answer is, as messages name it: "a header".
    let what: String

    typealias Node = JSONScanner.Node

    func malformed(_ error: JSONError) -> VerificationError { .malformed("\(what) is malformed: \(error)") }

    func malformed(_ why: String) -> VerificationError { .malformed("\(what) is malformed: \(why)") }

    /// The member by this name; nil where there is none, or `null`.
    func optional(_ object: Node, _ name: StaticString) -> Node? {
        guard let found = scanner.member(object, name), !scanner.isNull(found) else { return nil }
        return found
    }

    func require(_ object: Node, _ name: StaticString) throws(VerificationError) -> Node {
        do { return try scanner.require(object, name) } catch { throw malformed(error) }
    }

    func elements(_ node: Node) throws(VerificationError) -> JSONScanner.Children {
        do { return try scanner.elements(of: node) } catch { throw malformed(error) }
    }

    func quantity(_ node: Node) throws(VerificationError) -> UInt64 {
        do { return try scanner.quantity(node) } catch { throw malformed(error) }
    }

    func quantity256(_ node: Node) throws(VerificationError) -> UInt256 {
        do {
            let value = try scanner.quantity256(node)
            return UInt256(high: value.high, low: value.low)
        } catch {
            throw malformed(error)
        }
    }

    /// A word whose zeros on the left may be missing: storage keys and values, as nodes echo them.
    func word(_ node: Node) throws(VerificationError) -> UInt256 {
        do {
            let value = try scanner.hexWord(node)
            return UInt256(high: value.high, low: value.low)
        } catch {
            throw malformed(error)
        }
    }

    func number(_ node: Node, bytes count: Int) throws(VerificationError) -> UInt256 {
        do {
            let value = try scanner.hexNumber(node, bytes: count)
            return UInt256(high: value.high, low: value.low)
        } catch {
            throw malformed(error)
        }
    }

    func hash(_ node: Node) throws(VerificationError) -> Hash32 {
        Hash32(word: try number(node, bytes: 32))
    }

    func address(_ node: Node) throws(VerificationError) -> Address {
        Address(word: try number(node, bytes: 20))
    }

    /// The bytes of DATA whose length is in `range`, which is looked at first.
    func data(_ node: Node, _ range: ClosedRange<Int>) throws(VerificationError) -> [UInt8] {
        do throws(JSONError) {
            guard range.contains(try scanner.hexCount(node)) else {
                throw scanner.mismatch(node, expected: "\(range.lowerBound) to \(range.upperBound) bytes of hex")
            }
            return try scanner.hexData(node)
        } catch {
            throw malformed(error)
        }
    }
}
