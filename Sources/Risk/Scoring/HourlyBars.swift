import Foundation

/// Bars on a grid of whole hours: closes, and the extremes since the hour before.
public struct HourlyBars: Sendable {
    /// The closes.
    public let series: HourlySeries
    /// The logarithms of the lowest and highest price since the hour before; `nil` where nothing was seen.
    public let lows: [Double?]
    /// The same of the highest price.
    public let highs: [Double?]

    /// Puts bars on the grid; a bar belongs to the hour in which it ends.
    public init(_ candles: [Candle]) {
        let interval = CandleFile.interval(candles)
        var points: [PricePoint] = []
        for candle in candles {
            let (end, overflow) = candle.time.addingReportingOverflow(interval)
            if !overflow, let point = PricePoint(time: end, price: candle.close) { points.append(point) }
        }
        let series = HourlySeries(points)
        var lows = [Double?](repeating: nil, count: series.logs.count)
        var highs = lows
        for candle in candles {
            let (end, overflow) = candle.time.addingReportingOverflow(interval)
            let hour = end / 3_600 + (end.isMultiple(of: 3_600) ? 0 : 1)
            guard !overflow, hour >= series.start, hour - series.start < UInt64(lows.count) else { continue }
            let place = Int(hour - series.start)
            lows[place] = min(lows[place] ?? .infinity, log(candle.low))
            highs[place] = max(highs[place] ?? -.infinity, log(candle.high))
        }
        self.series = series
        self.lows = lows
        self.highs = highs
    }
}
