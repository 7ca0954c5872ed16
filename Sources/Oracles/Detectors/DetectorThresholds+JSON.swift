public import JSON

extension DetectorThresholds {
    /// The defaults with what a person overrides: the member `oracleThresholds` of a network file, or a file of its own.
    ///
    /// - Throws: `.mismatch` where a member is not known, or its value cannot be a limit.
    public init(overrides: JSONCursor) throws(JSONError) {
        self.init()
        for (name, cursor) in try overrides.members() where !name.hasPrefix("_") {
            if let path = Self.numbers[name] {
                self[keyPath: path] = try cursor.limit()
            } else if let path = Self.seconds[name] {
                self[keyPath: path] = UInt64(try cursor.integer(in: 0...31_536_000))
            } else if let path = Self.lists[name] {
                let elements = try cursor.elements()
                guard elements.count == self[keyPath: path].count else {
                    throw cursor.mismatch("\(self[keyPath: path].count) numbers")
                }
                var limits: [Double] = []
                for element in elements { limits.append(try element.limit()) }
                guard limits == limits.sorted() else { throw cursor.mismatch("numbers that rise") }
                self[keyPath: path] = limits
            } else if name == "alarmsPerDay" {
                alarmsPerDay = try cursor.integer(in: 0...10_000)
            } else {
                let known =
                    (Array(Self.numbers.keys) + Array(Self.seconds.keys) + Array(Self.lists.keys) + ["alarmsPerDay"])
                    .sorted()
                throw cursor.mismatch("only \(known.joined(separator: ", "))", got: "a member \"\(name)\"")
            }
        }
    }

    private static let numbers: [String: any WritableKeyPath<DetectorThresholds, Double> & Sendable] = [
        "majorDeviationBps": \.majorDeviationBps, "stableDeviationBps": \.stableDeviationBps,
        "otherDeviationBps": \.otherDeviationBps, "suspectBps": \.suspectBps, "rejectBps": \.rejectBps,
        "stakedRateBps": \.stakedRateBps, "restakedRateBps": \.restakedRateBps, "stableRateBps": \.stableRateBps,
        "spotGapBps": \.spotGapBps, "boundBps": \.boundBps, "staleBoundBps": \.staleBoundBps,
        "monthFactor": \.monthFactor, "majorRangeBps": \.majorRangeBps, "otherRangeBps": \.otherRangeBps,
        "majorScatterBps": \.majorScatterBps, "otherScatterBps": \.otherScatterBps,
        "nodeBiasBps": \.nodeBiasBps, "nodeBiasRounds": \.nodeBiasRounds,
        "stakedGrowthBps": \.stakedGrowthBps, "restakedGrowthBps": \.restakedGrowthBps,
        "shareGrowthBps": \.shareGrowthBps, "growthSlackBps": \.growthSlackBps, "rateFallBps": \.rateFallBps,
        "rateJumpBps": \.rateJumpBps, "impossibleRateJumpBps": \.impossibleRateJumpBps,
        "supplyJumpBps": \.supplyJumpBps, "fixedInsolvencyBps": \.fixedInsolvencyBps, "emptyShares": \.emptyShares,
        "headroomBps": \.headroomBps, "withinBlockBps": \.withinBlockBps, "stableJumpBps": \.stableJumpBps,
        "otherJumpBps": \.otherJumpBps, "drainHourBps": \.drainHourBps, "drainDayBps": \.drainDayBps,
        "accountRatio": \.accountRatio, "crashBps": \.crashBps, "crashFactor": \.crashFactor,
        "hampel": \.consensus.hampel, "floorBps": \.consensus.floorBps, "splitBps": \.consensus.splitBps,
        "thinDepth": \.consensus.thinDepth, "fullDepth": \.consensus.fullDepth,
    ]
    private static let seconds: [String: any WritableKeyPath<DetectorThresholds, UInt64> & Sendable] = [
        "missedUpdateSeconds": \.missedUpdateSeconds, "changeSuspect": \.changeSuspect, "changeWatch": \.changeWatch,
        "youth": \.youth, "sequencerGrace": \.sequencerGrace, "headAge": \.headAge, "persistence": \.persistence,
        "offChainPersistence": \.offChainPersistence, "clearSeconds": \.clearSeconds,
        "repeatSeconds": \.repeatSeconds, "crashSeconds": \.crashSeconds, "venueAge": \.consensus.venueAge,
        "siteAge": \.consensus.siteAge,
    ]
    private static let lists: [String: any WritableKeyPath<DetectorThresholds, [Double]> & Sendable] = [
        "confidenceBps": \.confidenceBps, "profitRatio": \.profitRatio, "fixedBps": \.fixedBps, "pegBps": \.pegBps,
        "collateralRatio": \.collateralRatio,
    ]
}

extension JSONCursor {
    /// A number above zero and up to 10^12.
    fileprivate func limit() throws(JSONError) -> Double {
        guard let text = value.number, let number = Double(text), number > 0, number <= 1e12 else {
            throw mismatch("a number above 0 and up to 1000000000000")
        }
        return number
    }
}
