import ABI
import Bindings
import Chain
public import Ethereum
import JSON
public import Lending

extension MorphoBlue.Market {
    /// The market's one pair; before the line, that of each pre-liquidation contract that may act, by its address.
    public func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair] {
        guard position.match == .equal, let debt = position.debt.first else {
            throw LiquidationRefusal("the position is not known well enough")
        }
        guard let collateral = position.collateral.first else {
            throw LiquidationRefusal("no collateral is left to seize")
        }
        guard position.liquidatable != true else {
            return [LiquidationPair(debtAsset: debt.asset, collateralAsset: collateral.asset)]
        }
        return openWindows(of: position).map {
            LiquidationPair(debtAsset: debt.asset, collateralAsset: collateral.asset, debtKey: $0.contract.word)
        }
    }

    /// The singleton's `liquidate`, by shares or, where the collateral does not suffice, by all of the collateral, which
    /// realises the bad debt.
    ///
    /// There is no close factor, no protocol fee and no rule against small rests. What is covered is rounded down to
    /// whole shares.
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        guard position.details["liquidated"] == nil else {
            throw LiquidationRefusal("one call takes the most: there is no close factor")
        }
        let case_ = try LiquidationCase(position)
        if let contract = pair.debtKey { return try preLiquidation(of: position, case_, pair, contract, cover) }
        let most: MorphoBlue.Liquidation
        let amounts: MorphoBlue.Liquidation
        let value: UInt256
        do throws(MathError) {
            most = try case_.most()
            amounts = cover >= most.repaidAssets ? most : try case_.covering(cover)
            value = try MorphoBlue.Math.mulDivDown(
                amounts.seizedAssets, case_.price, MorphoBlue.Math.oraclePriceScale)
        } catch {
            throw LiquidationRefusal("the contract reverts: a number leaves 256 bits, or the price is 0")
        }
        guard !amounts.repaidAssets.isZero, !amounts.seizedAssets.isZero else {
            throw LiquidationRefusal("what it would repay or seize rounds to nothing")
        }
        let isByShares = amounts.argument == .repaidShares
        let call = MorphoBlueMorpho.liquidate(
            marketParams: case_.parameters, borrower: position.account.address,
            seizedAssets: isByShares ? .zero : amounts.seizedAssets,
            repaidShares: isByShares ? amounts.repaidShares : .zero, data: [])
        let data = call.encode()
        return LiquidationQuote(
            pair: pair, repayArg: isByShares ? amounts.repaidShares : amounts.seizedAssets,
            maxRepay: most.repaidAssets, repay: amounts.repaidAssets, seize: amounts.seizedAssets, protocolFee: .zero,
            bonusBps: position.collateral.first?.bonusBps ?? 10_000, seizeValue: value,
            repayValue: amounts.repaidAssets, dustRule: nil, dustOK: true,
            rest: (
                case_.borrowed.subtractingOrZero(amounts.repaidAssets),
                case_.holding.collateral.subtractingOrZero(amounts.seizedAssets)
            ),
            spender: morpho, call: Call(target: morpho, data: data),
            function: MorphoBlueMorpho.Liquidate.signature, arguments: try Self.decoded(data, is: call))
    }

    /// The arguments as they are read back from the bytes that would be sent.
    ///
    /// - Throws: where they are not the ones that were meant.
    private static func decoded(
        _ data: [UInt8], is call: MorphoBlueMorpho.Liquidate
    ) throws(LiquidationRefusal) -> [LiquidationQuote.Argument] {
        let words = (0..<8).compactMap { word in
            data.count >= 36 + 32 * word ? UInt256(bigEndian: data[(4 + 32 * word)..<(36 + 32 * word)]) : nil
        }
        let market = call.marketParams
        let meant = [
            market.loanToken.word, market.collateralToken.word, market.oracle.word, market.irm.word, market.lltv,
            call.borrower.word, call.seizedAssets, call.repaidShares,
        ]
        guard words == meant, data.prefix(4).elementsEqual(MorphoBlueMorpho.Liquidate.selector.bytes) else {
            throw LiquidationRefusal("the call does not decode to what was meant")
        }
        let names = ["loanToken", "collateralToken", "oracle", "irm", "lltv", "borrower"]
        return zip(names, words).map { name, word in
            .init(name, name == "lltv" ? word.description : Address(word: word).checksummed)
        } + [
            .init("seizedAssets", words[6].description), .init("repaidShares", words[7].description),
            .init("data", "0x"),
        ]
    }
}

extension MorphoBlue.Market {
    /// What a position says of its market and of itself.
    struct LiquidationCase {
        let parameters: MorphoBlueMorpho.MarketParams
        let totals: MorphoBlue.Totals
        let holding: MorphoBlue.Holding
        let borrowed: UInt256
        let price: UInt256
        let lltv: UInt256

        init(_ position: Position) throws(LiquidationRefusal) {
            let details = position.details
            func number(_ name: String) -> UInt256? { details[name]?.string.flatMap { UInt256(decimal: $0) } }
            func address(_ name: String) -> Address? {
                details["marketParams"]?[name]?.string.flatMap { Address(hex: $0) }
            }
            guard let debt = position.debt.first, let collateral = position.collateral.first,
                let lltv = collateral.factorRaw, let loan = address("loanToken"),
                let token = address("collateralToken"), let oracle = address("oracle"), let irm = address("irm"),
                let supplied = number("totalSupplyAssets"),
                let assets = number("totalBorrowAssets"), let shares = number("totalBorrowShares")
            else { throw LiquidationRefusal("the market's totals are not known") }
            parameters = MorphoBlueMorpho.MarketParams(
                loanToken: loan, collateralToken: token, oracle: oracle, irm: irm, lltv: lltv)
            totals = MorphoBlue.Totals(
                supplyAssets: supplied, supplyShares: .zero, borrowAssets: assets, borrowShares: shares,
                lastUpdate: .zero, fee: .zero)
            holding = MorphoBlue.Holding(borrowShares: debt.raw, collateral: collateral.amount)
            borrowed = debt.amount
            price = collateral.priceRaw
            self.lltv = lltv
        }

        func most() throws(MathError) -> MorphoBlue.Liquidation {
            try MorphoBlue.Liquidation(
                of: holding, totals, price: price,
                factor: MorphoBlue.Math.liquidationIncentiveFactor(lltv: lltv))
        }

        /// What the shares take that this amount pays for.
        func covering(_ amount: UInt256) throws(MathError) -> MorphoBlue.Liquidation {
            let shares = try MorphoBlue.Math.toSharesDown(amount, totals.borrowAssets, totals.borrowShares)
            let part = try MorphoBlue.Liquidation(
                .repaidShares, min(shares, holding.borrowShares), of: holding, totals, price: price,
                factor: MorphoBlue.Math.liquidationIncentiveFactor(lltv: lltv))
            return part.seizedAssets <= holding.collateral ? part : try most()
        }
    }
}
