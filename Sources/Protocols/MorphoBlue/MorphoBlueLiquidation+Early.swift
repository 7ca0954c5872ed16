import Bindings
import Chain
import Ethereum
import JSON
public import Lending

extension MorphoBlue {
    /// A pre-liquidation contract that may act on a position, as its details tell.
    struct OpenWindow {
        var contract: Address
        var price: UInt256
        var factor: UInt256
        var mostShares: UInt256
    }
}

extension MorphoBlue.Market {
    /// Whether a pre-liquidation contract that the borrower let act may do so.
    public func isOpenEarly(_ position: Position) -> Bool { !openWindows(of: position).isEmpty }

    func openWindows(of position: Position) -> [MorphoBlue.OpenWindow] {
        (position.details["preLiquidation"]?.array ?? []).compactMap { facts in
            func number(_ name: String) -> UInt256? { facts[name]?.string.flatMap { UInt256(decimal: $0) } }
            guard facts["preLiquidatable"]?.bool == true, facts["isExecutable"]?.bool == true,
                let contract = facts["contract"]?.string.flatMap({ Address(hex: $0) }), let price = number("price"),
                let factor = number("preLIF"), let shares = number("repayableShares")
            else { return nil }
            return MorphoBlue.OpenWindow(contract: contract, price: price, factor: factor, mostShares: shares)
        }
    }

    /// The contract's `preLiquidate` by shares, at the incentive of its window and its own price.
    ///
    /// Source: morpho-org/pre-liquidation src/PreLiquidation.sol@9e8b7f4.
    func preLiquidation(
        of position: Position, _ case_: LiquidationCase, _ pair: LiquidationPair, _ contract: UInt256,
        _ cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        guard position.liquidatable == false,
            let window = openWindows(of: position).first(where: { $0.contract.word == contract })
        else { throw LiquidationRefusal("the contract's window is not open") }
        typealias Math = MorphoBlue.Math
        let (most, shares, repaid, seized, value): (UInt256, UInt256, UInt256, UInt256, UInt256)
        let isLeftHealthy: Bool
        do throws(MathError) {
            let totals = case_.totals
            let limit = min(window.mostShares, case_.holding.borrowShares)
            most = try Math.toAssetsUp(limit, totals.borrowAssets, totals.borrowShares)
            shares =
                cover >= most
                ? limit : min(limit, try Math.toSharesDown(cover, totals.borrowAssets, totals.borrowShares))
            repaid = try Math.toAssetsUp(shares, totals.borrowAssets, totals.borrowShares)
            seized = try MorphoBlue.Liquidation.seized(
                for: shares, totals.borrowAssets, totals.borrowShares, price: window.price, factor: window.factor)
            value = try Math.mulDivDown(seized, case_.price, Math.oraclePriceScale)
            isLeftHealthy =
                seized <= case_.holding.collateral
                ? try !case_.isLiquidatable(after: shares, repaid: repaid, seized: seized) : false
        } catch {
            throw LiquidationRefusal("the contract reverts: a number leaves 256 bits")
        }
        guard !shares.isZero, !seized.isZero else {
            throw LiquidationRefusal("what it would repay or seize rounds to nothing")
        }
        guard isLeftHealthy else {
            throw LiquidationRefusal("the singleton would not let the collateral go: too little would be left")
        }
        let borrower = position.account.address
        let call = try PlannedCall.made(
            to: window.contract,
            MorphoBluePreLiquidation.preLiquidate(
                borrower: borrower, seizedAssets: .zero, repaidShares: shares, data: []
            ).encode(), MorphoBluePreLiquidation.PreLiquidate.selector,
            MorphoBluePreLiquidation.PreLiquidate.signature, words: [borrower.word, .zero, shares, 128, .zero],
            arguments: [
                ("borrower", borrower.checksummed), ("seizedAssets", "0"), ("repaidShares", shares.description),
                ("data", "0x"),
            ])
        return LiquidationQuote(
            pair: pair, repayArg: shares, maxRepay: most, repay: repaid, seize: seized, protocolFee: .zero,
            bonusBps: MorphoBlue.bps(window.factor), seizeValue: value, repayValue: repaid, dustRule: nil,
            dustOK: true,
            rest: (
                case_.borrowed.subtractingOrZero(repaid), case_.holding.collateral.subtractingOrZero(seized)
            ),
            spender: window.contract, call: call.call, function: call.function, arguments: call.arguments)
    }

    /// The account after the call, and its market's totals; without its collateral its debt is gone too, as bad debt.
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? {
        guard let shares = quote.arguments.first(where: { $0.name == "repaidShares" })?.value,
            var repaid = UInt256(decimal: shares), position.collateral.count == 1, position.debt.count == 1
        else { return nil }
        var after = position
        do throws(LiquidationRefusal) {
            let case_ = try LiquidationCase(position)
            let left = case_.holding.collateral.subtractingOrZero(quote.seize)
            if left.isZero { repaid = case_.holding.borrowShares }
            guard let rest = case_.holding.borrowShares.subtracting(repaid) else { return nil }
            after.collateral[0].raw = left
            after.collateral[0].amount = left
            after.debt[0].raw = rest
            do throws(MathError) {
                let totals = try case_.totals(after: repaid, repaid: quote.repay)
                let health = try MorphoBlue.Health(
                    MorphoBlue.Holding(borrowShares: rest, collateral: left), totals, price: case_.price,
                    lltv: case_.lltv)
                let owed = try MorphoBlue.Math.toAssetsUp(rest, totals.borrowAssets, totals.borrowShares)
                after.debt[0].amount = owed
                after.debt[0].value = owed
                after.debtValue = owed
                after.collateralValue = health.collateralValue
                after.hfNum = health.maxBorrow
                after.hfDen = owed
                after.hfProtocol = rest.isZero ? .max : health.factor
                after.liquidatable = !rest.isZero && health.isLiquidatable
            } catch {
                return nil
            }
        } catch {
            return nil
        }
        after.collateral.removeAll { $0.raw.isZero }
        after.debt.removeAll { $0.raw.isZero }
        after.details["liquidated"] = true
        return after
    }
}

extension MorphoBlue.Market.LiquidationCase {
    /// The market's totals after shares were repaid.
    func totals(after shares: UInt256, repaid: UInt256) throws(MathError) -> MorphoBlue.Totals {
        var after = totals
        after.borrowAssets = totals.borrowAssets.subtractingOrZero(repaid)
        after.borrowShares = try totals.borrowShares - shares
        return after
    }

    /// Whether the singleton finds what is left unhealthy, at the market's price.
    func isLiquidatable(after shares: UInt256, repaid: UInt256, seized: UInt256) throws(MathError) -> Bool {
        let rest = MorphoBlue.Holding(
            borrowShares: try holding.borrowShares - shares, collateral: try holding.collateral - seized)
        guard !rest.borrowShares.isZero else { return false }
        return try MorphoBlue.Health(
            rest, try totals(after: shares, repaid: repaid), price: price, lltv: lltv
        ).isLiquidatable
    }
}

extension MorphoBlue {
    /// A wad in whole basis points, down.
    static func bps(_ wad: UInt256) -> Int {
        do throws(MathError) {
            return try wad.divided(by: 100_000_000_000_000, .down).asInt() ?? 10_000
        } catch {
            return 10_000
        }
    }
}

extension UInt256 {
    /// The difference; `nil` below zero.
    fileprivate func subtracting(_ other: UInt256) -> UInt256? {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : difference
    }
}
