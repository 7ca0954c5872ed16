import ArgumentParser
import Chain
import Glibc
import JSONRPC
import Networks

/// `plimsoll doctor`: what each endpoint can do, and what the network file gets wrong.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Shows what each endpoint can do, and what the network file gets wrong.")

    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard chain.record == nil, chain.replay == nil else {
            throw ValidationError("doctor looks at endpoints as they are now: --record and --replay do not apply")
        }
    }

    func run() async throws {
        let environment = Environment.current
        let network = try NetworkCatalog().network(chain.network)
        let addresses = try network.endpoints(commandLine: chain.rpc, environment: environment)
        var endpoints: [Endpoint] = []
        for address in addresses { endpoints.append(try Endpoint(url: address.secretURL)) }
        let progress = ProgressBar.standardError(isQuiet: output.quiet, environment: environment)
        defer { progress.clear() }
        let consultation = Consultation(
            network: network, endpoints: Endpoint.distinct(endpoints), transport: try CurlTransport(),
            selector: chain.block.selector, now: chain.at ?? UInt64(max(0, time(nil))))
        let diagnosis = await consultation.run { done, total in
            progress.update(ProgressState(step: "asking endpoints", done: done, total: total, unit: "endpoints"))
        }
        progress.clear()
        try DoctorPrinter(diagnosis: diagnosis).write(
            output.effectiveFormat, terminal: output.terminal(environment), to: .standardOutput())
        if let stop = diagnosis.stop { throw stop }
    }
}
