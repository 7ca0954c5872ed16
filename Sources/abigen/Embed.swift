import Glibc

/// `abigen embed OUTPUT ENUM FOLDER NAME…`: files of a folder as a Swift source.
enum Embed {
    enum Failure: Error, CustomStringConvertible {
        case usage
        case file(String, reason: String)

        var description: String {
            switch self {
            case .usage: "usage: abigen embed OUTPUT ENUM FOLDER NAME…"
            case .file(let path, let reason): "\(path): \(reason)"
            }
        }
    }

    /// Runs the subcommand with the arguments after `embed`.
    static func run(_ arguments: [String]) throws(Failure) {
        guard arguments.count >= 3 else { throw .usage }
        var files: [(name: String, bytes: [UInt8])] = []
        for name in arguments.dropFirst(3) {
            files.append((name, try read(arguments[2] + (arguments[2].hasSuffix("/") ? "" : "/") + name)))
        }
        try write(source(enumName: arguments[1], files: files), to: arguments[0])
    }

    /// The Swift source for `files`: base64 in string literals, which the compiler takes without looking at each byte.
    static func source(enumName: String, files: [(name: String, bytes: [UInt8])]) -> String {
        let files = files.sorted { $0.name < $1.name }
        let names = files.map { "\n        \(literal($0.name))," }.joined()
        let members = files.map { "\n        \(literal($0.name)): \"\(base64($0.bytes))\"," }.joined()
        return """
            // Written by abigen from files of the package; not to be edited.

            /// Files that travel inside the program.
            enum \(enumName) {
                /// Paths below the folder they came from, sorted.
                static let names: [String] = [\(names)
                ]

                /// Contents by name, in base64.
                static let all: [String: String] = [\(files.isEmpty ? ":" : members)
                ]

                /// The content of a file.
                static func bytes(_ name: String) -> [UInt8]? {
                    guard let text = all[name] else { return nil }
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(text.utf8.count / 4 * 3)
                    var word: UInt32 = 0
                    var bits: UInt32 = 0
                    for character in text.utf8 {
                        let digit: UInt8 =
                            switch character {
                            case 0x41...0x5A: character &- 0x41
                            case 0x61...0x7A: character &- 0x61 &+ 26
                            case 0x30...0x39: character &- 0x30 &+ 52
                            case 0x2B: 62
                            default: 63
                            }
                        if character == 0x3D { break }
                        word = word << 6 | UInt32(digit)
                        bits += 6
                        if bits >= 8 {
                            bits -= 8
                            bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                        }
                    }
                    return bytes
                }
            }

            """
    }

    /// RFC 4648 base64 with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                let digit = alphabet[Int(word >> (18 - 6 * UInt32(place)) & 63)]
                text.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func literal(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        // SAFETY: the path is a terminated copy for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: the buffer is the page's own storage with its own count.
            let count = unsafe page.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            guard count > 0 else { throw failure(path) }
            bytes.append(contentsOf: page[..<count])
        }
    }

    private static func write(_ text: String, to path: String) throws(Failure) {
        // SAFETY: the path is a terminated copy for the length of the call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            // SAFETY: the slice lies inside the array's own storage.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            guard count > 0 else { throw failure(path) }
            written += count
        }
    }

    private static func failure(_ path: String) -> Failure {
        // SAFETY: strerror returns a terminated string that is copied at once.
        .file(path, reason: unsafe String(cString: strerror(errno)).lowercased())
    }
}
