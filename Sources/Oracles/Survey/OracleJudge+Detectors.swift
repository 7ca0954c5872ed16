import Ethereum
import Lending

extension OracleJudge {
    /// Asks the detectors about this one moment, and takes the worse of two opinions.
    ///
    /// Detectors that go by the past have none here: they are for whoever follows the chain.
    func consult(_ found: inout AssetAssessment) {
        let asset = found.asset
        var judge = PriceJudge(AssetProfile(asset.symbol ?? asset.asset.checksummed, Self.kind(of: asset)))
        guard let verdict = judge.judge(found.tick(in: book)) else { return }
        let opinion: OracleFindings.Verdict =
            switch verdict.trust {
            case .ok: .ok
            case .unknown: .unknown
            case .suspect: .suspect
            case .reject: .reject
            }
        found.verdict = max(found.verdict, opinion)
        for flag in verdict.flags where !found.flags.contains(flag.rawValue) { found.flags.append(flag.rawValue) }
        found.reasons += verdict.reasons.prefix(Self.mostReasons)
    }

    private static let mostReasons = 12

    /// What an asset is by its symbol, where everybody knows it; limits for any other where not.
    private static func kind(of asset: PricedAsset) -> AssetProfile.Class {
        switch asset.symbol?.uppercased() {
        case "ETH", "WETH", "BTC", "WBTC", "CBBTC": .major
        case "USDC", "USDT", "DAI", "USDS", "GHO", "PYUSD", "LUSD", "FRAX", "CRVUSD", "USDC.E", "USDBC":
            asset.currency == "USD" ? .stable : .other
        case "WSTETH", "RETH", "CBETH", "OSETH", "ETHX", "STETH": .lst
        case "WEETH", "EZETH", "RSETH": .lrt
        default: .other
        }
    }
}
