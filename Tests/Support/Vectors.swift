public import JSON
internal import Foundation

/// Golden numbers from files under Tests/Vectors, each with a `source` and a list of `vectors`.
public enum Vectors {
    /// The vectors of a file, such as `ethereum/keccak`.
    public static func load(_ name: String) throws -> [JSONValue] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/\(name).json")
        let value = try JSONValue(parsing: Array(Data(contentsOf: file)))
        guard value["source"]?.string != nil, let vectors = value["vectors"]?.array, !vectors.isEmpty else {
            throw VectorError(description: "\(name) has no source or no vectors")
        }
        return vectors
    }
}

/// Why vectors are not there.
public struct VectorError: Error, CustomStringConvertible {
    /// In words.
    public let description: String
}

extension JSONValue {
    /// The text of a member that a vector has to have.
    public func text(_ member: String) throws -> String {
        guard let text = self[member]?.string else {
            throw VectorError(description: "a vector lacks the text \"\(member)\"")
        }
        return text
    }
}
