import Ethereum
import JSON

extension Envelope {
    /// Longest error data that is looked at, in bytes of JSON.
    private static let mostData = 64 << 10

    /// The error that an error object means.
    func failure(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, _ method: String, _ response: HTTPResponse
    ) -> RPCError {
        let message = text(scanner, scanner.member(node, "message") ?? node)
        let code = code(scanner, scanner.member(node, "code"))
        let data = scanner.member(node, "data")
        let words = data.map { scanner.bytes[scanner.range($0)].prefix(4_096) } ?? []
        let evidence = NodeErrorKind.Evidence(
            code: code, text: message + " " + String(decoding: words, as: UTF8.self), status: response.status,
            wait: response.retryAfter.flatMap { $0 > 0 ? .seconds($0) : nil } ?? backoff(scanner, data))
        let (kind, suggestion) = NodeErrorKind.classify(evidence)
        return .node(
            endpoint: endpoint.name, method: method,
            NodeError(
                code: code, message: Cleaned.text(message, secrets: endpoint.secrets),
                data: revert(scanner, data ?? node), kind: kind, suggestion: suggestion))
    }

    private func text(_ scanner: JSONScanner, _ node: JSONScanner.Node) -> String {
        guard scanner.range(node).count <= Self.mostData, scanner.kind(node).isString else { return "" }
        do {
            return try scanner.string(node)
        } catch {
            return ""
        }
    }

    /// A whole number, or one in quotes; -32603 for anything else.
    private func code(_ scanner: JSONScanner, _ node: JSONScanner.Node?) -> Int {
        guard let node, scanner.range(node).count <= 22 else { return -32603 }
        let text = scanner.kind(node) == .number ? scanner.text(node) : text(scanner, node)
        return Int(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) ?? -32603
    }

    /// `data.backoff_seconds`, or the older `data.rate.backoff_seconds`.
    private func backoff(_ scanner: JSONScanner, _ data: JSONScanner.Node?) -> Duration? {
        guard let data else { return nil }
        let place = scanner.member(data, "rate") ?? data
        guard let node = scanner.member(place, "backoff_seconds"), scanner.kind(node) == .number,
            let seconds = Int(scanner.text(node).prefix { $0 != "." }), seconds > 0
        else { return nil }
        return .seconds(min(seconds, 86_400))
    }

    /// Revert data as nodes place it: a string, perhaps behind a word, or inside `data` or `originalError`; three
    /// levels deep.
    private func revert(_ scanner: JSONScanner, _ node: JSONScanner.Node) -> [UInt8]? {
        var node = node
        for _ in 0..<3 {
            if scanner.kind(node).isString {
                let text = text(scanner, node)
                guard let start = text.range(of: "0x") else { return nil }
                do {
                    return try Hex.decode(text[start.lowerBound...].prefix { $0.isHexDigit || $0 == "x" })
                } catch {
                    return nil
                }
            }
            guard let inner = scanner.member(node, "data") ?? scanner.member(node, "originalError") else { return nil }
            node = inner
        }
        return nil
    }

    /// Some nodes send the reason of a revert as the result of `eth_call`: the selector of `Error(string)` and whole
    /// words,
    /// which no encoded answer of a function is.
    func disguisedRevert(_ scanner: JSONScanner, _ node: JSONScanner.Node, _ method: String) -> RPCError? {
        let range = scanner.range(node)
        let lead = Array("\"0x08c379a0".utf8)
        guard method == "eth_call", range.count >= 12 + 8 + 3 * 64 - 9, (range.count - 4) % 64 == 8,
            scanner.bytes[range].starts(with: lead)
        else { return nil }
        return .node(
            endpoint: endpoint.name, method: method,
            NodeError(
                code: 3, message: "execution reverted", data: revert(scanner, node), kind: .reverted, suggestion: nil))
    }
}
