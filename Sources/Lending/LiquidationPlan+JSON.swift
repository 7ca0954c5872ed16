import Chain
import Ethereum
import JSON

extension LiquidationPlan {
    /// The plan as a member of `plans[]`.
    ///
    /// - Parameter position: whose plan it is.
    func json(of position: Position) -> JSONValue {
        let first = steps.first
        let components = confidence(in: position)
        return [
            "pair": [
                "debtAsset": .string(pair.debtAsset.checksummed),
                "collateralAsset": .string(pair.collateralAsset.checksummed),
            ],
            "size": .string(size.rawValue),
            "policy": .string(policy.rawValue),
            "steps": .array(steps.flatMap { $0.json(sentBy: sender) }),
            "spender": text(first?.spender.checksummed),
            "maxRepay": integer(first?.maxRepay),
            "repay": integer(repay),
            "repayArg": integer(first?.repayArg),
            "seize": integer(seize),
            "seizeAsset": .string(seizeAsset.checksummed),
            "protocolFee": integer(protocolFee),
            "bonusBps": first.map { .integer($0.bonusBps - 10_000) } ?? .null,
            "bonusExact": ["num": integer(seizeValue), "den": integer(repayValue)],
            "dust": first?.dustRule.map { rule in
                [
                    "rule": .string(rule), "ok": .bool(steps.allSatisfy(\.dustOK)),
                    "minRepayToClear": integer(minRepayToClear),
                ]
            } ?? ["rule": .null, "ok": true, "minRepayToClear": integer(minRepayToClear)],
            "gross": ["base": .string(gross.description), "debtUnits": text(inDebt(gross, position)?.description)],
            "toxic": [
                "hfImproves": healthImproves.map { .bool($0) } ?? .null, "badDebtIfFull": integer(badDebtIfFull),
            ],
            "extraSeized": integer(extraSeized),
            "exit": exit.map { sold($0, at: position) } ?? .null,
            "flash": funding.map { $0.json(of: pair.debtAsset) } ?? .null,
            "gasUsed": integer(cost?.gasUsed),
            "gasLimit": integer(cost?.gasLimit),
            "l1Fee": integer(cost?.l1Fee),
            "net": [
                "wei": text(cost?.netWei?.description), "base": text(cost?.netBase?.description),
                "debtUnits": text(cost?.netBase.flatMap { inDebt($0, position) }?.description),
                "usd1e8": text(usd(position)?.description),
                "gasPriceWei": integer(cost?.gasPrice), "gasPriceBasis": text(cost?.basis.rawValue),
            ],
            "breakEvenGasPriceWei": integer(cost?.breakEvenGasPrice),
            "maxBidWei": integer(maxBid),
            "sim": simulation.map { simulated($0) } ?? .null,
            "valid": valid(at: position),
            "confidence": .object(
                JSONObject(
                    [("bps", .integer(Self.total(components.map(\.bps))))]
                        + components.map { ($0.name, $0.bps.map { .integer($0) } ?? .null) })),
            "unknown": .array(
                (unknown + uncomputed(position)).map { ["field": .string($0.field), "reason": .string($0.reason)] }),
        ]
    }

    /// What can be paid for being first, wei; nothing where nothing is left.
    private var maxBid: UInt256? { cost?.netWei.map { $0.isNegative ? .zero : $0.magnitude } }

    private func simulated(_ simulation: Simulation) -> JSONValue {
        [
            "ok": .bool(simulation.ok), "method": .string(simulation.method),
            "blockHash": .string(simulation.blockHash.hex),
            "balanceDelta": [
                "debtAssetPaid": integer(simulation.paid), "collateralAssetReceived": integer(simulation.received),
            ],
            "revert": text(simulation.revert),
        ]
    }

    /// Base units in the debt token's smallest units, towards zero.
    func inDebt(_ value: Int256, _ position: Position) -> Int256? {
        guard let leg = position.debt.first(where: { $0.asset == pair.debtAsset }), !leg.priceRaw.isZero else {
            return nil
        }
        do throws(MathError) {
            let amount = try UInt256.mulDiv(value.magnitude, .powerOfTen(leg.decimals), leg.priceRaw, .down)
            return Int256(isNegative: value.isNegative, magnitude: amount)
        } catch {
            return nil
        }
    }

    func integer(_ value: UInt256?) -> JSONValue { value.map { .string($0.description) } ?? .null }
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

extension LiquidationQuote {
    /// The calls as steps of a plan.
    func json(sentBy sender: Address?) -> [JSONValue] {
        let none = UInt256.zero
        return before.map { $0.json(sentBy: sender, none, none, none, none, none) }
            + [main.json(sentBy: sender, repay, repayArg, maxRepay, seize, protocolFee)]
            + after.map { $0.json(sentBy: sender, none, none, none, none, none) }
    }
}

extension LiquidationCall {
    fileprivate func json(
        sentBy sender: Address?, _ repay: UInt256, _ repayArg: UInt256, _ maxRepay: UInt256, _ seize: UInt256,
        _ fee: UInt256
    ) -> JSONValue {
        [
            "to": .string(call.target.checksummed), "value": .string(value.description),
            "data": made(by: sender).map { .string(Hex.encode($0.data)) } ?? .null,
            "decoded": [
                "fn": .string(function),
                "args": .object(JSONObject(arguments.map { ($0.name, .string($0.value)) })),
            ],
            "repay": .string(repay.description), "repayArg": .string(repayArg.description),
            "maxRepay": .string(maxRepay.description), "seize": .string(seize.description),
            "protocolFee": .string(fee.description),
        ]
    }
}
