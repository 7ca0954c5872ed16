import ABI
import Bindings
import Chain
import Ethereum
import Lending
import Networks
import Pools

/// Who lends a token within one transaction, as far as the network file names them.
enum FlashSources {
    /// Lenders and what they have at the pinned block: Morpho Blue's singleton, the reserves of Aave V3 and its forks,
    /// and pools of Uniswap V3. One that does not answer lends nothing.
    ///
    /// - Parameters:
    ///   - markets: those that were opened, for the contracts that they found.
    ///   - tokens: what is to be borrowed.
    static func read(
        _ tokens: [Address], from markets: [any LendingMarket], _ pools: [SwapPool], on snapshot: Snapshot
    ) async throws(ChainError) -> [FlashSource] {
        guard !tokens.isEmpty else { return [] }
        var sources = try await aave(tokens, markets, on: snapshot)
        var places: [(provider: String, lender: Address, asset: Address, fee: FlashSource.Fee)] = []
        for market in markets where market.id.family == "morpho-blue" {
            for morpho in market.contracts where morpho.role == "morpho" {
                for token in tokens where !places.contains(where: { $0.lender == morpho.address && $0.asset == token })
                {
                    places.append(("morpho-blue", morpho.address, token, .none))
                }
            }
        }
        for pool in pools {
            guard case .ticks(let state) = pool.state else { continue }
            for token in tokens where pool.tokens.contains(token) {
                places.append(("uniswap-v3", pool.address, token, .millionths(UInt256(UInt64(state.fee)))))
            }
        }
        let balances = try await snapshot.read(
            places.map { (target: $0.asset, method: ERC20.balanceOf($0.lender)) })
        for (place, balance) in zip(places, balances) {
            guard let balance = balance.value, !balance.isZero else { continue }
            sources.append(
                FlashSource(
                    provider: place.provider, lender: place.lender, asset: place.asset, fee: place.fee,
                    available: balance))
        }
        return sources
    }

    /// Reserves that lend: active, not paused, and with flash loans switched on.
    ///
    /// Source: aave-dao/aave-v3-origin `ReserveConfiguration.sol@fd1fbd9` (bits 56, 60, 63), `Pool.sol` `getReserveData`
    /// (the ninth word is the token that holds the asset), `getVirtualUnderlyingBalance` since 3.1.
    private static func aave(
        _ tokens: [Address], _ markets: [any LendingMarket], on snapshot: Snapshot
    ) async throws(ChainError) -> [FlashSource] {
        let named = markets.filter { $0.id.family == "aave-v3" || $0.id.family == "spark" }
            .flatMap { $0.contracts.filter { $0.role == "pool" }.map(\.address) }
        var calls: [Call] = []
        var questions: [(pool: Address, token: Address)] = []
        for pool in named {
            for token in tokens {
                questions.append((pool, token))
                calls.append(Call(target: pool, data: Selector(signature: "FLASHLOAN_PREMIUM_TOTAL()").bytes))
                for signature in ["getReserveData(address)", "getVirtualUnderlyingBalance(address)"] {
                    calls.append(
                        Call(target: pool, data: Selector(signature: signature).bytes + token.word.bigEndianBytes))
                }
            }
        }
        guard !calls.isEmpty else { return [] }
        let answers = try await snapshot.read(calls)
        var found: [(pool: Address, token: Address, holder: Address, premium: UInt256, virtual: UInt256?)] = []
        for (index, question) in questions.enumerated() {
            guard let premium = word(answers[3 * index], 0), premium <= 10_000,
                let flags = word(answers[3 * index + 1], 0),
                let holder = word(answers[3 * index + 1], 8).flatMap({ Address(checkedWord: $0) }), !holder.isZero
            else { continue }
            let bits = flags >> 56
            guard bits.low & 1 == 1, (bits >> 4).low & 1 == 0, (bits >> 7).low & 1 == 1 else { continue }
            found.append((question.pool, question.token, holder, premium, word(answers[3 * index + 2], 0)))
        }
        let balances = try await snapshot.read(
            found.map { (target: $0.token, method: ERC20.balanceOf($0.holder)) })
        return zip(found, balances).compactMap { lender, balance in
            guard let balance = balance.value else { return nil }
            return FlashSource(
                provider: "aave-v3", lender: lender.pool, asset: lender.token, fee: .bps(lender.premium),
                available: min(balance, lender.virtual ?? balance))
        }
    }

    private static func word(_ answer: Reading<[UInt8]>, _ index: Int) -> UInt256? {
        answer.value.flatMap {
            $0.count >= 32 * (index + 1) ? UInt256(bigEndian: $0[32 * index..<32 * (index + 1)]) : nil
        }
    }
}
