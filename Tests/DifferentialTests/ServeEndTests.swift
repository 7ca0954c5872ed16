import Foundation
import JSON
import TestSupport
import Testing

/// A server that is told to stop says so to everybody who listens, and then ends.
@Suite(.serialized) struct ServeEndTests {
    /// A client of a WebSocket in Python, which is not ours: prints each message, and the code of the end.
    private static let socket = """
        import json, os, socket, struct, sys, urllib.parse
        place = urllib.parse.urlsplit(sys.argv[1])
        wire = socket.create_connection((place.hostname, place.port), timeout=120)
        wire.sendall(("GET /v1/ws HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
            "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n").encode())
        stream = wire.makefile("rb")
        while stream.readline() not in (b"\\r\\n", b""):
            pass
        wish = json.dumps({"id": 1, "method": "subscribe", "params": {"from": "tail"}}).encode()
        mask = os.urandom(4)
        wire.sendall(bytes([0x81, 0x80 | len(wish)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(wish)))
        while True:
            head = stream.read(2)
            if len(head) < 2:
                print(json.dumps({"lost": True}), flush=True)
                break
            length = head[1] & 127
            if length == 126:
                length = struct.unpack(">H", stream.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", stream.read(8))[0]
            body = stream.read(length)
            if head[0] & 15 == 1:
                print(body.decode(), flush=True)
            elif head[0] & 15 == 8:
                print(json.dumps({"close": struct.unpack(">H", body[:2])[0]}), flush=True)
                break
        """

    @Test(.timeLimit(.minutes(5))) func whoListensIsToldThatItStops() async throws {
        let chain = try DevChain([
            "--rules", "3.2", "--seed", "12", "--borrowers", "20", "--network-out",
            NSTemporaryDirectory() + "plimsoll-end-\(UUID().uuidString).json",
        ])
        let folder = NSTemporaryDirectory() + "plimsoll-end-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let secret = "0x" + String(repeating: "5e", count: 32)
        #expect(
            FileManager.default.createFile(
                atPath: folder + "/key", contents: Data(secret.utf8), attributes: [.posixPermissions: 0o600]))
        let sink: JSONValue = [
            "name": "evidence", "kind": "file", "path": .string(folder + "/signed"),
            "sign": ["file": .string(folder + "/key")],
        ]
        let service: JSONValue = ["heartbeatSeconds": 1, "limits": ["streams": 8], "sinks": [sink]]
        try Data(service.serialized()).write(to: URL(filePath: folder + "/service.json"))
        let program = try BuiltProgram.Conversation([
            "serve", "--listen", "127.0.0.1:0", "--network", chain.networkFile, "--ws",
            chain.url.replacing("http://", with: "ws://"), "--state",
            folder + "/state", "--config", folder + "/service.json", "--limit", "streamsPerClient=4",
        ])
        var url = ""
        while url.isEmpty {
            if let range = program.errors.firstRange(of: #/serving at (http://[0-9.:]+)/#) {
                url = String(program.errors[range].dropFirst("serving at ".count))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let events = try HTTPReader.Events("\(url)/v1/stream?from=tail", last: nil)
        let client = Process()
        let output = Pipe()
        client.executableURL = DevChain.root.appending(path: ".build/devchain-venv/bin/python")
        client.arguments = ["-c", Self.socket, url]
        client.standardOutput = output
        try client.run()
        try output.fileHandleForWriting.close()
        // Both hear something before it stops: a sign of life comes every second.
        #expect(events.next() != nil)
        var said = Data()
        while said.count(where: { $0 == UInt8(ascii: "\n") }) < 2 { said += output.fileHandleForReading.availableData }
        #expect(program.stop() == 0)
        var last: JSONValue = .null
        while let event = events.next() { last = event.data }
        #expect(last["type"] == "status" && last["status"] == "stopped")
        said += output.fileHandleForReading.readDataToEndOfFile()
        client.waitUntilExit()
        let lines = try said.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        let message = lines.dropLast().last?["params"]?["message"]
        #expect(message?["type"] == "status" && message?["status"] == "stopped")
        #expect(lines.last == ["close": 1_001])
        // What is after it in the log is no sign of trouble.
        #expect(!program.errors.contains("error") && !program.errors.contains("refused"), "\(program.errors)")
        try expectSignature(folder + "/signed", secret)
    }

    /// What was signed until the end is believed, and not once a digit of it is another; the key is nowhere.
    private func expectSignature(_ path: String, _ secret: String) throws {
        #expect(try BuiltProgram.run(["verify-feed", path]).status == 0)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let altered = text.replacing("\"status\":\"live\"", with: "\"status\":\"lie\"", maxReplacements: 1)
        #expect(altered != text)
        try Data(altered.utf8).write(to: URL(filePath: path))
        let refused = try BuiltProgram.run(["verify-feed", path])
        #expect(refused.status == 65 && refused.output.isEmpty)
        #expect(refused.errors.contains("line ") && refused.errors.contains("are not those that were signed"))
        // Replayed: the same batch a second time.
        let twice = text + (text.split(separator: "\n").prefix { !$0.contains("\"batch\"") }.joined(separator: "\n"))
        try Data((twice + "\n").utf8).write(to: URL(filePath: path))
        #expect(try BuiltProgram.run(["verify-feed", path]).status == 65)
        for said in [text, refused.errors] { #expect(!said.contains(secret.dropFirst(2))) }
    }
}
