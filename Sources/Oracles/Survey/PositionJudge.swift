import Chain
public import Ethereum
public import Lending

/// Says of every position what its verdict is worth, and what it would be under the prices of other sources.
public struct PositionJudge: Sendable {
    /// The market whose comparison is made.
    public var market: any LendingMarket
    private let assessments: [PriceKey: AssetAssessment]
    private let findings: [PriceKey: OracleFindings.Asset]

    /// Judges positions of `market`.
    public init(_ market: any LendingMarket, _ assessments: [AssetAssessment], in book: OracleBook) {
        self.market = market
        self.assessments = Dictionary(
            assessments.map { (PriceKey($0.asset), $0) }, uniquingKeysWith: { first, _ in first })
        findings = self.assessments.mapValues {
            OracleFindings.Asset(asset: $0.asset.asset, verdict: $0.verdict, record: $0.record(in: book))
        }
    }

    /// What independent sources say about the prices that the position stands on.
    public func findings(for position: Position) -> OracleFindings {
        var seen: Set<PriceKey> = []
        let legs = (position.collateral + position.debt).filter { seen.insert(PriceKey($0)).inserted }
        // A leg that the contract does not count cannot turn its verdict.
        let matters = Set(
            position.collateral.filter { $0.enabled && !$0.amount.isZero }.map { PriceKey($0) }
                + position.debt.filter { !$0.amount.isZero }.map { PriceKey($0) })
        let assets = legs.compactMap { findings[PriceKey($0)] }
        let verdicts = matters.map { findings[$0]?.verdict ?? .unknown }
        var result = OracleFindings(verdict: verdicts.max() ?? .unknown, assets: assets)
        let ways: [(String, (AssetAssessment) -> ExactPrice?)] = [
            ("reference", { $0.reference }), ("dexTwap", { $0.dexTwap }), ("cex", { $0.venues }),
        ]
        for (name, price) in ways {
            result.healthUnder.append(health(position, legs, matters, name, price))
        }
        if matters.contains(where: { assessments[$0]?.pending != nil }) {
            result.healthUnder.append(health(position, legs, matters, "pending", { $0.pending }))
            result.pending = legs.filter { matters.contains(PriceKey($0)) }.compactMap { pending($0) }
        }
        result.notes = notes(position, result)
        for key in legs.map({ PriceKey($0) }) where matters.contains(key) {
            guard let (updates, missing) = assessments[key]?.needsUpdate else {
                result.updateMissing = result.updateMissing ?? "no price of \(key.asset) was looked at"
                continue
            }
            result.updateMissing = result.updateMissing ?? missing
            for update in updates.map(OracleFindings.Update.init) where !result.updates.contains(update) {
                result.updates.append(update)
            }
        }
        return result
    }

    /// Whether a price that the position stands on is another than the one that was judged.
    public func isOutdated(for position: Position) -> Bool {
        let counted =
            position.collateral.filter { $0.enabled && !$0.amount.isZero } + position.debt.filter { !$0.amount.isZero }
        return counted.contains { leg in
            assessments[PriceKey(leg)].map { $0.asset.priceRaw != leg.priceRaw } ?? true
        }
    }

    /// The contract's comparison where every price that the sources know is theirs, and the others stay.
    private func health(
        _ position: Position, _ legs: [Leg], _ matters: Set<PriceKey>, _ name: String,
        _ price: (AssetAssessment) -> ExactPrice?
    ) -> OracleFindings.Health {
        var prices: [Address: UInt256] = [:]
        for leg in legs where matters.contains(PriceKey(leg)) {
            guard let assessment = assessments[PriceKey(leg)],
                let raw = AssetAssessment.raw(price(assessment), scale: leg.priceScale)
            else { continue }
            prices[leg.asset] = raw
        }
        guard !prices.isEmpty else {
            return OracleFindings.Health(name, nil, why: "no such source has a price for any of its assets")
        }
        guard let verdict = market.revalue(position, at: prices) else {
            return OracleFindings.Health(name, nil, why: "the position is not known well enough")
        }
        return OracleFindings.Health(name, verdict)
    }

    /// The price that a leg is about to have.
    private func pending(_ leg: Leg) -> OracleFindings.Pending? {
        guard let assessment = assessments[PriceKey(leg)],
            let raw = AssetAssessment.raw(assessment.pending, scale: leg.priceScale)
        else { return nil }
        return OracleFindings.Pending(
            asset: leg.asset, source: leg.source.address, channel: assessment.pendingChannel ?? "quoted", priceRaw: raw,
            at: assessment.pendingAt)
    }

    /// What the prices of the market will be once those that are pending have arrived, by token; empty where none is,
    /// or where a token has several prices there.
    public var expected: [Address: UInt256] {
        var prices: [Address: UInt256] = [:]
        var seen: Set<Address> = []
        for assessment in assessments.values {
            guard seen.insert(assessment.asset.asset).inserted else { return [:] }
            if let raw = AssetAssessment.raw(assessment.pending, scale: assessment.asset.priceScale) {
                prices[assessment.asset.asset] = raw
            }
        }
        return prices
    }

    private func notes(_ position: Position, _ findings: OracleFindings) -> [String] {
        guard let own = position.liquidatable else { return [] }
        var notes: [String] = []
        for health in findings.healthUnder {
            guard let other = health.verdict?.liquidatable, other != own else { continue }
            switch (health.name, own) {
            case ("pending", false): notes.append("a price that is about to arrive makes it liquidatable")
            case ("pending", true): notes.append("a price that is about to arrive makes it healthy again")
            case (_, true):
                notes.append("liquidatable only under the protocol's price: under \(health.name) it is healthy")
            case (_, false):
                notes.append("healthy only under the protocol's price: under \(health.name) it is overdue")
            }
        }
        return notes
    }
}

extension OracleFindings.Update {
    init(_ update: SignedUpdate) {
        self.init(to: update.to, data: update.data, value: update.value, validUntil: update.validUntil)
    }
}
