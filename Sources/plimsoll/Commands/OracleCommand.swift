import ArgumentParser

/// `plimsoll oracle`: what is to be thought of prices.
struct OracleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oracle", abstract: "Shows prices beside independent sources, and what to think of them.",
        subcommands: [OracleShowCommand.self, OracleBacktestCommand.self], defaultSubcommand: OracleShowCommand.self)
}
