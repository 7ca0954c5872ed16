// A missing entry is a broken fixture, and should stop the test where it is noticed.
// swift-format-ignore-file: NeverForceUnwrap
import Ethereum

/// `getUserAccountData` once more, written after the Solidity of each release and sharing nothing with the product but
/// 256-bit words: no table, no row of rules, one loop for each shape that the source had.
struct ReferencePool {
    let world: World
    private let ray: UInt256 = 1_000_000_000_000_000_000_000_000_000
    private let half: UInt256 = 500_000_000_000_000_000_000_000_000
    private let year: UInt256 = 31_536_000

    init(_ world: World) { self.world = world }

    /// The six numbers.
    ///
    /// - Throws: where the contract reverts.
    func accountData(_ user: World.UserRow) throws(MathError) -> [UInt256] {
        guard !user.configuration.isZero else { return [.zero, .zero, .zero, .zero, .zero, .max] }
        return switch world.revision {
        case 1...4: try until31(user)
        case 5...8: try until34(user)
        default: try since35(user)
        }
    }

    private func div(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try a.quotientAndRemainder(dividingBy: b).quotient
    }

    private func ceil(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        let (q, r) = try a.quotientAndRemainder(dividingBy: b)
        return r.isZero ? q : try q + .one
    }

    private func rayMul(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 { try div(a * b + half, ray) }

    private func field(_ word: UInt256, _ at: Int, _ count: Int) -> UInt256 { word.bits(at, count: count) }

    private func unit(_ reserve: World.ReserveRow) -> UInt256 {
        var unit: UInt256 = 1
        var decimals = field(reserve.configuration, 48, 8).asInt() ?? 0
        while decimals > 0 {
            unit = unit &* 10
            decimals -= 1
        }
        return unit
    }

    private func income(_ r: World.ReserveRow) throws(MathError) -> UInt256 {
        if r.updated == world.timestamp { return r.liquidityIndex }
        let growth = try div(r.liquidityRate * UInt256(world.timestamp - r.updated), year)
        return try rayMul(ray + growth, r.liquidityIndex)
    }

    private func oldInterest(_ rate: UInt256, _ n: UInt256) throws(MathError) -> UInt256 {
        if n.isZero { return ray }
        let n1 = try n - 1
        let n2 = n > 2 ? try n - 2 : UInt256.zero
        let b2 = try div(rayMul(rate, rate), year * year)
        let b3 = try div(rayMul(b2, rate), year)
        let second = try div(n * n1 * b2, 2)
        let third = try div(n * n1 * n2 * b3, 6)
        return try ray + div(rate * n, year) + second + third
    }

    private func newInterest(_ rate: UInt256, _ n: UInt256) throws(MathError) -> UInt256 {
        if n.isZero { return ray }
        let x = try div(rate * n, year)
        return try ray + x + rayMul(x, div(x, 2) + rayMul(x, div(x, 6)))
    }

    private func debtIndex(_ r: World.ReserveRow) throws(MathError) -> UInt256 {
        if r.updated == world.timestamp { return r.borrowIndex }
        let n = UInt256(world.timestamp - r.updated)
        return try rayMul(
            world.revision >= 8 ? newInterest(r.borrowRate, n) : oldInterest(r.borrowRate, n), r.borrowIndex)
    }

    private func bit(_ word: UInt256, _ at: Int) -> Bool { !((word >> at) & 1).isZero }

    private func close(
        _ tc: UInt256, _ td: UInt256, _ weightedLTV: UInt256, _ weighted: UInt256
    ) throws(MathError) -> [UInt256] {
        let ltv = tc.isZero ? .zero : try div(weightedLTV, tc)
        let threshold = tc.isZero ? .zero : try div(weighted, tc)
        var health = UInt256.max
        var available: UInt256
        if world.revision >= 9 {
            if !td.isZero {
                let wad: UInt256 = 1_000_000_000_000_000_000
                health = try div(div(weighted * wad + div(td, 2), td), 10_000)
            }
            available = try div(tc * ltv, 10_000)
        } else {
            if !td.isZero {
                let adjusted = try div(tc * threshold + 5_000, 10_000)
                health = try div(adjusted * 1_000_000_000_000_000_000 + div(td, 2), td)
            }
            available = try div(tc * ltv + 5_000, 10_000)
        }
        available = available > td ? try available - td : .zero
        return [tc, td, available, threshold, ltv, health]
    }
}

extension ReferencePool {
    private func until31(_ user: World.UserRow) throws(MathError) -> [UInt256] {
        var (tc, td, ltvs, lts) = (UInt256.zero, UInt256.zero, UInt256.zero, UInt256.zero)
        let category = world.categories.first { $0.id == user.category }
        let override = category.map { $0.priceSource.isZero ? .zero : $0.price } ?? .zero
        for r in world.reserves {
            let (owes, secures) = (bit(user.configuration, 2 * r.id), bit(user.configuration, 2 * r.id + 1))
            if !owes && !secures { continue }
            let ltv = field(r.configuration, 0, 16)
            let threshold = field(r.configuration, 16, 16)
            let member = user.category != 0 && field(r.configuration, 168, 8) == UInt256(UInt64(user.category))
            let price = !override.isZero && member ? override : r.price
            if !threshold.isZero && secures {
                let value = try div(rayMul(user.supplies[r.id]!, income(r)) * price, unit(r))
                tc = try tc + value
                if !ltv.isZero { ltvs = try ltvs + value * (member ? category!.ltv : ltv) }
                lts = try lts + value * (member ? category!.threshold : threshold)
            }
            if owes {
                var debt = user.debts[r.id]!
                if !debt.isZero { debt = try rayMul(debt, debtIndex(r)) }
                if let s = user.stable[r.id], !s.principal.isZero {
                    debt = try debt + rayMul(s.principal, oldInterest(s.rate, UInt256(world.timestamp - s.updated)))
                }
                td = try td + div(price * debt, unit(r))
            }
        }
        return try close(tc, td, ltvs, lts)
    }

    private func until34(_ user: World.UserRow) throws(MathError) -> [UInt256] {
        var (tc, td, ltvs, lts) = (UInt256.zero, UInt256.zero, UInt256.zero, UInt256.zero)
        let category = world.categories.first { $0.id == user.category }
        for r in world.reserves {
            let (owes, secures) = (bit(user.configuration, 2 * r.id), bit(user.configuration, 2 * r.id + 1))
            if !owes && !secures { continue }
            let ltv = field(r.configuration, 0, 16)
            let threshold = field(r.configuration, 16, 16)
            if !threshold.isZero && secures {
                let value = try div(rayMul(user.supplies[r.id]!, income(r)) * r.price, unit(r))
                tc = try tc + value
                let member = category.map { bit($0.collateralBitmap, r.id) } ?? false
                if !ltv.isZero { ltvs = try ltvs + value * (member ? category!.ltv : ltv) }
                lts = try lts + value * (member ? category!.threshold : threshold)
            }
            if owes {
                if world.revision == 7 && !bit(r.configuration, 252) {
                    td = try td + div(user.debtBalances[r.id]! * r.price, unit(r))
                } else if !user.debts[r.id]!.isZero {
                    td = try td + div(rayMul(user.debts[r.id]!, debtIndex(r)) * r.price, unit(r))
                }
            }
        }
        return try close(tc, td, ltvs, lts)
    }

    private func since35(_ user: World.UserRow) throws(MathError) -> [UInt256] {
        var (tc, td, ltvs, lts) = (UInt256.zero, UInt256.zero, UInt256.zero, UInt256.zero)
        let category = world.categories.first { $0.id == user.category }
        for r in world.reserves {
            let (owes, secures) = (bit(user.configuration, 2 * r.id), bit(user.configuration, 2 * r.id + 1))
            if !owes && !secures { continue }
            var ltv = field(r.configuration, 0, 16)
            var threshold = field(r.configuration, 16, 16)
            let member = category.map { bit($0.collateralBitmap, r.id) } ?? false
            if secures && (world.revision >= 10 || !threshold.isZero) {
                let value = try div(div(user.supplies[r.id]! * income(r), ray) * r.price, unit(r))
                tc = try tc + value
                if world.revision == 9 {
                    if member && !ltv.isZero { ltv = category!.ltv }
                } else if member {
                    ltv = bit(category!.zeroLTVBitmap, r.id) ? .zero : category!.ltv
                } else if world.revision == 11 && category?.isIsolated == true {
                    ltv = .zero
                }
                if member { threshold = category!.threshold }
                if !ltv.isZero { ltvs = try ltvs + value * ltv }
                lts = try lts + value * threshold
            }
            if owes {
                let debt = try ceil(user.debts[r.id]! * debtIndex(r), ray)
                td = try td + ceil(debt * r.price, unit(r))
            }
        }
        return try close(tc, td, ltvs, lts)
    }
}
