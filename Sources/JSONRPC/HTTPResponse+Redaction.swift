import JSON

extension HTTPResponse {
    /// Without the keys that a node echoes.
    ///
    /// A short secret may stand in the hex or the member names of a result by chance, so results are searched for
    /// those alone that
    /// cannot; errors and what is no JSON-RPC for all.
    func redacted(_ secrets: Secrets) -> HTTPResponse {
        guard !secrets.words.isEmpty else { return self }
        guard Self.contains("\"result\"", in: body) else { return replacing(secrets.redacted(body)) }
        var clean = secrets.redacted(body, where: Secrets.standsNowhereByChance) ?? body
        if Self.contains("\"error\"", in: clean) { clean = Self.withCleanErrors(clean, secrets) }
        return replacing(clean)
    }

    private func replacing(_ body: [UInt8]?) -> HTTPResponse {
        guard let body else { return self }
        return HTTPResponse(status: status, body: body, retryAfter: retryAfter, size: size)
    }

    /// The error members of an answer, or of the members of a batch, without any secret.
    private static func withCleanErrors(_ body: [UInt8], _ secrets: Secrets) -> [UInt8] {
        let scanner: JSONScanner
        do {
            scanner = try JSONScanner(body, limits: RPCKind.limits(bytes: body.count))
        } catch {
            return secrets.redacted(body) ?? body
        }
        var answers = [scanner.root]
        do {
            answers += try scanner.elements(of: scanner.root)
        } catch {
            // A single answer.
        }
        var output: [UInt8] = []
        var start = 0
        for answer in answers {
            guard let error = scanner.member(answer, "error") else { continue }
            let range = scanner.range(error)
            output += body[start..<range.lowerBound]
            output += secrets.redacted(Array(body[range])) ?? Array(body[range])
            start = range.upperBound
        }
        return output + body[start...]
    }

    private static func contains(_ text: StaticString, in bytes: [UInt8]) -> Bool {
        let word = Array(text.description.utf8)
        guard bytes.count >= word.count else { return false }
        return (0...bytes.count - word.count).contains { start in
            bytes[start] == word[0] && bytes[start..<start + word.count].elementsEqual(word)
        }
    }
}
