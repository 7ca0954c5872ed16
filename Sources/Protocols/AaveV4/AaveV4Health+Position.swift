import Chain
import Ethereum
import JSON
import Lending

extension AaveV4 {
    /// What the oracle's prices count as one.
    static let priceScale: UInt256 = 100_000_000
    /// What values are stated in.
    static let valueUnit = ValueUnit(symbol: "USD", decimals: 26)
}

extension AaveV4.Market {
    /// The position of one member of the book.
    func position(
        of member: AaveV4.Member, in book: AaveV4.Book, _ table: AaveV4.HealthTable, at block: Block
    ) -> Position {
        var position = Position(
            market: id, account: member.account, entrypoint: spoke, block: block, hfUnit: "base1e26*1e27",
            predicate: "hf < 1e18", hfScale: .wad, valueUnit: AaveV4.valueUnit)
        position.unknown = member.issues
        let totals = member.issues.isEmpty ? totals(&position, member, book, table) : nil
        book.addLegs(of: member, healthFactor: totals?.healthFactor, to: &position)
        position.details["lastRiskPremiumBps"] = .string(member.riskPremium.description)
        let liquidation = book.state.liquidation
        position.details["targetHealthFactor"] = .string(liquidation.targetHealthFactor.description)
        position.details["healthFactorForMaxBonus"] = .string(liquidation.healthFactorForMaxBonus.description)
        position.details["liquidationBonusFactorBps"] = .string(liquidation.liquidationBonusFactor.description)
        compare(&position, totals, with: member.accountData)
        return position
    }

    /// Puts the totals into the position, or why there are none.
    private func totals(
        _ position: inout Position, _ member: AaveV4.Member, _ book: AaveV4.Book, _ table: AaveV4.HealthTable
    ) -> AaveV4.AccountTotals? {
        let totals: AaveV4.AccountTotals
        do throws(AaveV4.Halt) {
            totals = try table.evaluate(member.holdings)
        } catch {
            position.unknown.append(Unknown("hfProtocol", book.why(error)))
            return nil
        }
        position.collateralValue = totals.collateralValue
        position.debtValue = totals.debtValue
        position.hfProtocol = totals.healthFactor
        position.details["totalDebtValueRay"] = .string(totals.debtValueRay.description)
        position.details["avgCollateralFactor"] = .string(totals.averageCollateralFactor.description)
        position.details["riskPremiumBps"] = .string(totals.riskPremium.description)
        do throws(MathError) {
            position.hfNum = try AaveV4.compared(totals)
            position.hfDen = totals.debtValueRay
        } catch {
            position.unknown.append(Unknown("hfNum", "the number leaves 256 bits"))
        }
        return totals
    }

    /// Sets what the contract says beside what was computed. Only where both agree is there a verdict.
    private func compare(
        _ position: inout Position, _ totals: AaveV4.AccountTotals?, with answer: Reading<AaveV4.AccountData>
    ) {
        switch answer {
        case .unknown(let reason):
            position.unknown.append(Unknown("hfOnchain", "getUserAccountData: \(reason)"))
        case .known(let onchain):
            position.hfOnchain = onchain.healthFactor
            guard let totals else { return }
            let differences = onchain.differences(from: totals)
            position.match = differences.isEmpty ? .equal : .differs
            if differences.isEmpty {
                position.liquidatable = totals.healthFactor < .wad
            } else {
                position.unknown.append(
                    Unknown("liquidatable", "the contract disagrees: \(differences.joined(separator: "; "))"))
            }
        }
    }
}

extension AaveV4 {
    /// The risk-adjusted collateral in values · rays, which the contract divides by the debt in the same unit.
    ///
    /// - Throws: `.overflow` where it leaves 256 bits, which the contract's own product of 512 bits allows.
    static func compared(_ totals: AccountTotals) throws(MathError) -> UInt256 {
        // A ray has 10^23 times a basis point's 10^-4.
        try totals.weightedCollateral * 100_000_000_000_000_000_000_000
    }
}

extension AaveV4.AccountTotals {
    /// The seven words of `getUserAccountData`.
    var words: [UInt256] {
        [
            riskPremium, averageCollateralFactor, healthFactor, collateralValue, debtValueRay,
            UInt256(UInt64(activeCollateralCount)), UInt256(UInt64(borrowCount)),
        ]
    }
}

extension AaveV4.AccountData {
    /// The numbers that are not the computed ones, each in words.
    func differences(from totals: AaveV4.AccountTotals) -> [String] {
        zip(zip(Self.names, words), totals.words).filter { $0.0.1 != $0.1 }
            .map { "\($0.0.0) is \($0.0.1), computed \($0.1)" }
    }
}

extension AaveV4.Book {
    /// Why an account has no totals, in words.
    func why(_ halt: AaveV4.Halt) -> String {
        func reserve(_ id: Int) -> AaveV4.Reserve? {
            state.reserves.indices.contains(id) ? state.reserves[id].value : nil
        }
        func name(_ id: Int) -> String { reserve(id)?.name ?? "reserve \(id)" }
        switch halt {
        case .reverts: return "the contract reverts: a number leaves 256 bits"
        case .hub(let id):
            let reason = reserve(id)?.asset.reason
            return "the hub's side of \(name(id)): \(reason.map(\.description) ?? "the hub reverts in its arithmetic")"
        case .price(let id):
            return "the price of \(name(id)): \(reserve(id)?.price.reason.map(\.description) ?? "not known")"
        case .configuration(let id):
            let reason = configurations.first { $0.key.reserve == id && $0.value.value == nil }?.value.reason
            return "the collateral's configuration in \(name(id)): \(reason.map(\.description) ?? "not read")"
        case .reserve(let id):
            let reason = state.reserves.indices.contains(id) ? state.reserves[id].reason : nil
            return "reserve \(id): \(reason.map(\.description) ?? "it is not listed")"
        }
    }
}
