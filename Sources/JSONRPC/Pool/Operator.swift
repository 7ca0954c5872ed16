extension Endpoint {
    /// Who runs it, as far as a URL shows: the registrable part of the host. Two URLs of one operator are one vote.
    ///
    /// A node on this machine or in a private network is its own operator, port and all.
    public var operatorName: String {
        let isLiteral6 = name.first == "["
        let host = isLiteral6 ? name.dropFirst().prefix { $0 != "]" } : name.prefix { $0 != ":" && $0 != " " }
        if isLiteral6 || Self.isPrivateName(String(host)) { return name }
        let labels = host.split(separator: ".")
        guard labels.count > 2, labels.contains(where: { $0.contains { !$0.isNumber } }) else { return String(host) }
        let second = labels[labels.count - 2]
        // Countries that register names under a second level of their own.
        let isDeep = labels[labels.count - 1].count == 2 && Self.secondLevels.contains(String(second))
        return labels.suffix(isDeep ? 3 : 2).joined(separator: ".")
    }

    private static let secondLevels: Set<String> = ["ac", "co", "com", "edu", "gov", "gob", "net", "ne", "or", "org"]
}
