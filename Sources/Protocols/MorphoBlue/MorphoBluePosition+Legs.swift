import Chain
import Ethereum
import JSON
import Lending

extension MorphoBlue.Market {
    func collateral(
        _ holding: MorphoBlue.Holding, _ value: UInt256, _ price: UInt256, _ state: MorphoBlue.MarketState,
        _ params: MorphoBlue.MarketParams
    ) -> Leg {
        var leg = Leg(
            asset: params.collateralToken, symbol: state.collateral.symbol, decimals: state.collateral.decimals,
            raw: holding.collateral, amount: holding.collateral, index: nil, priceRaw: price,
            priceScale: state.priceScale, value: value, factor: Self.bps(params.lltv),
            bonusBps: Self.factor(params).flatMap(Self.bps), source: PriceSource(.feed, params.oracle))
        leg.factorRaw = params.lltv
        leg.factorScale = .wad
        return leg
    }

    /// The loan token is what values are stated in.
    func debt(
        _ holding: MorphoBlue.Holding, _ borrowed: UInt256, _ state: MorphoBlue.MarketState,
        _ params: MorphoBlue.MarketParams
    ) -> Leg {
        let unit = MorphoBlue.powerOfTen(state.loan.decimals) ?? .one
        return Leg(
            asset: params.loanToken, symbol: state.loan.symbol, decimals: state.loan.decimals,
            raw: holding.borrowShares, amount: borrowed, index: nil, priceRaw: unit, priceScale: unit, value: borrowed,
            source: PriceSource(.base))
    }

    /// A wad in whole basis points, down.
    private static func bps(_ wad: UInt256) -> Int? {
        do throws(MathError) {
            return try wad.divided(by: 100_000_000_000_000, .down).asInt()
        } catch {
            return nil
        }
    }

    private static func factor(_ params: MorphoBlue.MarketParams) -> UInt256? {
        do throws(MathError) {
            return try MorphoBlue.Math.liquidationIncentiveFactor(lltv: params.lltv)
        } catch {
            return nil
        }
    }

    // MARK: Details

    /// What all positions of a market have.
    func details(_ state: MorphoBlue.MarketState, _ params: MorphoBlue.MarketParams) -> [String: JSONValue] {
        func text(_ value: UInt256?) -> JSONValue { value.map { .string($0.description) } ?? .null }
        let model: JSONValue =
            switch state.model {
            case .known(.none): ["kind": "none"]
            case .known(.adaptiveCurve(let rate)):
                ["kind": "adaptive-curve", "rateAtTarget": .string(rate.description)]
            case .known(.stated): ["kind": "stated"]
            case .unknown(let reason): ["kind": .string("unknown: \(reason)")]
            }
        return [
            "marketParams": [
                "loanToken": .string(params.loanToken.checksummed),
                "collateralToken": .string(params.collateralToken.checksummed),
                "oracle": .string(params.oracle.checksummed), "irm": .string(params.irm.checksummed),
                "lltv": text(params.lltv),
            ],
            "storedTotals": .array((state.totals.value?.words ?? []).map { .string($0.description) }),
            "totalBorrowAssets": text(state.accrued.value?.borrowAssets),
            "totalBorrowShares": text(state.accrued.value?.borrowShares),
            "totalSupplyAssets": text(state.accrued.value?.supplyAssets),
            "totalSupplyShares": text(state.accrued.value?.supplyShares),
            "lastUpdate": text(state.totals.value?.lastUpdate), "borrowRate": text(state.rate), "irm": model,
            "liquidationIncentiveFactor": text(Self.factor(params)),
            "oracle": state.oracle.json(
                at: params.oracle, price: state.price.value, loan: state.loan, collateral: state.collateral),
        ]
    }

    /// The largest liquidation of a position that can be liquidated.
    func liquidation(
        of holding: MorphoBlue.Holding, _ health: MorphoBlue.Health, _ totals: MorphoBlue.Totals, _ price: UInt256,
        _ params: MorphoBlue.MarketParams
    ) -> JSONValue? {
        guard health.isLiquidatable, !holding.collateral.isZero, let factor = Self.factor(params) else { return nil }
        do throws(MathError) {
            let most = try MorphoBlue.Liquidation(of: holding, totals, price: price, factor: factor)
            return [
                "argument": .string(most.argument.rawValue),
                "seizedAssets": .string(most.seizedAssets.description),
                "repaidShares": .string(most.repaidShares.description),
                "repaidAssets": .string(most.repaidAssets.description),
                "badDebtShares": .string(most.badDebtShares.description),
                "badDebtAssets": .string(most.badDebtAssets.description),
            ]
        } catch {
            return ["unknown": "the contract reverts: a number leaves 256 bits"]
        }
    }

    /// What each pre-liquidation contract of the market finds in a position.
    func windows(
        _ member: MorphoBlue.Member, _ holding: MorphoBlue.Holding, _ totals: MorphoBlue.Totals,
        _ params: MorphoBlue.MarketParams, _ state: MorphoBlue.MarketState
    ) -> JSONValue {
        .array(
            state.preLiquidations.indices.map { index in
                let contract = state.preLiquidations[index]
                var window: MorphoBlue.PreLiquidationWindow?
                if let price = contract.price.value {
                    do throws(MathError) {
                        window = try contract.window(
                            holding, totals, price: price, lltv: params.lltv, marketPrice: state.price.value)
                    } catch {
                        // Where a number leaves its width the contract reverts: nothing can be pre-liquidated.
                        window = MorphoBlue.PreLiquidationWindow()
                    }
                }
                let authorized =
                    index < member.authorizations.count
                    ? member.authorizations[index] : .unknown(.failed("it was not asked"))
                return contract.json(window, authorized: authorized)
            })
    }
}

extension MorphoBlue.MarketState {
    /// What the oracle's price counts as one whole loan token for one whole collateral token.
    var priceScale: UInt256 { MorphoBlue.powerOfTen(36 + loan.decimals - collateral.decimals) ?? .one }
}

extension MorphoBlue {
    /// `10^exponent`; `nil` where it is no whole number of 256 bits.
    static func powerOfTen(_ exponent: Int) -> UInt256? {
        guard (0...77).contains(exponent) else { return nil }
        do throws(MathError) {
            return try .powerOfTen(exponent)
        } catch {
            return nil
        }
    }
}
