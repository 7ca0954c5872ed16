import Ethereum
import Lending

/// What a push of one price would let somebody take from positions: an upper bound, for comparing with its cost.
///
/// Two ways are counted, each at the most that the positions' own numbers allow. Where collateral falls or debt rises,
/// positions become liquidatable, and a liquidator takes collateral for its pushed value and the bonus. Where collateral
/// rises, its owners borrow what it then seems to be worth and leave it behind. How much there is to borrow is not read.
struct Extraction {
    let market: any LendingMarket
    let positions: [Position]

    /// What can be taken at most, in whole units of the market's currency; nil where something of it is not known.
    func most(_ asset: PricedAsset, movedBy bps: Int) -> UInt256? {
        guard let price = asset.priceRaw, bps > -10_000, !positions.isEmpty else { return nil }
        do throws(MathError) {
            let moved = try UInt256.mulDiv(price, UInt256(UInt64(10_000 + bps)), 10_000, .down)
            guard !moved.isZero else { return nil }
            var sum = UInt256.zero
            for position in positions where holds(position, asset.asset) {
                // What is not known of one makes the sum no bound.
                guard position.liquidatable != nil,
                    let taken = try taken(position, asset, moved, falls: bps < 0)
                else { return nil }
                try sum += taken
            }
            return try sum.divided(by: asset.priceScale, .down)
        } catch {
            return nil
        }
    }

    private func holds(_ position: Position, _ asset: Address) -> Bool {
        position.collateral.contains { $0.asset == asset && $0.enabled }
            || position.debt.contains { $0.asset == asset }
    }

    private func taken(
        _ position: Position, _ asset: PricedAsset, _ moved: UInt256, falls: Bool
    ) throws(MathError) -> UInt256? {
        // Without debt nothing can be liquidated; what such an owner might borrow counts all the same.
        guard let verdict = market.revalue(position, at: [asset.asset: moved]) else { return nil }
        if position.liquidatable == false, verdict.liquidatable { return try seized(position, asset, moved) }
        return try falls ? .zero : left(position, asset, moved)
    }

    /// What a liquidator of the whole debt gains in true prices: of each collateral its true value less what was paid
    /// for it at pushed prices, the bonus included.
    private func seized(_ position: Position, _ asset: PricedAsset, _ moved: UInt256) throws(MathError) -> UInt256 {
        var gain = UInt256.zero
        var owed = try worth(position.debt, asset.asset, moved)
        for leg in position.collateral where leg.enabled && !owed.isZero {
            let seen = try value(leg, leg.asset == asset.asset ? moved : leg.priceRaw)
            let bonus = UInt256(UInt64(clamping: max(10_000, leg.bonusBps ?? 10_000)))
            // Repaying this much takes all of the leg.
            let repaid = min(owed, try UInt256.mulDiv(seen, 10_000, bonus, .down))
            owed = owed.subtractingOrZero(repaid)
            guard !seen.isZero else { continue }
            let part = try UInt256.mulDiv(repaid, bonus, 10_000, .down)
            let truth = try UInt256.mulDiv(part, try value(leg, leg.priceRaw), seen, .down)
            // Debt that was pushed up is bought for less than it counts.
            let paid = try UInt256.mulDiv(
                repaid, try worth(position.debt, asset.asset, nil),
                max(.one, try worth(position.debt, asset.asset, moved)),
                .down)
            try gain += truth.subtractingOrZero(paid)
        }
        return gain
    }

    /// What an owner can have borrowed in all at the pushed price beyond what the collateral is worth.
    private func left(_ position: Position, _ asset: PricedAsset, _ moved: UInt256) throws(MathError) -> UInt256 {
        var limit = UInt256.zero
        var truth = UInt256.zero
        for leg in position.collateral where leg.enabled {
            let seen = try value(leg, leg.asset == asset.asset ? moved : leg.priceRaw)
            if let raw = leg.factorRaw, let scale = leg.factorScale, !scale.isZero {
                try limit += try UInt256.mulDiv(seen, raw, scale, .down)
            } else {
                try limit += try UInt256.mulDiv(seen, UInt256(UInt64(clamping: leg.factor ?? 0)), 10_000, .down)
            }
            try truth += try value(leg, leg.priceRaw)
        }
        return limit.subtractingOrZero(truth)
    }

    private func worth(_ legs: [Leg], _ asset: Address, _ moved: UInt256?) throws(MathError) -> UInt256 {
        var sum = UInt256.zero
        for leg in legs { try sum += try value(leg, leg.asset == asset ? moved ?? leg.priceRaw : leg.priceRaw) }
        return sum
    }

    private func value(_ leg: Leg, _ price: UInt256) throws(MathError) -> UInt256 {
        try UInt256.mulDiv(leg.amount, price, try .powerOfTen(leg.decimals), .down)
    }
}
