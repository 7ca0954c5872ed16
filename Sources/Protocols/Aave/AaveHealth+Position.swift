import Chain
import Ethereum
import JSON
import Lending

extension Aave.Market {
    /// The position of one member of the book.
    func position(
        of index: Int, in book: Aave.Book, _ table: Aave.HealthTable, at block: Block
    ) -> Position {
        let member = book.members[index]
        let summed = book.state.rules.healthFormula == .summed
        var position = Position(
            market: id, account: member.account, entrypoint: addresses.pool, block: block,
            hfUnit: Aave.unitText(book.state.baseUnit) + (summed ? "*1e4" : ""), predicate: "hf < 1e18", hfScale: .wad,
            valueUnit: book.state.valueUnit)
        if let fork { position.details["fork"] = fork.json }
        position.unknown = member.issues
        let (collateral, debt) = book.legs(of: index, unknown: &position.unknown)
        position.collateral = collateral
        position.debt = debt
        if let facts = book.stableFacts(of: index, debt) { position.details["stableDebt"] = facts }
        let worthless = Set((collateral + debt).filter(\.priceRaw.isZero).map(\.asset))
        if !worthless.isEmpty {
            position.details["zeroPrices"] = .array(worthless.sorted().map { .string($0.checksummed) })
        }
        let totals = member.issues.isEmpty ? totals(&position, index, book, table) : nil
        compare(&position, totals, with: member.accountData)
        return position
    }

    /// Puts the totals into the position, or why there are none.
    private func totals(
        _ position: inout Position, _ index: Int, _ book: Aave.Book, _ table: Aave.HealthTable
    ) -> Aave.AccountTotals? {
        let member = book.members[index]
        // An account that uses nothing is never asked for its category.
        guard let row = member.configuration.isEmpty ? 0 : table.row(category: member.category) else {
            position.unknown.append(Unknown("hfProtocol", book.whyNoCategory(member.category)))
            return nil
        }
        let totals: Aave.AccountTotals
        do throws(Aave.Halt) {
            totals = try table.evaluate(
                configuration: member.configuration.word, row: row, balances: book.sheet.balances.span, at: member.start
            )
        } catch {
            position.unknown.append(Unknown("hfProtocol", book.why(error)))
            return nil
        }
        position.collateralValue = totals.collateral
        position.debtValue = totals.debt
        position.hfProtocol = totals.healthFactor
        do throws(MathError) {
            (position.hfNum, position.hfDen) = try book.state.compared(totals)
        } catch {
            position.unknown.append(Unknown("hfNum", "the number leaves 256 bits"))
        }
        return totals
    }

    /// Sets what the contract says beside what was computed. Only where both agree is there a verdict.
    private func compare(
        _ position: inout Position, _ totals: Aave.AccountTotals?, with answer: Reading<Aave.AccountData>
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

extension Aave.AccountData {
    /// The numbers that are not the computed ones, each in words.
    func differences(from totals: Aave.AccountTotals) -> [String] {
        let pairs: [(name: String, ours: UInt256, theirs: UInt256)] = [
            ("totalCollateralBase", totals.collateral, totalCollateralBase),
            ("totalDebtBase", totals.debt, totalDebtBase),
            ("availableBorrowsBase", totals.availableBorrows, availableBorrowsBase),
            ("currentLiquidationThreshold", totals.liquidationThreshold, currentLiquidationThreshold),
            ("ltv", totals.ltv, ltv),
            ("healthFactor", totals.healthFactor, healthFactor),
        ]
        return pairs.filter { $0.ours != $0.theirs }.map { "\($0.name) is \($0.theirs), computed \($0.ours)" }
    }
}

extension Aave.MarketState {
    /// The two integers that the contract compares.
    ///
    /// Until 3.4 the collateral is cut to the average threshold before it is divided; from 3.5 the weighted sum is
    /// compared
    /// with the debt in basis points.
    ///
    /// - Throws: `.overflow` where debt in basis points leaves 256 bits, which the contract itself never computes.
    func compared(_ totals: Aave.AccountTotals) throws(MathError) -> (number: UInt256, debt: UInt256) {
        switch rules.healthFormula {
        case .averaged: (try .percentMul(totals.collateral, totals.liquidationThreshold), totals.debt)
        case .summed: (totals.weightedCollateral, try totals.debt * 10_000)
        }
    }
}

extension Aave.Book {
    /// Why accounts of a category cannot be evaluated.
    func whyNoCategory(_ id: Int) -> String {
        switch state.categories[id] {
        case .known(let category):
            "the price that replaces those of category \(id): \(category.price?.reason.map(\.description) ?? "none")"
        case .unknown(let reason): "category \(id): \(reason)"
        case nil: "category \(id) was not read"
        }
    }

    /// Why an account has no totals, in words.
    func why(_ halt: Aave.Halt) -> String {
        func name(_ id: Int) -> String { state.reserve(id)?.name ?? "reserve \(id)" }
        return switch halt {
        case .reverts: "the contract reverts: a number leaves 256 bits"
        case .liquidityIndex(let id): "the contract reverts: the liquidity index of \(name(id)) leaves 256 bits"
        case .borrowIndex(let id): "the contract reverts: the borrow index of \(name(id)) leaves 256 bits"
        case .price(let id):
            "the price of \(name(id)): \(state.reserve(id)?.price.reason.map(\.description) ?? "not known")"
        case .reserve(let id):
            "reserve \(id) could not be read: "
                + state.unreadable.map { "\($0.asset): \($0.reason)" }.joined(separator: "; ")
        }
    }
}

extension Aave {
    /// `base1e8`, or the unit itself where it is no power of ten.
    static func unitText(_ unit: UInt256) -> String {
        exponentOfTen(unit).map { "base1e\($0)" } ?? "base\(unit)"
    }
}
