import ArgumentParser

/// `plimsoll oracle`: what is to be thought of prices.
struct OracleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oracle", abstract: "Judges prices.", subcommands: [OracleBacktestCommand.self])
}
