import ArgumentParser
import Logging
import Networks

/// How output looks; every command has these.
struct OutputOptions: ParsableArguments {
    @Option(help: "By default a table on a terminal, else ndjson.")
    var format: Format?

    @Option(help: ArgumentHelp("How severe an event must be to be logged.", valueName: "level"))
    var logLevel: Logger.Level = .warning

    @Flag(help: "No progress and no logs on stderr, errors excepted.")
    var quiet = false

    @Flag(help: "No colours; NO_COLOR does the same.")
    var noColor = false

    /// The form of stdout, asked for or fitting.
    var effectiveFormat: Format { format ?? (StandardStream.output.isTerminal ? .table : .ndjson) }

    /// The least severe level that is logged.
    var effectiveLogLevel: Logger.Level { quiet ? .error : logLevel }

    /// Where a table goes.
    func terminal(_ environment: [String: String]) -> Terminal {
        .of(.output, noColor: noColor, environment: environment)
    }
}

/// Where and when a command reads.
struct ChainOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A built-in network, or the path of a network file.", valueName: "name|file"))
    var network = "ethereum"

    @Option(help: ArgumentHelp("An endpoint; repeat it for failover and quorum.", valueName: "url"))
    var rpc: [String] = []

    @Option(
        help: ArgumentHelp("How many endpoints have to agree; by default two where there are two.", valueName: "n"))
    var quorum: Int?

    @Option(help: ArgumentHelp("What endpoints say is proven: none, headers, logs or state.", valueName: "level"))
    var verify: VerificationLevel = .none

    @Option(help: ArgumentHelp("latest, safe, finalized, a number or a hash.", valueName: "block"))
    var block: BlockChoice = .latest

    @Option(help: ArgumentHelp("Where the index is kept.", valueName: "dir"))
    var state: String?

    @Flag(help: "Keep no index.")
    var noState = false

    @Option(help: ArgumentHelp("Write every RPC exchange to a file.", valueName: "file"))
    var record: String?

    @Option(help: ArgumentHelp("Answer from such a file; no socket is opened.", valueName: "file"))
    var replay: String?

    @Option(help: ArgumentHelp("The time to assume, in Unix seconds.", valueName: "unix"))
    var at: UInt64?

    func validate() throws {
        if let quorum, quorum < 1 || quorum > 16 {
            throw ValidationError("--quorum: expected a number from 1 to 16, got \(quorum)")
        }
        if noState && state != nil { throw ValidationError("--state and --no-state exclude each other") }
        if record != nil && replay != nil { throw ValidationError("--record and --replay exclude each other") }
        for url in rpc where RPCAddress(url) == nil {
            throw ValidationError("--rpc: expected an http:// or https:// URL with a host")
        }
    }
}
