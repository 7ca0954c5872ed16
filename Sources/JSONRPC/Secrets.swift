/// The parts of an endpoint's URL that no output may hold, in every spelling in which a node may echo them.
struct Secrets: Sendable, Hashable {
    /// Lower-case bytes of each, the longest first.
    private(set) var words: [[UInt8]] = []

    /// Words that stand in the paths of public endpoints and are no secret.
    private static let harmless: Set<String> = [
        "api", "apikey", "api-key", "api_key", "arbitrum", "auth", "avalanche", "avax", "base", "bsc", "chain", "eth",
        "ethereum", "evm", "ext", "gnosis", "http", "https", "json", "json-rpc", "jsonrpc", "key", "main", "mainnet",
        "matic", "node", "one", "optimism", "polygon", "public", "rpc", "scroll", "token", "v1", "v2", "v3", "v4",
        "web3",
    ]

    /// Nothing to hide.
    init() {}

    /// - Parameters:
    ///   - credentials: what stands before `@` in the URL.
    ///   - path: what stands after the host.
    init(credentials: some StringProtocol, path: some StringProtocol) {
        var found: Set<String> = []
        func add(_ part: Substring) {
            for form in [String(part), Percent.decode(part)] {
                if form.utf8.count >= 3, !Self.harmless.contains(form.lowercased()) { found.insert(form.lowercased()) }
            }
        }
        let pair = Substring(credentials)
        if !pair.isEmpty {
            add(pair)
            for part in pair.split(separator: ":") { add(part) }
            add(Substring(Base64.encode(Array(Percent.decode(pair).utf8))))
        }
        add(Substring(path))
        for part in Substring(path).split(whereSeparator: { "/?&=#;".contains($0) }) { add(part) }
        words = found.map { Array($0.utf8) }.sorted {
            $0.count != $1.count ? $0.count > $1.count : $0.lexicographicallyPrecedes($1)
        }
    }

    /// Whether a word is too long for chance, or holds a digit and a letter that is no hex digit.
    static func standsNowhereByChance(_ word: [UInt8]) -> Bool {
        word.count >= 16
            || word.count >= 6 && word.contains { $0 >= 0x30 && $0 <= 0x39 }
                && word.contains { $0 > 0x66 && $0 <= 0x7a }
    }

    /// `text` with every secret that passes replaced; nil where it holds none.
    func redacted(_ text: [UInt8], where passes: ([UInt8]) -> Bool = { _ in true }) -> [UInt8]? {
        let words = words.filter(passes)
        guard !words.isEmpty else { return nil }
        // Most bytes begin no secret.
        var begins = [Bool](repeating: false, count: 256)
        for word in words {
            begins[Int(word[0])] = true
            if word[0] >= 0x61, word[0] <= 0x7a { begins[Int(word[0] & 0xdf)] = true }
        }
        var output: [UInt8] = []
        var isChanged = false
        var offset = 0
        while offset < text.count {
            if begins[Int(text[offset])], let word = words.first(where: { Self.stands($0, in: text, at: offset) }) {
                if !isChanged { output = Array(text[..<offset]) }
                isChanged = true
                output += "…".utf8
                offset += word.count
            } else {
                if isChanged { output.append(text[offset]) }
                offset += 1
            }
        }
        return isChanged ? output : nil
    }

    private static func stands(_ word: [UInt8], in text: [UInt8], at offset: Int) -> Bool {
        guard text.count - offset >= word.count else { return false }
        for index in word.indices {
            let byte = text[offset + index]
            let lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
            if lower != word[index] { return false }
        }
        return true
    }
}

/// RFC 4648 §4: the form in which credentials travel in a header.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Without padding, so that it is found in padded text as well.
    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(alphabet[Int(pending >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Text from outside, fit to be printed.
enum Cleaned {
    /// Longest message that is kept, in characters.
    static let most = 512

    /// Without control, format and unassigned characters or secrets; white space joined; at most 512 characters.
    static func text(_ text: some StringProtocol, secrets: Secrets) -> String {
        // Secrets first: a cut must not leave the half of one behind.
        let bytes = Array(text.utf8.prefix(8_192))
        let redacted = secrets.redacted(bytes) ?? bytes
        var output = String.UnicodeScalarView()
        var isSpace = true
        for scalar in String(decoding: redacted, as: UTF8.self).unicodeScalars {
            if isPrintable(scalar) {
                output.append(scalar)
                isSpace = false
            } else if !isSpace {
                output.append(" ")
                isSpace = true
            }
        }
        let joined = String(output.last == " " ? String.UnicodeScalarView(output.dropLast()) : output)
        guard joined.unicodeScalars.count > most else { return joined }
        return String(String.UnicodeScalarView(joined.unicodeScalars.prefix(most - 1))) + "…"
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
