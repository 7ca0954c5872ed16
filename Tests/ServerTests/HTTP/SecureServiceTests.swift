import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import Server

@Suite(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
    .timeLimit(.minutes(1)))
struct SecureServiceTests {
    @Test func answersOverTLS() async throws {
        let folder = try SinkFolder()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder.path + "/key.pem", "-out",
            folder.path + "/cert.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let world = try await ServeWorld { $0.tls = (folder.path + "/cert.pem", folder.path + "/key.pem") }
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .file(folder.path + "/cert.pem")
        let port = try #require(world.service.port)
        let secure = try await RawClient(port: port, tls: try NIOSSLContext(configuration: client))
        secure.send("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try await SinkWorld.until { secure.isClosed }
        #expect(try Answer(secure.received).status == 200)
        let plain = try await RawClient(port: port)
        plain.send("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try await SinkWorld.until { plain.isClosed }
        #expect(!plain.text.contains("200"))
        await world.end()
    }
}
