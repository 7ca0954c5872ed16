import ArgumentParser

/// How much of what endpoints say is proven, each level with the ones before it.
enum VerificationLevel: Int, Comparable, Sendable, CaseIterable {
    /// Nothing beyond the checks that are always made.
    case none
    /// The pinned block's header hashes to its hash.
    case headers
    /// Every header back to the first block read is part of the pinned block's chain; the logs are those of the blocks,
    /// all of them.
    case logs
    /// The storage that verdicts near the line stand on is proven against the state root.
    case state

    static func < (one: VerificationLevel, other: VerificationLevel) -> Bool { one.rawValue < other.rawValue }

    /// As on the command line.
    var name: String { "\(self)" }
}

extension VerificationLevel: ExpressibleByArgument {
    init?(argument: String) {
        guard let level = Self.allCases.first(where: { $0.name == argument }) else { return nil }
        self = level
    }

    static var allValueStrings: [String] { allCases.map(\.name) }
}
