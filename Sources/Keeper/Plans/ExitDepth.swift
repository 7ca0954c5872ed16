public import Ethereum
public import JSON
public import Lending
import Pools

/// Whether the pools bear what liquidators of many positions would sell of one token for another.
///
/// The pools are taken as deep as they are, and to stand at the prices that are asked about: what counts is how far the
/// sale itself moves them. It is bearable where that costs no more than the bonus that liquidators get.
public struct ExitDepth: Sendable {
    /// What is sold and what for.
    public let pair: LiquidationPair
    /// How many positions' best plans sell it.
    public private(set) var positions = 0
    /// All that they seize, in the collateral's smallest units.
    public private(set) var seize = UInt256.zero
    /// All that they repay, in the debt's smallest units.
    public private(set) var repay = UInt256.zero
    /// Value of both in base units, at the prices that are asked about.
    public private(set) var values = (seize: UInt256.zero, repay: UInt256.zero)
    /// By how much selling all of it at once is worse than selling a millionth part, in basis points, up.
    public private(set) var impactBps: Int?
    /// Whether the impact is within the bonus; `nil` where it is not known.
    public private(set) var isBearable: Bool?
    /// The most of what is seized that is sold within the bonus.
    public private(set) var bearable: UInt256?
    /// Why the members above are `nil`.
    public private(set) var unknown: String?

    private init(_ pair: LiquidationPair) { self.pair = pair }

    /// Sums up plans by pair, the largest sale first, and looks what the pools make of each; pairs are looked at one by
    /// one, each with the pools as they are.
    public static func measured(_ plans: [LiquidationPlan], through book: ExitBook) -> [ExitDepth] {
        var found: [LiquidationPair: ExitDepth] = [:]
        for plan in plans
        where plan.seizeAsset == plan.pair.collateralAsset && plan.pair.collateralAsset != plan.pair.debtAsset
            && !plan.seize.isZero && !plan.repay.isZero
        {
            var depth = found[plan.pair] ?? ExitDepth(plan.pair)
            depth.positions += 1
            depth.seize = depth.seize.addingOrMax(plan.seize)
            depth.repay = depth.repay.addingOrMax(plan.repay)
            depth.values.seize = depth.values.seize.addingOrMax(plan.seizeValue)
            depth.values.repay = depth.values.repay.addingOrMax(plan.repayValue)
            found[plan.pair] = depth
        }
        return found.values.map { depth in
            var depth = depth
            depth.look(through: book.routes(from: depth.pair.collateralAsset, to: depth.pair.debtAsset))
            return depth
        }.sorted {
            ($1.values.seize, $0.pair.collateralAsset, $0.pair.debtAsset)
                < ($0.values.seize, $1.pair.collateralAsset, $1.pair.debtAsset)
        }
    }

    private mutating func look(through routes: [SwapRoute]) {
        guard !routes.isEmpty else {
            unknown = "no pool that sells one for the other is known"
            return
        }
        var best: (bearable: UInt256, impactBps: Int?, isWhole: Bool)?
        for route in routes {
            guard let start = Sale(of: seize, through: route) else { continue }
            let whole = start.keeps(seize, values)
            let most = whole ? seize : largest { start.keeps($0, values) }
            if best.map({ most > $0.bearable }) ?? true { best = (most, start.impactBps(seize), whole) }
        }
        guard let best else {
            unknown = "no pool of those that are known takes any of it"
            return
        }
        (bearable, impactBps, isBearable) = (best.bearable, best.impactBps, best.isWhole)
        if impactBps == nil { unknown = "the pools do not take all of it, or were not read as far" }
    }

    /// The largest amount below all that holds; the impact only grows with the amount.
    private func largest(_ holds: (UInt256) -> Bool) -> UInt256 {
        var low = UInt256.zero
        var high = seize
        // A thousandth of what is sold is near enough.
        let grain = seize >> 10
        while high &- low > max(grain, .one) {
            let middle = low &+ (high &- low) >> 1
            if holds(middle) { low = middle } else { high = middle }
        }
        return low
    }

    /// One way, with what it pays for next to nothing.
    private struct Sale {
        let route: SwapRoute
        let small: (sold: UInt256, out: UInt256)

        /// - Returns: `nil` where not even a small part of `all` is taken.
        init?(of all: UInt256, through route: SwapRoute) {
            self.route = route
            for shift in [20, 16, 12, 8, 4] {
                let part = all >> shift
                // Enough digits for a ratio.
                guard let out = Self.out(part, route), out > 1_000_000 || shift == 4, !out.isZero else { continue }
                small = (part, out)
                return
            }
            return nil
        }

        private static func out(_ amount: UInt256, _ route: SwapRoute) -> UInt256? {
            guard !amount.isZero else { return nil }
            do throws(PoolError) { return try route.sell(amount).out } catch { return nil }
        }

        /// Whether selling so much keeps as large a part of the first price as is repaid of what is seized.
        func keeps(_ amount: UInt256, _ values: (seize: UInt256, repay: UInt256)) -> Bool {
            guard !amount.isZero else { return true }
            guard let out = Self.out(amount, route) else { return false }
            // out / amount ≥ small.out / small.sold · values.repay / values.seize
            do throws(MathError) {
                let left = try UInt256.mulDiv(out, small.sold, amount, .down)
                let right = try UInt256.mulDiv(small.out, values.repay, max(values.seize, .one), .up)
                return left >= right
            } catch {
                return false
            }
        }

        func impactBps(_ amount: UInt256) -> Int? {
            guard let out = Self.out(amount, route) else { return nil }
            do throws(MathError) {
                let kept = try UInt256.mulDiv(
                    UInt256.mulDiv(out, small.sold, amount, .down), 10_000, small.out, .down)
                return 10_000 - Int(min(kept.asUInt64() ?? 10_000, 10_000))
            } catch {
                return nil
            }
        }
    }

    /// As it stands in a record.
    public var json: JSONValue {
        [
            "debtAsset": .string(pair.debtAsset.checksummed),
            "collateralAsset": .string(pair.collateralAsset.checksummed),
            "positions": .integer(positions), "seize": .string(seize.description), "repay": .string(repay.description),
            "impactBps": impactBps.map { .integer($0) } ?? .null,
            "bearable": isBearable.map { .bool($0) } ?? .null,
            "bearableSeize": bearable.map { .string($0.description) } ?? .null,
            "unknown": unknown.map { .string($0) } ?? .null,
        ]
    }
}
