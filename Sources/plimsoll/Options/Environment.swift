import Glibc

/// The process's environment, read once where the program begins.
enum Environment {
    /// All variables by name; of two of one name the first counts, as for `getenv`.
    static let current: [String: String] = {
        var found: [String: String] = [:]
        forEachVariable { text in
            guard let equals = text.firstIndex(of: "=") else { return }
            let name = String(text[..<equals])
            if found[name] == nil { found[name] = String(text[text.index(after: equals)...]) }
        }
        return found
    }()

    private static func forEachVariable(_ body: (String) -> Void) {
        // SAFETY: nothing in this process changes its environment; the list ends with a null pointer.
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            unsafe body(String(cString: text))
            unsafe entry += 1
        }
    }
}
