internal import NIOCore
internal import NIOSSL

/// Holds a certificate to the name that was asked for.
///
/// NIOSSL also believes a certificate for the address that a name led to, and a common name where there are no
/// alternative names. Whoever answers for the name's address is not thereby the name's owner: libcurl, and RFC 6125
/// §6.4.4, refuse both.
enum SocketIdentity {
    static func handler(_ context: NIOSSLContext, _ target: Endpoint.SocketTarget) throws -> NIOSSLClientHandler {
        guard !target.isLiteral else { return try NIOSSLClientHandler(context: context, serverHostname: nil) }
        return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: target.host) {
            certificate, channel in
            let alternatives = certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }
            let isItself = alternatives.contains {
                names(String(decoding: Array($0.contents), as: UTF8.self), target.host)
            }
            return isItself
                ? channel.eventLoop.makeSucceededVoidFuture()
                : channel.eventLoop.makeFailedFuture(
                    SocketEnd.untrusted("its certificate is not valid for this host"))
        }
    }

    /// Whether a name of a certificate, `*` standing for one whole label at its beginning, names the host.
    static func names(_ name: String, _ host: String) -> Bool {
        func labels(_ text: String) -> [Substring] {
            let parts = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
            return parts.last == "" ? parts.dropLast() : parts
        }
        let (name, host) = (labels(name), labels(host))
        guard name.count == host.count, !name.isEmpty, !name.contains("") else { return false }
        if name == host { return true }
        return name[0] == "*" && name.count > 2 && name.dropFirst() == host.dropFirst()
    }
}
