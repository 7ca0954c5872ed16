/// Which alarms are on: confirms them, keeps them on until they are over, and announces each once.
struct AlarmBook: Sendable {
    /// What became of the findings of one moment.
    struct Outcome: Sendable {
        /// What counts, with the severity that counts.
        var findings: [Finding]
        /// What is new or worse.
        var announced: [Finding]
    }

    private struct Alarm: Sendable {
        var finding: Finding
        /// Since when the statistic is beyond the limit of severity 3 without a break.
        var severeSince: UInt64?
        /// How often it was seen like that.
        var severeLooks = 0
        /// The limit that it went beyond when it came on.
        var limit = 0.0
        /// Since when it is below the part of its limit at which it clears.
        var calmSince: UInt64?
        /// When it was last announced, and how severe.
        var announced: (time: UInt64, severity: Int)?
    }

    /// There are some forty rules and at most 33 sources; the bound is for sources that change their names.
    private static let mostAlarms = 1_024

    private var alarms: [String: Alarm] = [:]
    private var announcedToday = Ring<UInt64>(capacity: 256)

    /// Weighs what was seen at a moment.
    mutating func weigh(
        _ seen: [Finding], at now: UInt64, isOffChain: Bool, looksAgain: Bool, _ limits: DetectorThresholds
    ) -> Outcome {
        var outcome = Outcome(findings: [], announced: [])
        var keys: Set<String> = []
        let families = Set(seen.filter { $0.severity >= 2 && $0.detector.family != .exposure }.map(\.detector.family))
        for finding in seen where keys.insert(finding.key).inserted {
            guard alarms[finding.key] != nil || alarms.count < Self.mostAlarms else { continue }
            var alarm = alarms[finding.key] ?? Alarm(finding: finding)
            var counted = finding
            if finding.severity >= 3 {
                alarm.severeSince = alarm.severeSince ?? now
                alarm.severeLooks += 1
                let isSupported = families.contains { $0 != finding.detector.family }
                let lasted = now - min(now, alarm.severeSince ?? now)
                let isLasting =
                    alarm.severeLooks >= 2 && lasted >= (isOffChain ? limits.offChainPersistence : limits.persistence)
                if looksAgain && !finding.standsAlone && !isSupported && !isLasting {
                    counted.severity = 2
                    counted.reason += " (not yet confirmed)"
                }
            } else {
                alarm.severeSince = nil
                alarm.severeLooks = 0
            }
            let isStanding = alarm.finding.severity >= 2 && alarm.announced != nil
            hold(&alarm, &counted, now, limits)
            if announce(&alarm, counted, now, isStanding: isStanding, limits) { outcome.announced.append(counted) }
            alarms[finding.key] = alarm
            outcome.findings.append(counted)
        }
        outcome.findings += fading(keys, now, limits)
        return outcome
    }

    /// An alarm of prices stays on until its statistic is below a part of its limit, or explained, for long enough.
    private func hold(_ alarm: inout Alarm, _ counted: inout Finding, _ now: UInt64, _ limits: DetectorThresholds) {
        let standing = alarm.finding
        guard counted.severity < 2, standing.severity >= 2, counted.detector.family == .price else {
            alarm.calmSince = nil
            alarm.finding = counted
            alarm.limit = counted.limit
            return
        }
        let isCalm = counted.isExplained || counted.statistic < limits.clearRatio * alarm.limit
        let since = isCalm ? alarm.calmSince ?? now : nil
        alarm.calmSince = since
        if let since, now - min(now, since) >= limits.clearSeconds {
            alarm.calmSince = nil
        } else {
            counted.severity = 2
            counted.reason += since == nil ? " (not over yet)" : " (over since \(now - (since ?? now)) s)"
        }
        alarm.finding = counted
        if counted.severity < 2 { alarm.limit = counted.limit }
    }

    /// Alarms that were not seen now: they stay on, with a severity of at most 2, until they are calm for long enough.
    private mutating func fading(_ seen: Set<String>, _ now: UInt64, _ limits: DetectorThresholds) -> [Finding] {
        var fading: [Finding] = []
        for (key, var alarm) in alarms where !seen.contains(key) {
            alarm.severeSince = nil
            alarm.severeLooks = 0
            let since = alarm.calmSince ?? now
            alarm.calmSince = since
            // What only states a fact ends with it; a word of severity 1 is not worth keeping.
            let lasts = alarm.finding.detector.family == .price && alarm.finding.severity >= 2
            if !lasts || now - min(now, since) >= limits.clearSeconds {
                // The last announcement is kept as long as it holds back the next one.
                if let announced = alarm.announced, now - min(now, announced.time) < limits.repeatSeconds {
                    alarm.finding.severity = 0
                    alarms[key] = alarm
                } else {
                    alarms[key] = nil
                }
                continue
            }
            alarms[key] = alarm
            var finding = alarm.finding
            finding.severity = min(2, finding.severity)
            let end = " (over since \(now - since) s)"
            if !finding.reason.hasSuffix(")") { finding.reason += end }
            fading.append(finding)
        }
        return fading
    }

    /// Whether it is to be announced: new, worse than announced, or again after a while; within the day's budget.
    private mutating func announce(
        _ alarm: inout Alarm, _ finding: Finding, _ now: UInt64, isStanding: Bool, _ limits: DetectorThresholds
    ) -> Bool {
        guard finding.severity >= 2 else { return false }
        if let last = alarm.announced, finding.severity <= last.severity {
            // A standing alarm is announced once; one that comes and goes, once in a while.
            if isStanding || now - min(now, last.time) < limits.repeatSeconds {
                return false
            }
        }
        if finding.severity < 3 {
            var today = 0
            for place in 0..<announcedToday.count where announcedToday[place] + 86_400 > now { today += 1 }
            if today >= limits.alarmsPerDay { return false }
        }
        alarm.announced = (now, finding.severity)
        announcedToday.append(now)
        return true
    }
}
