import Foundation
public import Lending
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The folder that keeps what is remembered between runs; one process at a time has it.
///
/// The lock is the kernel's: it ends with the process, however that ends.
public final class StateDirectory: Sendable {
    /// Where it is.
    public let path: String
    private let lock: Int32

    /// Makes the folder where it is missing, and takes it.
    ///
    /// - Throws: `.inUse` where another process has it; `.unusable` where it cannot be made or written.
    public init(_ path: String) throws(LedgerError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .unusable(path: path, what: "the folder cannot be made: it is a file, or its parent is not yours")
        }
        let file = path + "/lock"
        lock = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .unusable(path: file, what: Self.reason(errno)) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(lock)
            throw code == EWOULDBLOCK ? .inUse(directory: path) : .unusable(path: file, what: Self.reason(code))
        }
    }

    deinit {
        // The file stays: removing it would let two processes lock two files of one name.
        close(lock)
    }

    private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
