import ABI
import Foundation
import JSON

/// The generator that the build runs: `abigen bindings IN.json OUT.swift` and `abigen embed OUT.swift ENUM FOLDER
/// NAME…`.
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

    /// What went wrong, and with which file.
    private enum Failure: Error, CustomStringConvertible {
        case usage
        case file(String, String)

        var description: String {
            switch self {
            case .usage: "usage: abigen bindings IN.json OUT.swift | abigen embed OUT.swift ENUM FOLDER NAME…"
            case .file(let path, let problem): "\(path): \(problem)"
            }
        }
    }

    private static func run(_ arguments: [String]) throws {
        switch (arguments.first, arguments.count) {
        case ("bindings", 3): try bindings(from: arguments[1], to: arguments[2])
        case ("embed", 4...): try Embed.run(Array(arguments.dropFirst()))
        default: throw Failure.usage
        }
    }

    private static func bindings(from path: String, to output: String) throws {
        let input = URL(filePath: path)
        let bytes = [UInt8](try Data(contentsOf: input))
        let source: String
        do {
            source = try BindingsGenerator.generate(json: bytes, name: input.deletingPathExtension().lastPathComponent)
        } catch {
            throw Failure.file(path, "\(error)")
        }
        try Data(source.utf8).write(to: URL(filePath: output), options: .atomic)
    }
}
