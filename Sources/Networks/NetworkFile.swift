import Ethereum
import Glibc
import JSON

/// Reads network files strictly: whatever is not understood is refused with its place.
public struct NetworkFile: Sendable {
    /// The most bytes that a network file may have.
    public static let maximumBytes = 4 << 20

    /// The protocols that a market may name.
    public let protocols: [EntryPoints]

    /// Makes a reader for markets of these protocols.
    public init(protocols: [EntryPoints] = EntryPoints.known) {
        self.protocols = protocols
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `.unreadable`, `.tooLarge` or `.refused`.
    public func load(path: String) throws(NetworkFileError) -> Network {
        try parse(NetworkFile.bytes(path), file: path)
    }

    /// Reads the text of a file; `file` is its name in messages.
    ///
    /// - Throws: `.refused` with position or pointer.
    public func parse(_ bytes: [UInt8], file: String) throws(NetworkFileError) -> Network {
        do {
            return try network(JSONCursor(JSONValue(parsing: bytes, limits: .file)))
        } catch {
            throw .refused(file: file, error)
        }
    }

    private static func bytes(_ path: String) throws(NetworkFileError) -> [UInt8] {
        // SAFETY: the path is a terminated copy for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: failure()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: the buffer is the page's own storage with its own count.
            let count = unsafe page.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .unreadable(file: path, reason: failure()) }
            bytes.append(contentsOf: page[..<count])
            guard bytes.count <= maximumBytes else { throw .tooLarge(file: path, maximum: maximumBytes) }
        }
    }

    private static func failure() -> String {
        // SAFETY: strerror returns a terminated string that is copied at once.
        unsafe String(cString: strerror(errno)).lowercased()
    }
}
