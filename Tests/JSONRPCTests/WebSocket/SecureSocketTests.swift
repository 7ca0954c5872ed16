import Foundation
@testable import JSONRPC
import NIOSSL
import Testing

/// TLS, with certificates made for the test.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct SecureSocketTests {
    private struct Certificate {
        let pem: [UInt8]
        let context: NIOSSLContext
    }

    /// A certificate that signs itself, for this name.
    private func certificate(_ name: String) throws -> Certificate {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = folder
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=plimsoll test", "-addext", "subjectAltName=\(name)", "-keyout", "key.pem", "-out",
            "certificate.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let pem = [UInt8](try Data(contentsOf: folder.appending(path: "certificate.pem")))
        let key = [UInt8](try Data(contentsOf: folder.appending(path: "key.pem")))
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
        return Certificate(pem: pem, context: try NIOSSLContext(configuration: configuration))
    }

    private func first(_ certificate: Certificate, host: String, trusts: Bool) async throws -> SocketEvent.Kind? {
        let server = try await SocketServer(tls: certificate.context) { _, _ in [] }
        defer { server.stop() }
        var options = WebSocketTransport.Options()
        if trusts { options.trustRoots = certificate.pem }
        let transport = WebSocketTransport(options)
        _ = transport.open(try Endpoint(socket: "wss://\(host):\(server.port)"))
        return try await transport.next(until: nil)?.kind
    }

    @Test func theCertificateAndItsNameAreChecked() async throws {
        let named = try certificate("DNS:localhost")
        let numbered = try certificate("IP:127.0.0.1")
        #expect(try await first(named, host: "localhost", trusts: true) == .opened(0))
        #expect(try await first(numbered, host: "127.0.0.1", trusts: true) == .opened(0))
        for (certificate, host, trusts) in [
            (named, "localhost", false), (named, "127.0.0.1", true), (numbered, "localhost", true),
        ] {
            let kind = try await first(certificate, host: host, trusts: trusts)
            guard case .ended(0, .untrusted)? = kind else {
                Issue.record("\(host), trusted \(trusts): \(String(describing: kind))")
                continue
            }
        }
    }

    @Test func namesMatchWholeLabels() {
        for (name, host) in [
            ("a.example", "a.example"), ("A.Example.", "a.example"), ("*.example.org", "x.example.org"),
            ("localhost", "localhost"),
        ] {
            #expect(SocketIdentity.names(name, host), "\(name) \(host)")
        }
        for (name, host) in [
            ("a.example", "b.example"), ("*.example", "a.example"), ("*.example.org", "a.b.example.org"),
            ("*.example.org", "example.org"), ("a*.example.org", "ab.example.org"), ("*", "localhost"), ("", ""),
            ("x.*.org", "x.example.org"), ("a..example", "a..example"),
        ] {
            #expect(!SocketIdentity.names(name, host), "\(name) \(host)")
        }
    }
}
