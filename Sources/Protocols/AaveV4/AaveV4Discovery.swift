import Bindings
import Chain
public import Ethereum
public import Lending

extension AaveV4.Market {
    /// Nothing but `Borrow` opens a debt, whoever calls it; the borrower is its `user`, the third topic. Premium debt
    /// grows on drawn debt alone.
    ///
    /// The row of an account changes with each of the events below. A liquidator who takes shares has no event of his
    /// own: the data of `LiquidationCall` names him. Source: aave/aave-v4 `src/spoke/Spoke.sol@cdacec50`.
    public var events: MarketEvents {
        let spoke = spoke
        let borrow = AaveV4Spoke.BorrowEvent.topic0
        let liquidation = AaveV4Spoke.LiquidationCallEvent.topic0
        let second: Set<Hash32> = [
            AaveV4Spoke.ReportDeficitEvent.topic0, AaveV4Spoke.RefreshPremiumDebtEvent.topic0,
        ]
        let first: Set<Hash32> = [
            AaveV4Spoke.UpdateUserRiskPremiumEvent.topic0, AaveV4Spoke.RefreshAllUserDynamicConfigEvent.topic0,
            AaveV4Spoke.RefreshSingleUserDynamicConfigEvent.topic0,
        ]
        let third = [
            borrow, liquidation, AaveV4Spoke.SupplyEvent.topic0, AaveV4Spoke.WithdrawEvent.topic0,
            AaveV4Spoke.RepayEvent.topic0, AaveV4Spoke.SetUsingAsCollateralEvent.topic0,
        ]
        return MarketEvents(
            from: deployBlock, opening: LogQuery(addresses: [spoke], topics: [[borrow]]),
            touching: LogQuery(addresses: [spoke], topics: [third + first.sorted() + second.sorted()])
        ) { log, touches in
            guard log.address == spoke, let topic = log.topic(0) else { return }
            let place = first.contains(topic) ? 1 : second.contains(topic) ? 2 : 3
            guard let user = log.topic(place).flatMap({ Address(checkedWord: $0.word) }) else {
                touches.broken.append(
                    LogGap(from: log.blockNumber, to: log.blockNumber, why: "an event of the spoke names no account"))
                return
            }
            touches.touched.append(Account(user))
            if topic == borrow { touches.borrowers.append((Account(user), log.blockNumber)) }
            guard topic == liquidation else { return }
            guard let word = UInt256(bigEndian: log.data.prefix(32)), let liquidator = Address(checkedWord: word)
            else {
                touches.broken.append(
                    LogGap(from: log.blockNumber, to: log.blockNumber, why: "a LiquidationCall names no liquidator"))
                return
            }
            touches.touched.append(Account(liquidator))
        }
    }

    /// The rules, and which asset of which hub every number stands for.
    public var fingerprint: Hash32 {
        var bytes = Array("aave-v4 row 1 \(rules.version)".utf8) + spoke.bytes
        bytes += UInt256(UInt64(state.reserves.count)).bigEndianBytes
        for reading in state.reserves {
            guard let reserve = reading.value else {
                bytes.append(0)
                continue
            }
            bytes += reserve.hub.bytes + UInt256(UInt64(reserve.assetId)).bigEndianBytes
        }
        return Keccak256.hash(bytes)
    }
}

extension AaveV4.Book {
    /// How much of the spoke's debt at each hub the members explain.
    ///
    /// A reserve is one asset of one hub, and no other reserve of the spoke is the same one. Spoke and hub change an
    /// account and the spoke's own total by the same shares and the same offset, so nothing may be left of either.
    var coverage: [CoverageResidual] {
        var drawn = [Reading<UInt256>](repeating: .known(.zero), count: state.reserves.count)
        var premium = drawn
        for member in members {
            for holding in member.holdings where holding.isBorrowed && drawn.indices.contains(holding.reserve) {
                drawn[holding.reserve].add(holding.drawnShares)
                let index = state.reserves[holding.reserve].value.flatMap { state.drawnIndex(of: $0) }
                premium[holding.reserve].add(holding, at: index)
            }
        }
        let lost = members.count { !$0.issues.isEmpty }
        var residuals: [CoverageResidual] = []
        for (id, reading) in state.reserves.enumerated() {
            let reserve = reading.value
            var reason = reading.reason.map { "the reserve cannot be read: \($0)" }
            if lost > 0 { reason = "what \(lost) accounts use is not known" }
            func residual(_ unit: String, _ total: Reading<UInt256>, _ sum: Reading<UInt256>) -> CoverageResidual {
                CoverageResidual(
                    asset: reserve?.underlying ?? .zero, symbol: reserve?.symbol, debtToken: reserve?.hub ?? .zero,
                    unit: unit, total: total.value, explained: reason == nil ? sum.value : nil, bound: .zero,
                    boundReason: "spoke and hub change an account and the spoke's total by the same shares",
                    unknown: reason ?? total.reason?.description ?? sum.reason?.description)
            }
            let share = reserve?.share ?? .unknown(.failed("the reserve was not read"))
            residuals.append(residual("drawnShares", share.map(\.drawnShares), drawn[id]))
            let total = share.premiumRay(at: reserve.flatMap { state.drawnIndex(of: $0) })
            if total.value?.isZero != true || premium[id].value?.isZero != true {
                residuals.append(residual("premiumRay", total, premium[id]))
            }
        }
        return residuals
    }
}

extension Reading<AaveV4.SpokeShare> {
    fileprivate func premiumRay(at index: UInt256?) -> Reading<UInt256> {
        switch self {
        case .unknown(let reason): return .unknown(reason)
        case .known(let share):
            guard let index else { return .unknown(.failed("the index is not known")) }
            do throws(MathError) {
                return .known(
                    try AaveV4.Math.premiumRay(
                        shares: share.premiumShares, offset: share.premiumOffsetRay, index: index))
            } catch {
                return .unknown(.malformed("the premium debt leaves 256 bits"))
            }
        }
    }
}

extension Reading<UInt256> {
    /// Adds to a sum that is still known.
    fileprivate mutating func add(_ word: UInt256) {
        guard case .known(let before) = self else { return }
        let (after, overflow) = before.addingReportingOverflow(word)
        self = overflow ? .unknown(.malformed("the shares leave 256 bits")) : .known(after)
    }

    fileprivate mutating func add(_ holding: AaveV4.Holding, at index: UInt256?) {
        guard case .known = self else { return }
        guard let index else {
            self = .unknown(.failed("the index is not known"))
            return
        }
        do throws(MathError) {
            add(try holding.premiumRay(at: index))
        } catch {
            self = .unknown(.malformed("a premium debt leaves 256 bits"))
        }
    }
}
