import Ethereum

extension Detector {
    /// D13: more collateral than the venues buy.
    static func d13(_ input: DetectorInput) -> [Finding] {
        guard let exposure = input.window.tick.exposure, let depth = exposure.depthAtTenPercent, !depth.isZero else {
            return []
        }
        let id = input.window.profile.id
        var found: [Finding] = []
        let ratio = min(1e9, exposure.collateral.double / depth.double)
        if let (severity, limit) = severity(ratio, input.thresholds.collateralRatio) {
            found.append(
                Finding(
                    .openInterest, "collateral", id, severity: severity, ratio, over: limit, "ratio", nil,
                    "the market holds \(exposure.collateral) of \(id), and venues buy \(depth) within 10 %"))
        }
        if let account = exposure.largestAccount {
            let share = min(1e9, account.double / depth.double)
            if share > input.thresholds.accountRatio {
                found.append(
                    Finding(
                        .openInterest, "account", id, severity: share > 1 ? 3 : 2, share,
                        over: share > 1 ? 1 : input.thresholds.accountRatio, "ratio", nil,
                        "one account holds \(account) of \(id), and venues buy \(depth) within 10 %"))
            }
        }
        return found
    }
}
