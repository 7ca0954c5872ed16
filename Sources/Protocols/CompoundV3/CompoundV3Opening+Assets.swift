import ABI
import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV3.Opening {
    /// Reads the collateral, all prices and the names of tokens into `state`.
    ///
    /// - Returns: base tokens that the Comet holds.
    func fill(
        _ state: inout CompoundV3.MarketState, assets count: Int
    ) async throws(LendingError) -> Reading<UInt256> {
        let infos = try await ask(
            (0..<count).map { Call(target: comet, data: CompoundV3Comet.getAssetInfo(UInt64($0)).encode()) }
                + [Call(target: state.base.token, data: ERC20.balanceOf(comet).encode())])
        for place in 0..<count {
            let info = try known(
                CompoundV3.decode(CompoundV3Comet.GetAssetInfo.self, infos[place]), "getAssetInfo(\(place))")
            state.assets.append(
                CompoundV3.Asset(
                    offset: place, token: info.asset, symbol: symbols[info.asset], decimals: 0,
                    priceFeed: info.priceFeed, scale: UInt256(info.scale),
                    borrowCollateralFactor: UInt256(info.borrowCollateralFactor),
                    liquidateCollateralFactor: UInt256(info.liquidateCollateralFactor),
                    liquidationFactor: UInt256(info.liquidationFactor), price: .unknown(.failed("it was not asked")),
                    isDeactivated: false))
        }
        try await price(&state)
        try await name(&state)
        if state.rules.skipsZeroFactors { try await markDeactivated(&state) }
        return CompoundV3.word(infos[count])
    }

    private func price(_ state: inout CompoundV3.MarketState) async throws(LendingError) {
        let feeds = [state.base.priceFeed] + state.assets.map(\.priceFeed)
        let answers: GroupAnswers
        let facts: [Reading<[UInt8]>]
        do throws(ChainError) {
            let (groups, calls) = try await snapshot.read(
                [
                    // A price may come from a chain of adapters and vaults.
                    CallGroup(
                        target: comet, selector: CompoundV3Comet.GetPrice.selector, arguments: feeds.map(\.word),
                        returnLength: 32, gasPerCall: 1_500_000)
                ],
                and: [
                    Call(target: feeds[0], data: CompoundV3PriceFeed.constantPrice().encode()),
                    Call(target: feeds[0], data: CompoundV3PriceFeed.description().encode()),
                ])
            answers = groups[0]
            facts = calls
        } catch {
            throw .chain(error)
        }
        state.base.price = positive(answers.word(0))
        for place in state.assets.indices { state.assets[place].price = positive(answers.word(place + 1)) }
        state.valueUnit = ValueUnit(symbol: currency(facts) ?? "base", decimals: 8)
    }

    /// The Comet refuses a price that is not positive; an answer of zero comes from nobody who may be believed.
    private func positive(_ price: Reading<UInt256>) -> Reading<UInt256> {
        guard case .known(let value) = price else { return price }
        guard !value.isZero, Int256(exactly: value) != nil else {
            return .unknown(.malformed("getPrice answered \(value), which is no positive price"))
        }
        return price
    }

    /// What prices are stated in, by the feed of the base asset: `nil` stands for the base asset itself, whose price
    /// is constant then, until its symbol is known.
    private func currency(_ facts: [Reading<[UInt8]>]) -> String? {
        if CompoundV3.word(facts[0]).value == 100_000_000 { return nil }
        guard let text = CompoundV3.decode(CompoundV3PriceFeed.Description.self, facts[1]).value,
            let last = text.prefix(128).split(separator: "/").dropFirst().last
        else { return nil }
        let name = last.drop { $0 == " " }.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return name.isEmpty || name.count > 12 ? nil : String(name)
    }

    private func name(_ state: inout CompoundV3.MarketState) async throws(LendingError) {
        let facts: [TokenFacts]
        do throws(ChainError) {
            facts = try await snapshot.tokens([state.base.token] + state.assets.map(\.token))
        } catch {
            throw .chain(error)
        }
        func symbol(_ token: Address, _ fact: TokenFacts) -> String? {
            symbols[token] ?? fact.symbol.value.flatMap { $0.isEmpty ? nil : $0 }
        }
        state.base.symbol = symbol(state.base.token, facts[0])
        state.base.decimals = Self.decimals(scale: state.base.scale, facts[0])
        for place in state.assets.indices {
            state.assets[place].symbol = symbol(state.assets[place].token, facts[place + 1])
            state.assets[place].decimals = Self.decimals(scale: state.assets[place].scale, facts[place + 1])
        }
        if state.valueUnit.symbol == "base" {
            state.valueUnit = ValueUnit(symbol: state.base.name, decimals: 8)
        }
    }

    /// The decimal places that a scale stands for; what the token says where the scale is no power of ten.
    private static func decimals(scale: UInt256, _ fact: TokenFacts) -> Int {
        var power = UInt256.one
        for exponent in 0...19 {
            if power == scale { return exponent }
            power = power &* 10
        }
        return fact.decimals.value ?? 0
    }

    private func markDeactivated(_ state: inout CompoundV3.MarketState) async throws(LendingError) {
        let answers = try await ask(
            state.assets.map {
                Call(
                    target: comet,
                    data: CompoundV3Comet.IsCollateralDeactivated.selector.bytes
                        + UInt256(UInt64($0.offset)).bigEndianBytes)
            })
        for (place, answer) in answers.enumerated() {
            state.assets[place].isDeactivated = CompoundV3.word(answer).value == .one
        }
    }
}

extension CompoundV3 {
    /// What the return data of a call says.
    static func decode<Method: ContractCall>(
        _ method: Method.Type, _ answer: Reading<[UInt8]>
    ) -> Reading<Method.Output> {
        switch answer {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            do throws(ABIError) {
                return .known(try Method.decode(bytes))
            } catch {
                return .unknown(.malformed("\(error)"))
            }
        }
    }

    /// The one word that a getter answers.
    static func word(_ answer: Reading<[UInt8]>) -> Reading<UInt256> {
        switch answer {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            guard bytes.count >= 32, let word = UInt256(bigEndian: bytes[..<32]) else {
                return .unknown(.malformed("\(bytes.count) bytes are no word"))
            }
            return .known(word)
        }
    }
}
