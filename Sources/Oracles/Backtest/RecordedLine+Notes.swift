import JSON

extension RecordedLine {
    private static let known: Set<String> = [
        "type", "asset", "market", "pair", "symbol", "token", "time", "timestamp", "ts", "t", "datetime",
        "blockTimestamp", "source", "id", "provider", "oracle", "price", "answer", "value", "decimals", "error", "role",
        "isProtocol", "protocol", "kind", "sourceType", "roots", "root", "quote", "heartbeat", "deviationBps", "window",
        "updatedAt", "publishTime", "block", "blockNumber", "block_number", "confidence", "conf", "liquidity", "depth",
        "liquidityUSD", "depthUSD", "largestProviderBps", "roundId", "round", "answeredInRound", "startedAt",
        "minAnswer", "maxAnswer", "totalAssets", "totalSupply", "shareDecimals", "vaultAge", "rate", "uncapped", "cap",
        "spot", "low", "high", "liquidated", "observations", "f", "storedScale", "expectedScale", "changed",
        "changedAt", "fallbackActive", "paused", "pullUpdateNeeded", "pendingUpdate", "extras", "class", "assetClass",
        "liquidationThresholdBps", "marketAge", "label", "incident", "attack", "manipulated",
    ]

    /// What a price line says that is not used, in words; the names at most.
    static func notes(_ value: RecordedValue) -> [String] {
        var notes: [String] = []
        for name in (Array(value.object.keys) + Array(value.extras?.keys ?? [])).prefix(64) where !known.contains(name)
        {
            notes.append("member \"\(name.prefix(64))\" is not known and was ignored")
        }
        if let extras = value.object["extras"], !extras.isNull, extras.object == nil {
            notes.append("extras is no object and was ignored")
        }
        return notes
    }
}
