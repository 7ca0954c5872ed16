import ABI
import Foundation
import JSON

/// The generator that the build runs: `abigen bindings IN.json OUT.swift` and `abigen embed IN OUT.swift NAME`.
@main
enum Abigen {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("abigen: \(error)\n".utf8))
            exit(1)
        }
    }

    /// What the command line asks for.
    private enum Failure: Error, CustomStringConvertible {
        case usage
        case file(String, String)

        var description: String {
            switch self {
            case .usage: "usage: abigen bindings IN.json OUT.swift | abigen embed IN OUT.swift NAME"
            case .file(let path, let problem): "\(path): \(problem)"
            }
        }
    }

    private static func run(_ arguments: [String]) throws {
        guard arguments.count >= 3 else { throw Failure.usage }
        let input = URL(filePath: arguments[1])
        let bytes = [UInt8](try Data(contentsOf: input))
        let source: String
        switch (arguments[0], arguments.count) {
        case ("bindings", 3):
            do {
                source = try BindingsGenerator.generate(json: bytes, name: input.deletingPathExtension().lastPathComponent)
            } catch {
                throw Failure.file(arguments[1], "\(error)")
            }
        case ("embed", 4):
            source = EmbedGenerator.generate(bytes: bytes, name: arguments[3], file: input.lastPathComponent)
        default: throw Failure.usage
        }
        try Data(source.utf8).write(to: URL(filePath: arguments[2]), options: .atomic)
    }
}
