import Glibc
internal import NIOCore

/// The addresses that a name leads to. Blocks: called on a thread that may.
enum NameLookup {
    /// A host has a few addresses; more are not tried.
    private static let most = 8

    static func addresses(_ host: String, port: Int) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_protocol = Int32(IPPROTO_TCP)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // SAFETY: the strings live for the call; the list is freed below, after the last look at it.
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry, found.count < most {
            if let address = unsafe address(current.pointee), !found.contains(address) { found.append(address) }
            unsafe entry = current.pointee.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
        // SAFETY: the family says which structure stands there, and its length is checked.
        switch unsafe entry.ai_family {
        case AF_INET where unsafe Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in>.size:
            return unsafe SocketAddress(raw.loadUnaligned(as: sockaddr_in.self), host: "")
        case AF_INET6 where unsafe Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size:
            return unsafe SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self), host: "")
        default: return nil
        }
    }
}
