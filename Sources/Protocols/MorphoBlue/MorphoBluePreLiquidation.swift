import Bindings
import Chain
import Ethereum
import JSON
import Lending

extension MorphoBlue {
    /// A contract that may liquidate part of the debts of one market before their line, where borrowers let it.
    ///
    /// Source: morpho-org/pre-liquidation src/PreLiquidation.sol@9e8b7f4.
    struct PreLiquidation: Sendable {
        let contract: Address
        /// Where the window opens, a wad; it closes at the market's line.
        var preLltv: UInt256
        /// The share of the debt that may be repaid at once: where the window opens, where it closes; wads.
        var preLCF: (UInt256, UInt256)
        /// Collateral seized for each unit repaid: where the window opens, where it closes; wads.
        var preLIF: (UInt256, UInt256)
        /// Whose price decides; it need not be the market's.
        var oracle: Address
        var price: Reading<UInt256>
    }

    /// What a pre-liquidation contract finds in one position.
    struct PreLiquidationWindow: Hashable, Sendable {
        /// Whether the debt is past the opening and not past the line, at the contract's price.
        var isOpen = false
        var ltv: UInt256?
        var quotient: UInt256?
        var preLIF: UInt256?
        var preLCF: UInt256?
        /// The largest part that one call may repay, what that costs and what it seizes.
        var repayableShares: UInt256?
        var repaidAssets: UInt256?
        var seizedAssets: UInt256?
        /// Whether that part leaves a position that the singleton lets withdraw its collateral, at the market's price.
        var isExecutable: Bool?
    }
}

extension MorphoBlue.PreLiquidation {
    /// The window of one position.
    ///
    /// - Parameter totals: with interest accrued.
    /// - Throws: `.overflow` where the contract reverts.
    func window(
        _ holding: MorphoBlue.Holding, _ totals: MorphoBlue.Totals, price: UInt256, lltv: UInt256,
        marketPrice: UInt256?
    ) throws(MathError) -> MorphoBlue.PreLiquidationWindow {
        typealias Math = MorphoBlue.Math
        var window = MorphoBlue.PreLiquidationWindow()
        let quoted = try Math.mulDivDown(holding.collateral, price, Math.oraclePriceScale)
        let borrowed = try Math.toAssetsUp(holding.borrowShares, totals.borrowAssets, totals.borrowShares)
        window.ltv = quoted.isZero ? nil : try Math.wDivUp(borrowed, quoted)
        let line = try Math.wMulDown(quoted, lltv)
        let opening = try Math.wMulDown(quoted, preLltv)
        guard borrowed <= line, borrowed > opening, let ltv = window.ltv else { return window }
        window.isOpen = true
        let quotient = try Math.wDivDown(ltv - preLltv, lltv - preLltv)
        let factor = try Math.wMulDown(quotient, preLIF.1 - preLIF.0) + preLIF.0
        let closeFactor = try Math.wMulDown(quotient, preLCF.1 - preLCF.0) + preLCF.0
        let most = try Math.wMulDown(holding.borrowShares, closeFactor)
        window.quotient = quotient
        window.preLIF = factor
        window.preLCF = closeFactor
        window.repayableShares = most
        let shares = min(most, holding.borrowShares)
        let repaid = try Math.toAssetsUp(shares, totals.borrowAssets, totals.borrowShares)
        let seized = try MorphoBlue.Liquidation.seized(
            for: shares, totals.borrowAssets, totals.borrowShares, price: price, factor: factor)
        window.repaidAssets = repaid
        window.seizedAssets = seized
        // Exactly one argument may be zero, and the collateral withdrawn may not be.
        guard !shares.isZero, !seized.isZero, seized <= holding.collateral else {
            window.isExecutable = false
            return window
        }
        guard let marketPrice else { return window }
        var after = totals
        after.borrowAssets = totals.borrowAssets.subtractingOrZero(repaid)
        after.borrowShares = try totals.borrowShares - shares
        let rest = MorphoBlue.Holding(
            borrowShares: holding.borrowShares &- shares, collateral: holding.collateral &- seized)
        let left = try MorphoBlue.Health(rest, after, price: marketPrice, lltv: lltv)
        window.isExecutable = rest.borrowShares.isZero || !left.isLiquidatable
        return window
    }

    /// The contract and what it finds, as they stand in a record.
    func json(_ window: MorphoBlue.PreLiquidationWindow?, authorized: Reading<Bool>) -> JSONValue {
        func text(_ value: UInt256?) -> JSONValue { value.map { .string($0.description) } ?? .null }
        func bool(_ value: Bool?) -> JSONValue { value.map { .bool($0) } ?? .null }
        let isPreLiquidatable: Bool? =
            authorized.value == false ? false : authorized.value.flatMap { _ in window?.isOpen }
        return [
            "contract": .string(contract.checksummed), "oracle": .string(oracle.checksummed),
            "price": text(price.value), "preLltv": text(preLltv), "preLCF1": text(preLCF.0),
            "preLCF2": text(preLCF.1), "preLIF1": text(preLIF.0), "preLIF2": text(preLIF.1),
            "authorized": bool(authorized.value), "isOpen": bool(window?.isOpen),
            "preLiquidatable": bool(isPreLiquidatable), "ltv": text(window?.ltv),
            "quotient": text(window?.quotient), "preLIF": text(window?.preLIF), "preLCF": text(window?.preLCF),
            "repayableShares": text(window?.repayableShares), "repaidAssets": text(window?.repaidAssets),
            "seizedAssets": text(window?.seizedAssets), "isExecutable": bool(window?.isExecutable),
            "unknown": (price.reason ?? authorized.reason).map { .string("\($0)") } ?? .null,
        ]
    }
}

extension MorphoBlue.Reader {
    /// The terms of the pre-liquidation contracts of these markets, their prices, and who lets them act.
    func readPreLiquidations(
        _ states: inout [MorphoBlue.MarketState], _ contracts: [Hash32: [Address]], _ book: inout MorphoBlue.Book
    ) async throws(LendingError) {
        let listed = states.indices.flatMap { index in
            Set(contracts[states[index].id] ?? []).sorted().map { (index: index, contract: $0) }
        }
        guard !listed.isEmpty else { return }
        let answers = try await readPacked(
            listed.flatMap {
                [
                    Self.call($0.contract, Selector(signature: "ID()")),
                    Self.call($0.contract, MorphoBluePreLiquidation.PreLiquidationParams.selector),
                ]
            })
        for (place, entry) in listed.enumerated() {
            let state = states[entry.index]
            switch (Self.word(answers[2 * place]), Self.words(answers[2 * place + 1], 6)) {
            case (.known(let id), .known(let words)):
                guard id == state.id.word, let oracle = Address(checkedWord: words[5]),
                    let lltv = state.params.value?.lltv, words[0] < lltv
                else { continue }
                states[entry.index].preLiquidations.append(
                    MorphoBlue.PreLiquidation(
                        contract: entry.contract, preLltv: words[0], preLCF: (words[1], words[2]),
                        preLIF: (words[3], words[4]), oracle: oracle, price: state.price))
            case (.unknown(let reason), _), (_, .unknown(let reason)):
                book.notices.append("pre-liquidation contract \(entry.contract) cannot be read: \(reason)")
            }
        }
        try await readPrices(&states)
        try await readAuthorizations(states, &book)
    }

    private func readPrices(_ states: inout [MorphoBlue.MarketState]) async throws(LendingError) {
        let oracles = Set(
            states.flatMap { state in
                state.preLiquidations.map(\.oracle).filter { $0 != state.params.value?.oracle }
            }
        ).sorted()
        let answers = try await readPacked(oracles.map { Self.call($0, MorphoBlueOracle.Price.selector) })
        let prices = Dictionary(uniqueKeysWithValues: zip(oracles, answers.map { Self.word($0) }))
        for index in states.indices {
            for place in states[index].preLiquidations.indices {
                guard let price = prices[states[index].preLiquidations[place].oracle] else { continue }
                states[index].preLiquidations[place].price = price
            }
        }
    }

    private func readAuthorizations(
        _ states: [MorphoBlue.MarketState], _ book: inout MorphoBlue.Book
    ) async throws(LendingError) {
        let contracts = Dictionary(
            uniqueKeysWithValues: states.map { ($0.id, $0.preLiquidations.map(\.contract)) })
        let asked = book.members.indices.flatMap { index in
            (contracts[book.members[index].id] ?? []).map { (index: index, contract: $0) }
        }
        var readings = try await sloads(
            asked.map { MorphoBlue.Layout.authorization(book.members[$0.index].address, $0.contract) })
        let missing = readings.indices.filter { readings[$0].value == nil }
        let answers = try await readPacked(
            missing.map {
                Self.call(
                    morpho, MorphoBlueMorpho.IsAuthorized.selector,
                    [book.members[asked[$0].index].address.word, asked[$0].contract.word])
            })
        for (index, answer) in zip(missing, answers) { readings[index] = Self.word(answer) }
        for (entry, reading) in zip(asked, readings) {
            // A truth value stands in the lowest byte.
            book.members[entry.index].authorizations.append(reading.map { !($0 & 255).isZero })
        }
    }
}
