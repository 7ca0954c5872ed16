import ArgumentParser
import Chain
import JSONRPC
import Networks

/// `plimsoll demo`: a scan over a recorded chain that ships inside the program.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Scans a recorded chain: no network, no configuration.")

    @OptionGroup var scan: ScanOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if scan.all || !scan.account.isEmpty || scan.readPath != nil || scan.cex || scan.rounds != nil {
            throw ValidationError(
                "the recording holds one scan: --all, --account, --read-path, --cex and --rounds ask for another")
        }
    }

    func run() async throws {
        guard let recording = EmbeddedFiles.bytes("demo.transcript"), let file = EmbeddedFiles.bytes("network.json")
        else {
            throw CommandStop(.defect, "this build holds no recording")
        }
        let network = try NetworkFile().parse(file, file: "the demo's network file")
        let session = try RPCSession(replaying: try Transcript(compressed: recording), network: network)
        var scan = scan
        // The worst forty fit a screen; who wants more says so.
        if scan.top == nil, output.effectiveFormat == .table { scan.top = 40 }
        try await ScanRun(
            session: session, state: StateStore(), scan: scan, output: output, environment: Environment.current
        ).run(
            markets: network.markets, selector: .latest, path: nil)
    }
}
