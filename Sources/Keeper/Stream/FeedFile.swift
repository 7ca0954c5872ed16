#if canImport(Glibc)
    internal import Glibc
#endif

/// A file that lines are appended to, and that says so only when they are on the disk.
package struct FeedFile: ~Copyable {
    let path: String
    private let descriptor: Int32
    /// Its length in bytes.
    package private(set) var size: UInt64

    /// Opens a file at its end, made where it is missing.
    package init(path: String) throws(FeedError) {
        self.path = path
        // SAFETY: the path is a string of ours for the length of the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable(file: path, what: Self.reason(errno)) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else {
            let code = errno
            close(descriptor)
            throw .unusable(file: path, what: Self.reason(code))
        }
        size = UInt64(end)
    }

    deinit { close(descriptor) }

    /// Cuts the file where the last whole line ends.
    package mutating func truncate(to length: UInt64) throws(FeedError) {
        guard length < size else { return }
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
            throw .unusable(file: path, what: Self.reason(errno))
        }
        size = length
    }

    /// Writes bytes, and waits until the disk has them.
    ///
    /// A write that failed half way is cut off again, so that the file ends with a whole line.
    package mutating func append(_ bytes: [UInt8]) throws(FeedError) {
        var done = 0
        while done < bytes.count {
            // SAFETY: the buffer is valid for the length of the call, and `done` stays within it.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
            }
            if count < 0 {
                let code = errno
                guard code != EINTR else { continue }
                if ftruncate(descriptor, off_t(size)) == 0 { lseek(descriptor, off_t(size), SEEK_SET) }
                throw .unusable(file: path, what: Self.reason(code))
            }
            done += count
        }
        guard fdatasync(descriptor) == 0 else { throw .unusable(file: path, what: Self.reason(errno)) }
        size += UInt64(bytes.count)
    }

    /// Makes a new name in a folder last.
    static func synchronize(folder: String) throws(FeedError) {
        // SAFETY: as in `init`.
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unusable(file: folder, what: reason(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unusable(file: folder, what: reason(errno)) }
    }

    // SAFETY: strerror's text is copied before anything else can be asked of it.
    static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// Reads the lines of a file one by one, whatever its size.
package struct FeedLines: ~Copyable {
    /// Longest line that is read.
    static let longest = 64 << 20

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// Where the last line that was given ends, its line's end included.
    package private(set) var offset: UInt64 = 0

    /// Opens a file at its beginning.
    package init(path: String) throws(FeedError) {
        self.path = path
        // SAFETY: as in `FeedFile`.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unusable(file: path, what: FeedFile.reason(errno)) }
    }

    deinit { close(descriptor) }

    /// The next line without its end; nil at the end of the file, where a line without an end is not given.
    package mutating func next() throws(FeedError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                offset += UInt64(end + 1 - start)
                start = end + 1
                return line
            }
            searched = buffer.count
            guard !isAtEnd else { return nil }
            guard buffer.count - start <= Self.longest else {
                throw .damaged(file: path, line: 0, what: "a line of more than \(Self.longest) bytes")
            }
            if start > 1 << 20 {
                buffer.removeFirst(start)
                searched -= start
                start = 0
            }
            try fill()
        }
    }

    private mutating func fill() throws(FeedError) {
        let piece = 1 << 16
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: piece))
        var count = -1
        repeat {
            // SAFETY: the piece just appended is what is written to.
            count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor, bytes.baseAddress.map { unsafe $0 + before }, piece)
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .unusable(file: path, what: FeedFile.reason(errno)) }
        buffer.removeLast(piece - count)
        isAtEnd = count == 0
    }
}
