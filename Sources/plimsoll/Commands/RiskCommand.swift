import ArgumentParser

/// `plimsoll risk`: what estimates are worth.
struct RiskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk", abstract: "What the risk estimates are worth.", subcommands: [RiskScoreCommand.self])
}
