import Foundation
import PackagePlugin

/// Writes one Swift file for every `abis/*.json` of the package.
@main
struct GenerateBindings: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "abis")
        let generator = try context.tool(named: "abigen").url
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { file in
                let output = context.pluginWorkDirectoryURL
                    .appending(path: file.deletingPathExtension().lastPathComponent + ".swift")
                return .buildCommand(
                    displayName: "Binding \(file.lastPathComponent)", executable: generator,
                    arguments: ["bindings", file.path(percentEncoded: false), output.path(percentEncoded: false)],
                    inputFiles: [file], outputFiles: [output])
            }
    }
}
