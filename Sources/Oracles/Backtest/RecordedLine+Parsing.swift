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
        let asset = try value.text("asset", "market", "pair") ?? ""
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
            guard let time = try value.moment("time", "timestamp", "ts") else {
                throw BacktestError(line: number, reason: "expected a member \"time\"")
            }
            return [RecordedLine(number: number, asset: asset, time: time, content: try circumstance(type, value))]
        default:
            throw BacktestError(
                line: number,
                reason: "type: expected price, asset, source, incident, sequencer, market or cost, got \"\(type)\"")
        }
    }

    private static func prices(_ value: RecordedValue, _ asset: String) throws(BacktestError) -> [RecordedLine] {
        guard let time = try value.moment("time", "timestamp", "ts") else {
            throw BacktestError(line: value.line, reason: "expected a member \"time\"")
        }
        let declared = try source(value)
        let decimals = try value.int("decimals", in: 0...77)
        var price: ObservedPrice
        if let error = try value.text("error") {
            price = .unknown(.unread(error))
        } else if let stated = try value.price("price", "answer", decimals: decimals) {
            price = stated
        } else {
            guard value.object["price"] != nil else {
                throw BacktestError(
                    line: value.line, reason: "expected a member \"price\", or \"error\" with the reason")
            }
            price = .unknown(.unread("no reason was recorded"))
        }
        let depth = try value.natural("liquidity", "depth")
        let observation = RecordedObservation(
            source: declared.id, price: price,
            updatedAt: try value.moment("updatedAt", "publishTime"),
            block: try value.natural("block", "blockNumber").flatMap { $0.asUInt64() },
            confidence: try value.exact("confidence", "conf", decimals: decimals),
            depth: try depth.map { depth throws(BacktestError) in
                Depth(atTwoPercent: depth, largestProviderBps: try value.int("largestProviderBps", in: 0...10_000))
            }, extras: try extras(value, decimals))
        return [
            RecordedLine(number: value.line, asset: asset, time: 0, content: .source(declared)),
            RecordedLine(number: value.line, asset: asset, time: time, content: .observation(observation)),
        ]
    }

    private static func asset(_ value: RecordedValue) throws(BacktestError) -> RecordedAsset {
        var kind: AssetProfile.Class?
        if let text = try value.text("class") {
            kind = AssetProfile.Class(rawValue: text)
            guard kind != nil else {
                let known = AssetProfile.Class.allCases.map(\.rawValue).joined(separator: ", ")
                throw BacktestError(line: value.line, reason: "class: expected one of \(known), got \"\(text)\"")
            }
        }
        return RecordedAsset(
            kind: kind, liquidationThresholdBps: try value.int("liquidationThresholdBps", in: 0...10_000),
            marketAge: try value.natural("marketAge").flatMap { $0.asUInt64() })
    }

    private static func source(_ value: RecordedValue) throws(BacktestError) -> RecordedSource {
        guard let id = try value.text("source", "id") else {
            throw BacktestError(line: value.line, reason: "expected a member \"source\"")
        }
        var source = RecordedSource(id: id)
        source.window = try value.int("window", in: 1...31_536_000)
        if let text = try value.text("kind") { source.kind = try kind(text, value, isAverage: source.window != nil) }
        if let role = try value.text("role") {
            guard role == "protocol" || role == "reference" else {
                throw BacktestError(line: value.line, reason: "role: expected protocol or reference, got \"\(role)\"")
            }
            source.isProtocol = role == "protocol"
        } else if source.kind == .protocol || id == "protocol" {
            source.isProtocol = true
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
    private static func kind(
        _ text: String, _ value: RecordedValue, isAverage: Bool
    ) throws(BacktestError) -> SourceKind {
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
        default:
            let known = SourceKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw BacktestError(line: value.line, reason: "kind: expected one of \(known), got \"\(text)\"")
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
