import ArgumentParser
import Ethereum
import JSON
import Server

/// `plimsoll serve token`: makes a bearer token, of which only the hash is to be kept.
struct ServeTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes a bearer token: prints its secret once, and the entry for --tokens.")

    @Argument(help: "Whose it is.")
    var name: String

    @Option(help: ArgumentHelp("A stream that it may hear; a * at the end stands for anything.", valueName: "stream"))
    var stream: [String] = ["*"]

    @Option(help: ArgumentHelp("What it may be used for: read, stream or metrics; repeatable.", valueName: "scope"))
    var scope: [String] = ["read", "stream"]

    func validate() throws {
        guard (1...64).contains(name.utf8.count) else { throw ValidationError("a name of 1 to 64 bytes was expected") }
        for text in scope where AccessScope(rawValue: text) == nil {
            throw ValidationError("--scope \(text): expected read, stream or metrics")
        }
    }

    func run() throws {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let secret = "plm_" + Hex.encode(bytes).dropFirst(2)
        let entry: JSONValue = [
            "name": .string(name), "sha256": .string(AccessList.digest(of: secret)),
            "streams": .array(stream.map { .string($0) }), "scopes": .array(scope.map { .string($0) }),
        ]
        let line: JSONValue = ["secret": .string(secret), "entry": entry]
        try StandardStream.output.write(line.serialized() + [UInt8(ascii: "\n")])
    }
}
