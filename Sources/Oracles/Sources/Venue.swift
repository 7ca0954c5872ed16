import Ethereum
import JSON

/// A place outside the chain that quotes prices: where it is asked, and how it answers.
struct Venue: Sendable {
    /// What one answer states.
    struct Quote: Sendable {
        /// The best bid and ask; the same twice where the venue states one price.
        var bid: ExactPrice
        var ask: ExactPrice
        /// When, seconds since 1970; `nil` where it does not say.
        var time: UInt64?
    }

    /// As a network file names it.
    let name: String
    /// Its public address.
    let url: String
    /// Path and query for one product.
    let path: @Sendable (String) -> String
    /// What an answer states; `nil` where it is not what the venue's documentation shows.
    let quote: @Sendable (JSONValue, String) -> Quote?
    /// Whether it gathers others' prices.
    var gathers = false

    /// The venue of this name.
    static func named(_ name: String) -> Venue? { all.first { $0.name == name } }

    /// Every venue. Paths and members as their public documentation states them.
    static let all = [
        Venue(
            name: "coinbase", url: "https://api.exchange.coinbase.com", path: { "/products/\($0)/ticker" },
            quote: { answer, _ in
                pair(answer["bid"], answer["ask"], time: answer["time"]?.string.flatMap(ISOTime.seconds))
            }),
        Venue(
            name: "kraken", url: "https://api.kraken.com", path: { "/0/public/Ticker?pair=\($0)" },
            quote: { answer, _ in
                // It answers 200 with errors in it, and under another name than it was asked for.
                guard answer["error"]?.array?.isEmpty == true, let result = answer["result"]?.object,
                    result.keys.count == 1, let key = result.keys.first, let ticker = result[key]
                else { return nil }
                return pair(ticker["b"]?.array?.first, ticker["a"]?.array?.first, time: nil)
            }),
        Venue(
            name: "binance", url: "https://api.binance.com", path: { "/api/v3/ticker/bookTicker?symbol=\($0)" },
            quote: { answer, product in
                guard answer["symbol"]?.string == product else { return nil }
                return pair(answer["bidPrice"], answer["askPrice"], time: nil)
            }),
        Venue(
            name: "okx", url: "https://www.okx.com", path: { "/api/v5/market/ticker?instId=\($0)" },
            quote: { answer, product in
                guard answer["code"]?.string == "0", let ticker = answer["data"]?.array?.first,
                    ticker["instId"]?.string == product
                else { return nil }
                return pair(
                    ticker["bidPx"], ticker["askPx"],
                    time: ticker["ts"]?.string.flatMap { UInt64($0) }.map { $0 / 1_000 })
            }),
        Venue(
            name: "bitstamp", url: "https://www.bitstamp.net", path: { "/api/v2/ticker/\($0)/" },
            quote: { answer, _ in
                pair(answer["bid"], answer["ask"], time: answer["timestamp"]?.string.flatMap { UInt64($0) })
            }),
        Venue(
            name: "defillama", url: "https://coins.llama.fi", path: { "/prices/current/\($0)?searchWidth=1h" },
            quote: { answer, product in
                guard let coin = answer["coins"]?[product] else { return nil }
                return pair(
                    coin["price"], coin["price"],
                    time: coin["timestamp"].flatMap(text).flatMap { UInt64($0) })
            }, gathers: true),
    ]

    private static func pair(_ bid: JSONValue?, _ ask: JSONValue?, time: UInt64?) -> Quote? {
        guard let bid = bid.flatMap(text).flatMap(DecimalText.price),
            let ask = ask.flatMap(text).flatMap(DecimalText.price), bid <= ask
        else { return nil }
        return Quote(bid: bid, ask: ask, time: time)
    }

    /// The digits of a number or of a string.
    private static func text(_ value: JSONValue) -> String? { value.string ?? value.number }
}

/// Times such as `2026-11-23T07:36:06.123456Z`.
enum ISOTime {
    /// Seconds since 1970; `nil` where the text is not such a time.
    static func seconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count), bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            bytes.last == UInt8(ascii: "Z")
        else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        // Days of the proleptic Gregorian calendar, with years that begin in March.
        let shifted = month > 2 ? year : year - 1
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 1
            - 719_468
        return UInt64(max(0, days * 86_400 + hour * 3_600 + minute * 60 + second))
    }
}
