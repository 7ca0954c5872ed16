import Chain
import Ethereum
import JSON
import Lending

extension MorphoBlue.Market {
    /// The comparison that `liquidate` makes; a debt at the line is healthy.
    static let predicate = "borrowed > maxBorrow"

    /// The position of one member of the book.
    func position(of index: Int, in book: MorphoBlue.Book, at block: Block) -> Position {
        let member = book.members[index]
        let state = book.markets[member.id]
        let loan = state?.loan ?? MorphoBlue.Token(decimals: 0)
        var position = Position(
            market: MarketID(
                chainId: id.chainId, network: id.network, family: id.family, protocol: id.protocol,
                deployment: id.deployment, market: member.id.hex),
            account: member.account, entrypoint: morpho, block: block, hfUnit: "loan", predicate: Self.predicate,
            hfScale: .wad,
            valueUnit: ValueUnit(
                symbol: loan.symbol ?? state?.params.value?.loanToken.checksummed ?? "loan", decimals: loan.decimals))
        guard case .known(let holding) = member.holding else {
            position.unknown.append(
                Unknown("liquidatable", "position(): \(member.holding.reason.map(\.description) ?? "not read")"))
            return position
        }
        guard let state else {
            position.unknown.append(Unknown("liquidatable", "the market was not read"))
            return position
        }
        if let issue = state.issue {
            position.unknown += [issue, Unknown("liquidatable", issue.reason)]
            return position
        }
        fill(&position, member, holding, state)
        return position
    }

    private func fill(
        _ position: inout Position, _ member: MorphoBlue.Member, _ holding: MorphoBlue.Holding,
        _ state: MorphoBlue.MarketState
    ) {
        guard case .known(let params) = state.params, case .known(let totals) = state.accrued else { return }
        for (token, address) in [(state.loan, params.loanToken), (state.collateral, params.collateralToken)] {
            if let issue = token.issue { position.unknown.append(Unknown("decimals", "\(address): \(issue)")) }
        }
        position.details = details(state, params)
        let price = state.price.value
        if let reason = state.price.reason {
            position.unknown.append(Unknown("collateralValue", "price() of \(params.oracle): \(reason)"))
        }
        do throws(MathError) {
            let borrowed = try MorphoBlue.Math.toAssetsUp(
                holding.borrowShares, totals.borrowAssets, totals.borrowShares)
            position.debtValue = borrowed
            position.hfDen = borrowed
            if !holding.borrowShares.isZero { position.debt = [debt(holding, borrowed, state, params)] }
            let health = try price.map { price throws(MathError) in
                try MorphoBlue.Health(holding, totals, price: price, lltv: params.lltv)
            }
            if let health, let price {
                position.collateralValue = health.collateralValue
                position.hfNum = health.maxBorrow
                if !holding.collateral.isZero {
                    position.collateral = [collateral(holding, health.collateralValue, price, state, params)]
                }
                let liquidation = liquidation(of: holding, health, totals, price, params)
                if let liquidation { position.details["liquidation"] = liquidation }
            }
            // Without a debt nobody asks for a price.
            position.hfProtocol = holding.borrowShares.isZero ? .max : health?.factor
            judge(&position, member, holding, health, state)
        } catch {
            let reason = "the contract reverts: a number leaves 256 bits"
            position.unknown += [Unknown("hfProtocol", reason), Unknown("liquidatable", reason)]
        }
        if !state.preLiquidations.isEmpty {
            position.details["preLiquidation"] = windows(member, holding, totals, params, state)
        }
    }

    /// Sets what the contract says beside what was computed. Only where both agree is there a verdict.
    private func judge(
        _ position: inout Position, _ member: MorphoBlue.Member, _ holding: MorphoBlue.Holding,
        _ health: MorphoBlue.Health?, _ state: MorphoBlue.MarketState
    ) {
        position.unknown.append(Unknown("hfOnchain", "the singleton has no view of a position's health"))
        if case .differs(let how) = state.check {
            position.match = .differs
            position.unknown.append(Unknown("liquidatable", "the contract disagrees: \(how)"))
            return
        }
        guard !holding.borrowShares.isZero else {
            position.match = .equal
            position.liquidatable = false
            return
        }
        guard let health else {
            position.unknown.append(
                Unknown("liquidatable", "price(): \(state.price.reason.map(\.description) ?? "not known")"))
            return
        }
        if case .known(let isHealthy)? = member.isHealthyOnchain, isHealthy == health.isLiquidatable {
            position.match = .differs
            position.unknown.append(
                Unknown(
                    "liquidatable",
                    "the contract disagrees: liquidate finds the position \(isHealthy ? "healthy" : "unhealthy")"))
            return
        }
        position.match = .equal
        position.liquidatable = health.isLiquidatable
        position.details["liquidate"] =
            switch member.isHealthyOnchain {
            case .known(true)?: "healthy"
            case .known(false)?: "unhealthy"
            case .unknown(let reason)?: .string("not known: \(reason)")
            case nil: "not asked"
            }
    }
}
