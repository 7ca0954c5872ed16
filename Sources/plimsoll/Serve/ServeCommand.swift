import ArgumentParser

/// `plimsoll serve`: follows the chain and answers over HTTP.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Follows the chain and serves state, events and metrics over HTTP.",
        subcommands: [ServeRunCommand.self, ServeTokenCommand.self], defaultSubcommand: ServeRunCommand.self)
}
