/// What a network file must and may say about a market of one protocol.
public struct EntryPoints: Hashable, Sendable {
    /// The protocol's name in a network file.
    public let `protocol`: String
    /// Members of `contracts` that must be there.
    public let required: [String]
    /// Members of `contracts` that may be there.
    public let optional: [String]
    /// Members of `options` that may be there.
    public let options: [String]

    /// Makes the requirements of one protocol.
    public init(_ protocol: String, required: [String], optional: [String] = [], options: [String] = []) {
        self.protocol = `protocol`
        self.required = required
        self.optional = optional
        self.options = options
    }

    /// The protocols that this version can read.
    public static let known: [EntryPoints] = [
        EntryPoints("aave-v3", required: ["poolAddressesProvider"]),
        EntryPoints("aave-v4", required: ["spoke"]),
        EntryPoints("spark", required: ["poolAddressesProvider"]),
    ]
}
