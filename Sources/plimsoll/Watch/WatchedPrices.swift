import Chain
import Ethereum
import Keeper
import Lending
import Oracles

/// What independent sources said of one market's prices, read beside its blocks.
struct WatchedPrices: Sendable {
    /// The market's part of the review.
    let review: OracleReview.Market
    /// The block at which the sources were read.
    let block: Block

    /// Seconds of the chain after which nothing that was read counts any more.
    static let mostSeconds: UInt64 = 300

    private func isTooOld(at now: Block) -> Bool {
        now.timestamp > block.timestamp && now.timestamp - block.timestamp > Self.mostSeconds
    }

    /// What is to be said of a position at a block; what was read of other prices than its own confirms nothing.
    func findings(for position: Position, in market: any LendingMarket) -> OracleFindings {
        var judge = review.judge
        judge.market = market
        var findings = judge.findings(for: position)
        findings.sourcesBlock = OracleFindings.SourcesBlock(number: block.number, hash: block.hash)
        if isTooOld(at: position.block) {
            return OracleFindings(
                verdict: .unknown, assets: [], notes: ["its sources were last read at block \(block.number)"],
                updateMissing: "the sources were last read at block \(block.number)")
        }
        guard judge.isOutdated(for: position) else { return findings }
        // The prices that were expected may be those that came.
        findings.pending = []
        findings.healthUnder.removeAll { $0.name == "pending" }
        if findings.verdict == .ok { findings.verdict = .unknown }
        findings.notes.append("a price changed after block \(block.number), at which its sources were read")
        return findings
    }

    /// Prices that are about to arrive, as the follower needs them; `nil` where there are none.
    func expected(at now: Block) -> ExpectedPrices? {
        guard !isTooOld(at: now), review.assessments.contains(where: { $0.pending != nil }) else { return nil }
        return ExpectedPrices(review.judge.expected) { position, market in
            var judge = review.judge
            judge.market = market
            return !judge.isOutdated(for: position) && judge.findings(for: position).liquidatableAtPending == true
        }
    }
}
