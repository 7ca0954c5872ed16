internal import NIOCore
internal import NIOSSL
import Synchronization

/// The channels of a transport, by connection.
final class SocketChannels: Sendable {
    private let channels = Mutex<[Int: any Channel]>([:])

    func add(_ channel: any Channel, _ connection: Int) {
        channels.withLock { $0[connection] = channel }
        channel.closeFuture.whenComplete { _ in self.remove(connection) }
    }

    func channel(_ connection: Int) -> (any Channel)? { channels.withLock { $0[connection] } }

    private func remove(_ connection: Int) { channels.withLock { $0[connection] = nil } }

    func close(_ connection: Int) { channel(connection)?.close(promise: nil) }

    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

/// Which certificates are believed; the authorities of the machine are read once, when first needed.
final class SocketTrust: Sendable {
    private let made = Mutex<NIOSSLContext?>(nil)
    private let roots: [UInt8]

    /// - Parameter roots: PEM of authorities to believe beside those of the machine.
    init(roots: [UInt8]) {
        self.roots = roots
    }

    func context() throws -> NIOSSLContext {
        try made.withLock { made in
            if let made { return made }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            configuration.applicationProtocols = ["http/1.1"]
            if !roots.isEmpty {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMBytes(roots))]
            }
            let context = try NIOSSLContext(configuration: configuration)
            made = context
            return context
        }
    }
}
