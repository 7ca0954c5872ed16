import Chain
public import Ethereum
public import JSON

extension OracleForest {
    /// The tree behind a price as it stands in records.
    public func record(of address: Address) -> JSONValue {
        var lines: [(node: OracleNode, role: String?, depth: Int)] = []
        walk(address) { lines.append(($0, $1, $2)) }
        var place = 0
        return Self.record(lines, &place)
    }

    private static func record(
        _ lines: [(node: OracleNode, role: String?, depth: Int)], _ place: inout Int
    ) -> JSONValue {
        guard place < lines.count else { return .null }
        let (node, role, depth) = lines[place]
        place += 1
        var children: [JSONValue] = []
        while place < lines.count, lines[place].depth > depth { children.append(record(lines, &place)) }
        return [
            "address": .string(node.address.checksummed), "role": role.map { .string($0) } ?? .null,
            "kind": .string(node.kind.rawValue), "name": node.name.map { .string($0) } ?? .null,
            "price": node.price.map { .string($0.description) } ?? .null,
            "updatedAt": node.updatedAt.map { .integer($0) } ?? .null,
            "bounds": node.bounds.map { bounds in
                ["min": .string(bounds.lowerBound.description), "max": .string(bounds.upperBound.description)]
            } ?? .null,
            "capped": node.isCapped.map { .bool($0) } ?? .null,
            "headroomBps": node.headroomBps.map { .integer($0) } ?? .null,
            "root": node.root.map { .string($0.name) } ?? .null,
            "notes": .array(node.notes.map { .string($0) }), "children": .array(children),
        ]
    }
}
