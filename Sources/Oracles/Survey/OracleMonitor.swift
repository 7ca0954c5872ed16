import Ethereum
public import Lending

/// Judges the prices of markets from what was read about them, block after block.
///
/// A price never changes what a position is; it changes how far that may be acted on.
public struct OracleMonitor: Sendable {
    /// One price: two markets that read one contract for one asset share it.
    private struct Key: Hashable {
        let asset: Address
        let source: Address?
        let currency: String
        let currencyAsset: Address?
        let scale: UInt256
    }

    private let thresholds: DetectorThresholds
    private let looksAgain: Bool
    private var judges: [Key: PriceJudge] = [:]

    /// A monitor that has seen nothing.
    ///
    /// - Parameter looksAgain: whether more blocks follow. Then a severe finding that nothing else supports waits for
    ///   the next look; otherwise this look has to be enough.
    public init(thresholds: DetectorThresholds = DetectorThresholds(), looksAgain: Bool) {
        self.thresholds = thresholds
        self.looksAgain = looksAgain
    }

    /// What is to be thought of each of these prices at the book's block.
    public mutating func assess(_ book: OracleBook, _ assets: [PricedAsset]) -> [AssetAssessment] {
        let description = PriceDescription(book: book)
        return assets.map { asset in
            var found = description.describe(asset)
            let key = Key(
                asset: asset.asset, source: asset.source.address, currency: asset.currency,
                currencyAsset: asset.currencyAsset, scale: asset.priceScale)
            let tick = found.tick(in: book)
            var judge = judges[key] ?? fresh(found)
            // A block that is older than the last one is another branch of the chain: what was seen before it is void.
            var verdict = judge.judge(tick)
            if verdict == nil {
                judge = fresh(found)
                verdict = judge.judge(tick)
            }
            judges[key] = judge
            if let verdict { found.take(verdict, usualDeviationBps: Int(thresholds.majorDeviationBps)) }
            return found
        }
    }

    private func fresh(_ found: AssetAssessment) -> PriceJudge {
        PriceJudge(found.profile, thresholds: thresholds, looksAgain: looksAgain)
    }
}
