import Foundation
import PackagePlugin

/// Writes the files that travel inside the program into a Swift source of the target: `EmbeddedFiles`.
///
/// Networks takes `networks/*.json` and the schema beside them; any other target takes the files of its folder `Demo`.
@main
struct EmbedFiles: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root =
            target.name == "Networks"
            ? context.package.directoryURL.appending(path: "networks", directoryHint: .isDirectory)
            : target.directoryURL.appending(path: "Demo", directoryHint: .isDirectory)
        let names = try EmbedFiles.names(under: root)
        let inputs = names.map { root.appending(path: $0) }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(names.count) files into \(target.name)",
                executable: try context.tool(named: "abigen").url,
                arguments: [
                    "embed", output.path(percentEncoded: false), "EmbeddedFiles", root.path(percentEncoded: false),
                ]
                    + names,
                inputFiles: inputs, outputFiles: [output])
        ]
    }

    /// The files to embed as paths below `root`, sorted; none where the folder is missing.
    private static func names(under root: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: root.path(percentEncoded: false)) else { return [] }
        let prefix = root.standardizedFileURL.path(percentEncoded: false)
        var names: [String] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: prefix) {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: prefix + "/" + name, isDirectory: &isFolder)
            let isRemark = name.hasSuffix(".md") || name.split(separator: "/").contains { $0.hasPrefix(".") }
            if exists && !isFolder.boolValue && !isRemark { names.append(name) }
        }
        return names.sorted()
    }
}
