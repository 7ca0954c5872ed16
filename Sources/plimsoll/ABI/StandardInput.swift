import Glibc

/// The process's standard input, read as it comes.
enum StandardInput {
    /// The next bytes, none at the end.
    ///
    /// - Throws: `InputError` where the system refuses to read.
    static func read() throws(InputError) -> [UInt8] {
        while true {
            var count = 0
            // SAFETY: read writes at most the capacity that it is given, and the count that it reports is what was
            // written.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, initialised in
                count = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                initialised = max(0, count)
            }
            if count >= 0 { return bytes }
            guard errno == EINTR else {
                // SAFETY: strerror returns a terminated string that is copied at once.
                throw InputError(reason: unsafe String(cString: strerror(errno)).lowercased())
            }
        }
    }
}

/// Standard input could not be read.
struct InputError: ExitStatusProviding, CustomStringConvertible {
    let reason: String

    var exitStatus: ProgramStatus { .refusedData }
    var description: String { "cannot read standard input: \(reason)" }
}
