import Glibc

/// Ends the run with a line on stderr.
func fail(_ message: String, code: Int32) -> Never {
    let line = Array("abigen: \(message)\n".utf8)
    // SAFETY: the buffer is the array's own storage with its own count.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(code)
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch arguments.first {
    case "embed": try Embed.run(Array(arguments.dropFirst()))
    default: fail("usage: abigen embed OUTPUT ENUM FOLDER NAME…", code: 64)
    }
} catch {
    fail("\(error)", code: 1)
}
