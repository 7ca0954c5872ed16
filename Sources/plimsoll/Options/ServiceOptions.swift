import ArgumentParser
import Foundation
import JSON
import Networks
import Server

/// What a watch is beside its chain: where its messages go, and how often it says that it lives.
struct ServiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A service file: sinks, heartbeat. PLIMSOLL_CONFIG names one too.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Messages go there too: file:PATH, fifo:PATH, child:PROGRAM or unix:PATH; repeatable.", valueName: "sink"))
    var sink: [String] = []

    @Option(help: ArgumentHelp("Seconds between two signs of life, 10 where it is not given.", valueName: "seconds"))
    var heartbeat: Int?

    @Flag(help: "Write nothing to stdout: sinks alone are told.")
    var noStdout = false

    func validate() throws {
        if let heartbeat, !(1...3_600).contains(heartbeat) {
            throw ValidationError("--heartbeat: expected 1 to 3600 seconds, got \(heartbeat)")
        }
        for (index, text) in sink.enumerated() where SinkConfiguration(argument: text, number: index + 1) == nil {
            throw ValidationError(
                "--sink \(text): expected file:PATH, fifo:PATH, child:PROGRAM or unix:PATH; a service file can do more")
        }
    }

    /// The file, with what the command line says instead or besides.
    func read(_ environment: [String: String]) throws -> ServiceFile {
        var file = ServiceFile()
        if let path = config ?? environment["PLIMSOLL_CONFIG"] { file = try ServiceFile(path: path) }
        for (index, text) in sink.enumerated() {
            guard let sink = SinkConfiguration(argument: text, number: index + 1) else { continue }
            guard !file.sinks.contains(where: { $0.name == sink.name }) else {
                throw CommandStop(.usage, "--sink \(text): the service file has a sink called \(sink.name) already")
            }
            file.sinks.append(sink)
        }
        file.heartbeat = heartbeat ?? file.heartbeat
        file.isQuiet = noStdout || file.isQuiet
        return file
    }
}

/// A service file, read.
struct ServiceFile {
    /// Where messages go besides stdout.
    var sinks: [SinkConfiguration] = []
    /// Seconds between two signs of life.
    var heartbeat = 10
    /// Whether stdout is told nothing.
    var isQuiet = false
    /// How much clients of `serve` may ask for.
    var limits = HTTPLimits()

    /// Largest file that is read.
    private static let most = 1 << 20
    /// Its members; the schema lists the same.
    static let members = ["$schema", "heartbeatSeconds", "stdout", "sinks", "limits"]

    /// Nothing but the usual.
    init() {}

    /// Reads a file.
    ///
    /// - Throws: `CommandStop` with status 78, file, and place.
    init(path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandStop(.networkFile, "\(path): it cannot be read")
        }
        guard data.count <= Self.most else {
            throw CommandStop(.networkFile, "\(path): larger than \(Self.most) bytes")
        }
        do throws(JSONError) {
            try read(JSONCursor(try JSONValue(parsing: Array(data))))
        } catch {
            throw CommandStop(.networkFile, "\(path): \(error)")
        }
    }

    private mutating func read(_ root: JSONCursor) throws(JSONError) {
        try root.refuseUnknown(Self.members)
        if let seconds = try root.optional("heartbeatSeconds") { heartbeat = try seconds.integer(in: 1...3_600) }
        if let stdout = try root.optional("stdout") { isQuiet = !(try stdout.bool()) }
        if let list = try root.optional("sinks") { sinks = try SinkConfiguration.list(list) }
        if let limits = try root.optional("limits") { try self.limits.take(limits) }
    }
}
