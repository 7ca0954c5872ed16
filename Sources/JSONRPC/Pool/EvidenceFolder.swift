import Glibc
import JSON
import Synchronization

/// Evidence as files: one JSON file for each incident, readable by its owner alone.
public final class EvidenceFolder: EvidenceSink {
    /// A liar must not fill the disk: at most so many files from one session.
    public static let mostFiles = 100

    private let path: String
    private let count = Mutex(0)

    /// - Parameter path: the folder; it is made when the first incident comes.
    public init(path: String) {
        self.path = path
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func keep(_ evidence: Evidence) async throws(EvidenceError) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number <= Self.mostFiles else {
            throw EvidenceError("\(path) already holds \(Self.mostFiles) incidents of this session")
        }
        // SAFETY: the path is a terminated copy for the length of the call.
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("cannot be made") }
        let name = String(evidence.endpoint.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(80))
        let file = "\(path)/\(evidence.time)-\(getpid())-\(number)-\(name).json"
        try write(evidence.json.serialized() + [UInt8(ascii: "\n")], to: file)
    }

    /// Written beside its place and moved there, so that a file is whole or not there.
    private func write(_ bytes: [UInt8], to file: String) throws(EvidenceError) {
        let draft = file + ".part"
        // SAFETY: the path is a terminated copy for the length of the call.
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written to") }
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the buffer outlives the call, and `offset` is inside it.
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { break }
            offset += written
        }
        let isWhole = offset == bytes.count && fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        // SAFETY: the paths are terminated copies for the length of the calls.
        guard isWhole, isClosed, unsafe rename(draft, file) == 0 else {
            let error = failure("cannot be written to")
            _ = unsafe unlink(draft)
            throw error
        }
    }

    private func failure(_ what: String) -> EvidenceError {
        // SAFETY: strerror returns a terminated string that is copied at once.
        EvidenceError("\(path) \(what): \(unsafe String(cString: strerror(errno)).lowercased())")
    }
}
