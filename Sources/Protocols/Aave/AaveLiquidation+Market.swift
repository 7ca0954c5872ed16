import ABI
import Bindings
import Chain
public import Ethereum
public import Lending

extension Aave.Market {
    /// Each debt with each collateral that the pool lets be seized.
    public func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair] {
        guard position.match != .differs, position.hfProtocol != nil else {
            throw LiquidationRefusal("the position is not known well enough")
        }
        guard !state.isPaused else { throw LiquidationRefusal("the pool is paused: nobody can be liquidated") }
        if fork?.liquidators == .permitted {
            throw LiquidationRefusal("only permitted liquidators are let in, and their code was not read")
        }
        var seen: Set<Address> = []
        let debts = position.debt.filter { !$0.paused && seen.insert($0.asset).inserted }
        let collateral = position.collateral.filter {
            $0.enabled && !$0.paused && !$0.amount.isZero && ($0.bonusBps ?? 0) > 0
        }
        let pairs = debts.flatMap { debt in
            collateral.map { LiquidationPair(debtAsset: debt.asset, collateralAsset: $0.asset) }
        }
        guard !pairs.isEmpty else {
            throw LiquidationRefusal("no collateral that may be seized, or no debt that may be repaid: paused or empty")
        }
        return pairs
    }

    /// The pool's `liquidationCall`, by the rules of its release.
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        var quote = try liquidationSize(of: position, pair, cover: cover)
        let call = AavePool.liquidationCall(
            collateralAsset: pair.collateralAsset, debtAsset: pair.debtAsset, user: position.account.address,
            debtToCover: quote.repayArg, receiveAToken: false)
        quote.call = Call(target: addresses.pool, data: call.encode())
        quote.arguments = try Self.decoded(
            quote.call.data,
            is: [
                .address(pair.collateralAsset), .address(pair.debtAsset), .address(position.account.address),
                .uint(quote.repayArg), .bool(false),
            ])
        return quote
    }

    /// What `liquidationCall` would repay and seize.
    public func liquidationSize(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        let case_ = try self.case(of: position, pair)
        guard case_.healthFactor < .wad else { throw LiquidationRefusal("its health factor is not below 1e18") }
        let amounts: Aave.LiquidationAmounts
        let values: (seize: UInt256, repay: UInt256)
        do throws(MathError) {
            amounts = try rules.liquidation(of: case_, cover: cover)
            values = (
                try (amounts.received * case_.collateralPrice).divided(by: case_.collateralUnit, .down),
                try (amounts.repay * case_.debtPrice).divided(by: case_.debtUnit, .up)
            )
        } catch {
            throw LiquidationRefusal("the contract reverts: a number leaves 256 bits, or a price is 0")
        }
        guard !amounts.repay.isZero, !amounts.received.isZero else {
            throw LiquidationRefusal("what it would repay or seize rounds to nothing")
        }
        // All that the contract takes: what interest adds before inclusion is covered too.
        let argument = cover >= amounts.maxRepay ? UInt256.max : cover
        return LiquidationQuote(
            pair: pair, repayArg: argument, maxRepay: amounts.maxRepay, repay: amounts.repay,
            seize: amounts.received, protocolFee: amounts.fee, bonusBps: Int(case_.bonus.asUInt64() ?? 0),
            seizeValue: values.seize, repayValue: values.repay,
            dustRule: rules.closeFactor == .halfOfPosition ? "MustNotLeaveDust 1000e8" : nil,
            dustOK: !amounts.leavesDust,
            rest: (
                case_.debtBalance.subtractingOrZero(amounts.repay),
                case_.collateralBalance.subtractingOrZero(amounts.collateral)
            ),
            spender: addresses.pool, call: Call(target: addresses.pool, data: []),
            function: AavePool.LiquidationCall.signature, arguments: [])
    }

    /// `getUserAccountData`: its sixth word is the health factor that `liquidationCall` compares.
    public func recheck(of position: Position) -> LiquidationRecheck? {
        let call = AavePool.getUserAccountData(position.account.address)
        return LiquidationRecheck(
            Call(target: addresses.pool, data: call.encode()), function: AavePool.GetUserAccountData.signature,
            condition: "word 5 < 1000000000000000000")
    }

    /// The arguments as they are read back from the bytes that would be sent.
    ///
    /// - Throws: where they are not the ones that were meant.
    private static func decoded(
        _ data: [UInt8], is meant: [ABIValue]
    ) throws(LiquidationRefusal) -> [LiquidationQuote.Argument] {
        let names = ["collateralAsset", "debtAsset", "user", "debtToCover", "receiveAToken"]
        do throws(ABIError) {
            let values = try ABICoder.decode(
                Array(data.dropFirst(4)), as: [.address, .address, .address, .uint(256), .bool], limits: .exact)
            if values == meant, data.prefix(4).elementsEqual(AavePool.LiquidationCall.selector.bytes) {
                return zip(names, values).map { name, value in
                    switch value {
                    case .address(let address): .init(name, address)
                    case .bool(let flag): .init(name, flag ? "true" : "false")
                    case .uint(let number): .init(name, number)
                    default: .init(name, "")
                    }
                }
            }
        } catch {
            throw LiquidationRefusal("the call does not decode: \(error)")
        }
        throw LiquidationRefusal("the call does not decode to what was meant")
    }

    /// What the position's legs say of a pair.
    private func `case`(
        of position: Position, _ pair: LiquidationPair
    ) throws(LiquidationRefusal) -> Aave.LiquidationCase {
        let (legs, owed) = (position.collateral, position.debt)
        guard let debt = owed.firstIndex(where: { $0.asset == pair.debtAsset }),
            let held = legs.firstIndex(where: { $0.asset == pair.collateralAsset && $0.enabled }),
            let reserve = state.reserves.firstIndex(where: { $0.asset == pair.collateralAsset }),
            let health = position.hfProtocol, let total = position.debtValue, let bonus = legs[held].bonusBps
        else { throw LiquidationRefusal("the position has no such pair") }
        var balance = UInt256.zero
        for place in owed.indices where owed[place].asset == pair.debtAsset {
            balance = balance.addingOrMax(owed[place].amount)
        }
        // A category's price stands for whatever its members owe; whoever is in one owes members alone.
        let substitute = legs[held].source.kind == .substitute ? legs[held].priceRaw : nil
        return Aave.LiquidationCase(
            collateralBalance: legs[held].amount, collateralPrice: legs[held].priceRaw,
            collateralUnit: legs[held].unit.divisor, debtBalance: balance,
            debtPrice: substitute ?? owed[debt].priceRaw, debtUnit: owed[debt].unit.divisor,
            totalDebt: total, healthFactor: health, bonus: UInt256(UInt64(clamping: bonus)),
            fee: UInt256(
                UInt64(
                    clamping: rules.generation == .v3
                        ? state.reserves[reserve].configuration.liquidationProtocolFee : fork?.bonusShareBps ?? 0)))
    }
}

extension Aave.Market {
    /// The account after a liquidation in the same block: balances lose what was burned, by the tokens' own rounding.
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? {
        // From 3.5 on the tokens round burns in ways of their own: two steps are planned where they were checked.
        guard rules.balanceRounding == .halfUp else { return nil }
        var after = position
        do throws(MathError) {
            guard
                let place = after.collateral.firstIndex(where: {
                    $0.asset == quote.pair.collateralAsset && $0.enabled
                })
            else { return nil }
            try burn(quote.seize, of: &after.collateral[place])
            if !quote.protocolFee.isZero { try burn(quote.protocolFee, of: &after.collateral[place]) }
            var open = quote.repay
            for index in after.debt.indices where after.debt[index].asset == quote.pair.debtAsset {
                let part = min(open, after.debt[index].amount)
                guard !part.isZero else { continue }
                try burn(part, of: &after.debt[index])
                open = try open - part
            }
            after.collateral.removeAll { $0.amount.isZero }
            after.debt.removeAll { $0.amount.isZero }
            guard let verdict = revalue(after, at: [:]), after.collateral.contains(where: \.enabled) else { return nil }
            after.hfNum = verdict.hfNum
            after.hfDen = verdict.hfDen
            after.hfProtocol = verdict.hfProtocol
            after.hfOnchain = nil
            after.liquidatable = verdict.liquidatable
            after.match = .notCompared
            after.debtValue = try debtValue(of: after)
            return after
        } catch {
            return nil
        }
    }

    /// Takes an amount from a balance: the scaled one loses the amount over the index, half up.
    private func burn(_ amount: UInt256, of leg: inout Leg) throws(MathError) {
        guard leg.kind != "stable", let index = leg.index else {
            // A debt at a stable rate is brought up to date and loses the amount itself.
            leg.amount = try leg.amount - amount
            return
        }
        let scaled = min(try UInt256.rayDiv(amount, index), leg.raw)
        leg.raw = try leg.raw - scaled
        leg.amount = try state.supplied(leg.raw, index: index)
    }

    private func debtValue(of position: Position) throws(MathError) -> UInt256 {
        let debt = position.debt
        var total = UInt256.zero
        for place in debt.indices where debt.firstIndex(where: { $0.asset == debt[place].asset }) == place {
            var amount = UInt256.zero
            for other in debt.indices where debt[other].asset == debt[place].asset { try amount += debt[other].amount }
            try total += Aave.Math.debtValue(
                amount: amount, price: debt[place].priceRaw, unit: debt[place].unit, roundsUp: rules.roundsDebtValueUp)
        }
        return total
    }
}
