import Ethereum
import JSON
import Networks

extension RecordedLine {
    /// The longest line.
    static let longest = 1 << 20
    private static let limits = JSONLimits(bytes: longest, depth: 8, elements: 10_000)

    /// Reads a line; a line may say several things, such as a price and what its source is.
    ///
    /// - Returns: Nothing for an empty line and for a remark, which begins with `#` or `//`.
    static func read(_ bytes: [UInt8], number: Int) throws(BacktestError) -> [RecordedLine] {
        // A byte order mark is no part of the first line.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let trimmed = bytes.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        guard let first = trimmed.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "/") else { return [] }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw BacktestError(line: number, reason: "\(error)")
        }
        let value = try RecordedValue(number, json)
        let type = try value.text("type") ?? "price"
        let asset = try value.text("asset", "market", "pair", "symbol", "token") ?? ""
        switch type {
        case "price", "observation": return try prices(value, asset)
        case "asset":
            guard !asset.isEmpty else { throw BacktestError(line: number, reason: "expected a member \"asset\"") }
            return [RecordedLine(number: number, asset: asset, time: 0, content: .asset(try Self.asset(value)))]
        case "source":
            return [RecordedLine(number: number, asset: asset, time: 0, content: .source(try Self.source(value)))]
        case "incident", "label":
            return [RecordedLine(number: number, asset: asset, time: 0, content: .incident(try incident(value)))]
        case "sequencer", "market", "cost":
            let time = try moment(value)
            return [RecordedLine(number: number, asset: asset, time: time, content: try circumstance(type, value))]
        default:
            throw BacktestError(
                line: number,
                reason: "type: expected price, asset, source, incident, sequencer, market or cost, got \"\(type)\"")
        }
    }

    private static func prices(_ value: RecordedValue, _ asset: String) throws(BacktestError) -> [RecordedLine] {
        let time = try moment(value)
        let declared = try source(value)
        let decimals = try value.int("decimals", in: 0...77)
        var price: ObservedPrice
        if let error = try value.text("error") {
            price = .unknown(.unread(error))
        } else if let stated = try value.price("price", "answer", "value", decimals: decimals) {
            price = stated
        } else {
            guard value.object["price"] != nil else {
                throw BacktestError(
                    line: value.line, reason: "expected a member \"price\", or \"error\" with the reason")
            }
            price = .unknown(.unread("no reason was recorded"))
        }
        let depth = value.size("liquidity", "depth", "liquidityUSD", "depthUSD")
        let observation = RecordedObservation(
            source: declared.id, price: price,
            updatedAt: try value.moment("updatedAt", "publishTime"),
            block: value.size("block", "blockNumber", "block_number").flatMap { $0.asUInt64() },
            confidence: try value.exact("confidence", "conf", decimals: decimals),
            depth: try depth.map { depth throws(BacktestError) in
                Depth(atTwoPercent: depth, largestProviderBps: try value.int("largestProviderBps", in: 0...10_000))
            }, extras: try extras(value, decimals))
        var lines = [
            RecordedLine(
                number: value.line, asset: asset, time: time, content: .source(declared), notes: notes(value)),
            RecordedLine(number: value.line, asset: asset, time: time, content: .observation(observation)),
        ]
        let described = try Self.asset(value)
        if described.kind != nil || described.liquidationThresholdBps != nil || described.marketAge != nil {
            lines.append(RecordedLine(number: value.line, asset: asset, time: 0, content: .asset(described)))
        }
        if let mark = mark(value) {
            lines.append(RecordedLine(number: value.line, asset: asset, time: time, content: .mark(mark)))
        }
        return lines
    }

    private static func moment(_ value: RecordedValue) throws(BacktestError) -> UInt64 {
        guard let time = try value.moment("time", "timestamp", "ts", "t", "datetime", "blockTimestamp") else {
            throw BacktestError(line: value.line, reason: "expected a member \"time\"")
        }
        return time
    }

    /// The incident that a line says it belongs to.
    private static func mark(_ value: RecordedValue) -> String? {
        guard let (_, label) = value.find(["label", "incident", "attack", "manipulated"]) else { return nil }
        if let bool = label.bool { return bool ? "incident" : nil }
        guard let text = label.string, (1...256).contains(text.utf8.count) else { return nil }
        let calm: Set<String> = [
            "calm", "normal", "none", "ok", "control", "honest", "false", "no", "quiet", "volatile",
        ]
        return calm.contains(text.lowercased()) ? nil : text
    }

    private static func asset(_ value: RecordedValue) throws(BacktestError) -> RecordedAsset {
        var kind: AssetProfile.Class?
        if let text = try value.text("class", "assetClass") {
            // A class that is not known says nothing; the asset's name may.
            let name = text.lowercased()
            kind = AssetProfile.Class(rawValue: name == "stablecoin" ? "stable" : name)
        }
        return RecordedAsset(
            kind: kind, liquidationThresholdBps: try value.int("liquidationThresholdBps", in: 0...10_000),
            marketAge: value.size("marketAge").flatMap { $0.asUInt64() })
    }

    private static func source(_ value: RecordedValue) throws(BacktestError) -> RecordedSource {
        guard let id = try value.text("source", "id", "provider", "oracle") else {
            throw BacktestError(line: value.line, reason: "expected a member \"source\"")
        }
        var source = RecordedSource(id: id)
        source.window = try value.int("window", in: 1...31_536_000)
        if let text = try value.text("kind", "sourceType") {
            source.kind = kind(text, isAverage: source.window != nil)
        }
        switch try value.text("role")?.lowercased() {
        case "protocol"?, "own"?, "used"?, "oracle"?: source.isProtocol = true
        case "reference"?, "witness"?, "venue"?, "market"?: source.isProtocol = false
        default: if source.kind == .protocol { source.isProtocol = true }
        }
        if source.isProtocol == nil, let isOwn = value.find(["isProtocol", "protocol"])?.value.bool {
            source.isProtocol = isOwn
        }
        if let (name, roots) = value.find(["roots", "root"]) {
            let texts = (roots.array ?? [roots]).compactMap(\.string)
            guard texts.count == (roots.array?.count ?? 1), (1...32).contains(texts.count),
                texts.allSatisfy({ (1...256).contains($0.utf8.count) })
            else { throw value.refuse(name, "1 to 32 names", roots) }
            source.roots = texts
        }
        if let quote = try value.text("quote") {
            source.quote = Address(hex: quote).map { .asset($0) } ?? .named(quote)
        }
        source.heartbeat = try value.int("heartbeat", in: 1...31_536_000)
        source.deviationBps = try value.int("deviationBps", in: 0...10_000)
        return source
    }

    /// A kind by its name, or by one that people use for it.
    private static func kind(_ text: String, isAverage: Bool) -> SourceKind? {
        let name = text.lowercased().replacing("_", with: "-")
        if let kind = SourceKind(rawValue: name) { return kind }
        switch name {
        case "feed", "push": return .chainlink
        case "uniswap-v3", "dex": return isAverage ? .uniswapV3Twap : .uniswapV3Spot
        case "uniswap-v2": return isAverage ? .uniswapV2Twap : .uniswapV2Spot
        case "twap": return .uniswapV3Twap
        case "spot", "amm": return .uniswapV3Spot
        case "curve", "ema": return .curveEMA
        case "vault", "erc4626", "erc-4626", "share": return .vaultShare
        case "rate", "lst": return .lstRate
        case "capo", "capped": return .cap
        case "constant", "hardcoded", "hard-coded": return .fixed
        case "venue", "exchange": return .cex
        case "site", "defillama", "coingecko": return .aggregator
        case "oracle": return .protocol
        default: return RecordedGuess.kind(name, isAverage: isAverage)
        }
    }

    private static func incident(_ value: RecordedValue) throws(BacktestError) -> RecordedIncident {
        guard let start = try value.moment("start", "time") else {
            throw BacktestError(line: value.line, reason: "expected a member \"start\"")
        }
        var expected: [Detector] = []
        if let (name, list) = value.find(["expect", "detectors"]) {
            guard let names = list.array else { throw value.refuse(name, "a list of detectors", list) }
            for element in names.prefix(64) {
                // `D3.spotTwapGap` is `D3`.
                let id = element.string?.split(separator: ".").first.map(String.init) ?? ""
                guard let detector = Detector(rawValue: id) else { throw value.refuse(name, "D1 to D14", element) }
                expected.append(detector)
            }
        }
        return RecordedIncident(
            id: try value.text("id", "name") ?? "incident", start: start, loss: try value.moment("loss"),
            end: try value.moment("end"), expected: expected)
    }
}
