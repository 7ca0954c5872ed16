import ArgumentParser
import Ethereum
import JSON
import Networks

/// `plimsoll networks`: what is built in, and the form of a network file.
struct NetworksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "networks",
        abstract: "Shows the built-in networks and markets, and the schema of the network file.",
        subcommands: [List.self, Show.self, Schema.self], defaultSubcommand: List.self)

    /// One line a market.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the built-in networks with their markets.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            let catalog = NetworkCatalog()
            var networks: [Network] = []
            for name in NetworkCatalog.names { networks.append(try catalog.network(name)) }
            var buffer = OutputBuffer.standardOutput()
            let terminal = output.terminal(Environment.current)
            try buffer.append(NetworkListing.text(networks, format: output.effectiveFormat, terminal: terminal))
            try buffer.flush()
        }
    }

    /// One network as a network file: something to copy and change.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a built-in network as a file to start from, or checks a file.")

        @Argument(help: "A built-in network, or the path of a network file.")
        var network: String

        @OptionGroup var output: OutputOptions

        func run() throws {
            let network = try NetworkCatalog().network(self.network)
            var buffer = OutputBuffer.standardOutput()
            if output.format == nil || output.format == .json, let text = NetworkCatalog.text(self.network) {
                try buffer.append(text)
            } else {
                let terminal = output.terminal(Environment.current)
                try buffer.append(NetworkListing.text([network], format: output.effectiveFormat, terminal: terminal))
            }
            try buffer.flush()
        }
    }

    /// The JSON Schema.
    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the JSON Schema of the network file.")

        @Flag(help: "That of the service file instead.")
        var service = false

        func run() throws {
            var buffer = OutputBuffer.standardOutput()
            try buffer.append(service ? NetworkCatalog.serviceSchema : NetworkCatalog.schema)
            try buffer.flush()
        }
    }
}
