import ArgumentParser
import Foundation
import JSON
import Keeper
import Server

/// `plimsoll replay-webhook`: sends again what a webhook did not take in time.
struct ReplayWebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay-webhook",
        abstract: "Sends again, once each and in order, what a webhook did not take before it was too old.",
        discussion:
            "What is taken leaves the file of dead letters; what is not stays. Not while a watch writes to the file.")

    @Argument(help: "The sink's name in the service file.")
    var sink: String

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Where the watch keeps its streams.", valueName: "dir"))
    var state: String

    func run() async throws {
        let file = try service.read(Environment.current)
        guard let configuration = file.sinks.first(where: { $0.name == sink }) else {
            throw CommandStop(.usage, "no sink is called \(sink)")
        }
        let replay = try WebhookReplay(configuration, folder: state + "/sinks", clock: { unixSeconds() })
        let (sent, left, reason) = try await replay.run()
        var buffer = OutputBuffer.standardOutput()
        let record: JSONValue = [
            "type": "replayed", "sink": .string(sink), "sent": .integer(sent), "left": .integer(left),
            "reason": reason.map { .string($0) } ?? .null,
        ]
        try buffer.append(
            output.effectiveFormat == .table
                ? Array("\(sent) sent, \(left) left\(reason.map { ": \($0)" } ?? "")\n".utf8)
                : record.serialized() + [UInt8(ascii: "\n")])
        try buffer.flush()
        if left > 0 { throw CommandStop(.partial) }
    }
}
