public import Foundation
public import JSON
public import JSONRPC

/// A development chain in a process of its own: real protocol bytecode on a real EVM behind loopback JSON-RPC.
///
/// It ends when this object goes, or when the test process ends and its standard input closes.
public final class DevChain: Sendable {
    /// What the chain said of itself when it started.
    public let info: JSONValue
    /// A client for its control methods (`dev_…`), without retries.
    public let control: RPCClient
    private let process: Process
    private let input: Pipe
    private let output: Pipe

    /// The root of the package.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Starts a chain and waits until it serves.
    ///
    /// - Parameters:
    ///   - arguments: options of `python -m devchain`.
    ///   - module: another module that builds a chain and takes these options.
    public init(_ arguments: [String], module: String = "devchain") throws {
        let python = Self.root.appending(path: ".build/devchain-venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw DevChainError("the development chain's packages are missing; run `make venv` first")
        }
        process = Process()
        input = Pipe()
        output = Pipe()
        process.executableURL = python
        process.arguments = ["-m", module, "--exit-with-stdin", "--quiet"] + arguments
        process.currentDirectoryURL = Self.root
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONPATH"] = Self.root.appending(path: "Tests/DevChain").path
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let line = Self.line(from: output.fileHandleForReading) else {
            process.terminate()
            throw DevChainError("the development chain ended before it served: \(arguments.joined(separator: " "))")
        }
        info = try JSONValue(parsing: line)
        guard let url = info["rpc"]?.string else { throw DevChainError("the chain did not say where it serves") }
        control = try RPCClient(endpoint: Endpoint(url: url), transport: CurlTransport())
    }

    deinit {
        process.terminate()
        // The signal may be blocked: a child inherits the mask of the thread that started it. What it cannot miss is the
        // end of its input; and `Process` holds the pipes for as long as the child lives.
        for handle in [input.fileHandleForWriting, output.fileHandleForReading] {
            do { try handle.close() } catch { continue }
        }
    }

    private static func line(from handle: FileHandle) -> [UInt8]? {
        var line: [UInt8] = []
        while let byte = handle.readData(ofLength: 1).first {
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        return nil
    }

    /// Where it serves.
    public var url: String { info["rpc"]?.string ?? "" }
    /// The network file that describes it.
    public var networkFile: String { info["network"]?.string ?? "" }

    /// Calls a control method and returns its answer.
    @discardableResult
    public func call(_ method: String, _ params: JSONValue = .array([])) async throws -> JSONValue {
        // Options are an object: the only parameter.
        let list = params.object == nil ? params : .array([params])
        let request = RPCRequest(method: method, params: list.serialized(), kind: .logs)
        return try await control.call(request).json()
    }
}

/// Why a development chain is not there.
public struct DevChainError: Error, CustomStringConvertible {
    /// In words.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
