import ArgumentParser

/// `plimsoll watch`: follows the chain block by block.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follows the chain and says at every block who can be liquidated.")

    @OptionGroup var options: WatchOptions

    func run() async throws { try await options.follow(nil) }
}
