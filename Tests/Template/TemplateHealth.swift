import Chain
public import Ethereum
public import Lending

extension Template {
    /// The vault's arithmetic, under its names and with its rounding.
    enum Math {
        /// `collateral * price / 10 ** decimals`, rounded down.
        static func collateralValue(_ amount: UInt256, price: UInt256, decimals: Int) throws(MathError) -> UInt256 {
            try (amount * price).quotientAndRemainder(dividingBy: .powerOfTen(decimals)).quotient
        }

        /// `collateralValue * liquidationThreshold * 1e18 / 10_000 / debt`, each division rounded down; the largest number
        /// without debt.
        static func health(
            _ collateralValue: UInt256, threshold: UInt256, debt: UInt256
        ) throws(MathError) -> (num: UInt256, health: UInt256) {
            let num = try (collateralValue * threshold).quotientAndRemainder(dividingBy: 10_000).quotient
            guard !debt.isZero else { return (num, .max) }
            return (num, try (num * .wad).quotientAndRemainder(dividingBy: debt).quotient)
        }
    }
}

extension Template.Market {
    func position(
        of account: Account, _ loan: Reading<Template.Loan>, onchain: Reading<UInt256>, at block: Block
    ) -> Position {
        var position = Position(
            market: id, account: account, entrypoint: vault, block: block, hfUnit: "debt", predicate: "hf < 1e18",
            hfScale: .wad,
            valueUnit: ValueUnit(symbol: state.debt.symbol ?? "debt", decimals: state.debt.decimals))
        switch onchain {
        case .known(let answer): position.hfOnchain = answer
        case .unknown(let reason): position.unknown.append(Unknown("hfOnchain", "health: \(reason)"))
        }
        switch (loan, state.price) {
        case (.unknown(let reason), _): position.unknown.append(Unknown("hfProtocol", "loans: \(reason)"))
        case (_, .unknown(let reason)): position.unknown.append(Unknown("hfProtocol", "price: \(reason)"))
        case (.known(let loan), .known(let price)):
            do throws(MathError) {
                try fill(&position, loan, price: price)
            } catch {
                position.unknown.append(Unknown("hfProtocol", "the contract reverts: a number leaves 256 bits"))
            }
        }
        guard let ours = position.hfProtocol, let theirs = position.hfOnchain else { return position }
        position.match = ours == theirs ? .equal : .differs
        if ours == theirs {
            position.liquidatable = ours < .wad
        } else {
            position.unknown.append(
                Unknown("liquidatable", "the contract disagrees: health is \(theirs), computed \(ours)"))
        }
        return position
    }

    private func fill(_ position: inout Position, _ loan: Template.Loan, price: UInt256) throws(MathError) {
        let value = try Template.Math.collateralValue(
            loan.collateral, price: price, decimals: state.collateral.decimals)
        let (num, health) = try Template.Math.health(value, threshold: state.liquidationThreshold, debt: loan.debt)
        let unit = try UInt256.powerOfTen(state.debt.decimals)
        if !loan.collateral.isZero {
            position.collateral = [
                Leg(
                    asset: state.collateral.address, symbol: state.collateral.symbol,
                    decimals: state.collateral.decimals, raw: loan.collateral, amount: loan.collateral, index: nil,
                    priceRaw: price, priceScale: unit, value: value, factor: state.liquidationThreshold.asInt(),
                    bonusBps: state.bonus, source: PriceSource(.feed, state.feed))
            ]
        }
        if !loan.debt.isZero {
            position.debt = [
                Leg(
                    asset: state.debt.address, symbol: state.debt.symbol, decimals: state.debt.decimals, raw: loan.debt,
                    amount: loan.debt, index: nil, priceRaw: unit, priceScale: unit, value: loan.debt,
                    source: PriceSource(.base))
            ]
        }
        position.collateralValue = value
        position.debtValue = loan.debt
        (position.hfNum, position.hfDen, position.hfProtocol) = (num, loan.debt, health)
    }

    /// The vault's comparison at another price of the collateral.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match != .differs, let debt = position.debtValue else { return nil }
        do throws(MathError) {
            var value = UInt256.zero
            if let leg = position.collateral.first {
                value = try Template.Math.collateralValue(
                    leg.amount, price: prices[leg.asset] ?? leg.priceRaw, decimals: leg.decimals)
            }
            let (num, health) = try Template.Math.health(value, threshold: state.liquidationThreshold, debt: debt)
            return Verdict(hfNum: num, hfDen: debt, hfProtocol: health, liquidatable: health < .wad)
        } catch {
            return nil
        }
    }

    /// The way to a position's number.
    func steps(of position: Position) -> [WorkingStep] {
        guard let num = position.hfNum, let health = position.hfProtocol, let value = position.collateralValue else {
            return []
        }
        return [
            WorkingStep(
                subject: "account", name: "weighted", formula: "⌊value · liquidationThreshold / 1e4⌋",
                inputs: [.init("value", value), .init("liquidationThreshold", state.liquidationThreshold)], value: num,
                unit: "debt"),
            WorkingStep(
                subject: "account", name: "healthFactor", formula: "⌊weighted · 1e18 / debt⌋",
                inputs: [.init("weighted", num), .init("debt", position.debtValue ?? .zero)], value: health,
                unit: "wad"),
        ]
    }
}
