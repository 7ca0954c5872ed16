import Foundation
@testable import JSONRPC
import JSON
import Testing

@Suite struct EvidenceTests {
    private func folder() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString)")
    }

    private func remove(_ folder: URL) {
        do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
    }

    private func evidence(request: [UInt8] = [], response: [UInt8] = []) throws -> Evidence {
        Evidence(
            endpoint: try Endpoint(url: "https://eth.example.org/v3/0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            reason: "it says 0a1b2c3d4e5f60718293a4b5c6d7e8f9\u{1b}[2J", time: 77, request: request,
            response: response)
    }

    @Test func oneFileForOneIncidentWithoutKeys() async throws {
        let folder = folder()
        defer { remove(folder) }
        let sink = EvidenceFolder(path: folder.path)
        let answer = Array(#"{"error":{"message":"key 0a1b2c3d4e5f60718293a4b5c6d7e8f9 …"}}"#.utf8)
        try await sink.keep(evidence(request: Array("{}".utf8), response: answer))
        try await sink.keep(evidence(request: [0xff], response: []))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == 2)
        let values = try names.map { try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: $0)))) }
        #expect(values[0]["endpoint"]?.string == "eth.example.org")
        #expect(values[0]["operator"]?.string == "example.org")
        #expect(values[0]["request"]?.string == "{}")
        #expect(values[0]["reason"]?.string == "it says … [2J")
        #expect(values[1]["requestHex"]?.string == "0xff")
        for value in values { #expect(!"\(value)".contains("0a1b2c3d4e5f")) }
        let mode = try FileManager.default.attributesOfItem(atPath: folder.appending(path: names[0]).path)
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test func bodiesAreCutAtAMebibyte() throws {
        let evidence = try evidence(request: [UInt8](repeating: 0x20, count: 3 << 20), response: [])
        #expect(evidence.request.count == 1 << 20)
    }

    @Test func aLiarDoesNotFillTheDisk() async throws {
        let folder = folder()
        defer { remove(folder) }
        let sink = EvidenceFolder(path: folder.path)
        for _ in 0..<EvidenceFolder.mostFiles { try await sink.keep(evidence()) }
        await #expect(throws: EvidenceError.self) { try await sink.keep(evidence()) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == EvidenceFolder.mostFiles)
    }

    @Test func aFolderThatCannotBeMadeIsSaid() async throws {
        let sink = EvidenceFolder(path: "/dev/null/evidence")
        await #expect(throws: EvidenceError("/dev/null/evidence cannot be made: not a directory")) {
            try await sink.keep(evidence())
        }
    }
}
