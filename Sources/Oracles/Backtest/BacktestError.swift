/// A line of a recording that cannot be used.
public struct BacktestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// What is wrong with it, and what was expected.
    public var reason: String

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { "line \(line): \(reason)" }
}
