import Bindings
import Chain
import Ethereum
import JSON
import Lending
import Protocols
import Testing

/// What opening a V2 market makes of what the contracts answer.
@Suite struct AaveV2ReadsTests {
    private typealias Pool = ScriptedLendingPool

    private func unit(_ pool: ScriptedLendingPool) async throws -> String {
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let reading = try await market.read(
            [Account(Pool.user)], debtless: true, known: AccountRows(), on: snapshot)
        return reading.positions.map { "\($0.valueUnit.symbol) \($0.valueUnit.decimals)" }.joined()
    }

    /// A pool whose oracle counts in `unit` of `currency`, with the symbol that the currency's token answers.
    private static func pool(in currency: Address, _ unit: UInt256, symbol: String?) -> ScriptedLendingPool {
        var pool = Pool()
        pool.set(Pool.oracle, AaveOracle.BaseCurrency.selector, [currency.word])
        pool.set(Pool.oracle, AaveOracle.BaseCurrencyUnit.selector, [unit])
        if let symbol {
            let bytes = Array(symbol.utf8) + [UInt8](repeating: 0, count: 32 - symbol.utf8.count)
            pool.set(
                currency, ERC20.Symbol.selector,
                [32, UInt256(UInt64(symbol.utf8.count)), UInt256(bigEndian: bytes) ?? .zero])
        }
        return pool
    }

    @Test func valuesAreInTheOraclesUnit() async throws {
        let dollar = try #require(Address(hex: "0x10F7Fc1F91Ba351f9C629c5947AD69bD03C05b96"))
        var old = Pool()
        old.set(Pool.oracle, AaveV2Oracle.Weth.selector, [Pool.weth.word])
        let pools = [
            Pool(), old, Self.pool(in: Pool.weth, .wad, symbol: "WETH"),
            Self.pool(in: Pool.weth, .wad, symbol: "WAVAX"),
            Self.pool(in: Pool.weth, .wad, symbol: nil), Self.pool(in: dollar, 100_000_000, symbol: nil),
            Self.pool(in: .zero, 100_000_000, symbol: nil), Self.pool(in: Pool.weth, 3, symbol: "WETH"),
        ]
        var units: [String] = []
        for pool in pools { units.append(try await unit(pool)) }
        let bare = "\(Pool.weth.checksummed) 18"
        #expect(units == ["base 0", "ETH 18", "ETH 18", "WAVAX 18", bare, "USD 8", "USD 8", "base 0"])
    }

    /// 3 tokens at 1.0 against 1.2 owed: 3 · 0.8 / 1.2 = 2; the borrow index of two is not taken for the other word.
    @Test func oneAccount() async throws {
        var pool = Pool()
        pool.set(Pool.pool, AavePool.GetUserConfiguration.selector, [3])
        pool.set(Address(word: 0xD1), AaveToken.ScaledBalanceOf.selector, [3_000_000])
        pool.set(Address(word: 0xD3), AaveToken.ScaledBalanceOf.selector, [600_000])
        pool.set(Address(word: 0xD3), AaveToken.ScaledTotalSupply.selector, [600_000])
        pool.set(Address(word: 0xD2), AaveStableDebtToken.PrincipalBalanceOf.selector, [0])
        pool.set(Address(word: 0xD2), AaveStableDebtToken.TotalSupply.selector, [0])
        let wad: UInt256 = 1_000_000_000_000_000_000
        pool.set(
            Pool.pool, AaveV2LendingPool.GetUserAccountData.selector,
            [wad &* 3, 1_200_000_000_000_000_000, 1_050_000_000_000_000_000, 8_000, 7_500, wad &* 2])
        pool.set(Pool.pool, AaveV2LendingPool.Paused.selector, [1])
        pool.options = "\"fork\": \"radiant\","
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        #expect(market.id.protocol == "aave-v2" && market.id.family == "aave-v2")
        let reading = try await market.read([Account(Pool.user)], debtless: false, known: AccountRows(), on: snapshot)
        let position = try #require(reading.positions.first)
        #expect(position.match == .equal && position.hfProtocol == wad &* 2 && position.liquidatable == false)
        #expect(position.collateral.allSatisfy(\.paused) && position.debt.allSatisfy(\.paused))
        #expect(position.details["fork"]?["bonusShareBps"]?.int == 5_000)
        #expect(reading.coverage.allSatisfy(\.isWithinBound) && reading.notices.count == 1)
        // At half the collateral's price, which is the debt's too, nothing changes; the legs are one asset.
        let verdict = try #require(market.revalue(position, at: [Pool.asset: 500_000_000_000_000_000]))
        #expect(verdict.hfProtocol == wad &* 2 && verdict.hfDen == 600_000_000_000_000_000)
        let claims = try await market.claims(of: [position], on: snapshot)
        #expect(claims.accounts[0].slots.isEmpty && claims.accounts[0].unprovable.count == 1)
        let working = try await market.work(Account(Pool.user), on: snapshot)
        #expect(working.steps.last?.value == wad &* 2)
    }

    private func refusal(of pool: ScriptedLendingPool) async throws -> String {
        let snapshot = try await pool.snapshot()
        do {
            _ = try await pool.open(on: snapshot)
            return "accepted"
        } catch let error as LendingError {
            return "\(error)"
        }
    }

    @Test func whatIsNoKnownPoolIsRefused() async throws {
        let answers: [(expected: String, target: Address, selector: Selector, words: [UInt256]?)] = [
            ("LENDINGPOOL_REVISION 99", Pool.pool, AaveV2LendingPool.LendingpoolRevision.selector, [99]),
            ("LENDINGPOOL_REVISION()", Pool.pool, AaveV2LendingPool.LendingpoolRevision.selector, nil),
            ("POOL_REVISION, this", Pool.pool, AavePool.PoolRevision.selector, [1]),
            ("another provider", Pool.pool, AaveV2LendingPool.GetAddressesProvider.selector, [1]),
            (
                "480 bytes", Pool.pool, AaveV2LendingPool.GetReserveData.selector,
                [UInt256](repeating: .zero, count: 15)
            ),
            ("getLendingPool()", Pool.provider, AaveV2AddressesProvider.GetLendingPool.selector, nil),
            (
                "129 assets", Pool.pool, AaveV2LendingPool.GetReservesList.selector,
                [32, 129] + [UInt256](repeating: 1, count: 129)
            ),
        ]
        for answer in answers {
            var pool = Pool()
            pool.set(answer.target, answer.selector, answer.words)
            let text = try await refusal(of: pool)
            #expect(text.contains(answer.expected))
        }
        var fork = Pool()
        fork.options = "\"fork\": \"zerolend\","
        let unknown = try await refusal(of: fork)
        #expect(unknown.contains("arc, granary, radiant"))
        let accepted = try await refusal(of: Pool())
        #expect(accepted == "accepted")
    }

    /// An asset that says of itself that it stands elsewhere in the list: nothing may be said of anybody who uses it.
    @Test func aReserveOutOfPlaceIsUnknown() async throws {
        var pool = Pool()
        var words = try #require(
            pool.answers["\(Pool.pool)\(AaveV2LendingPool.GetReserveData.selector.value)"])
        words[11] = 1
        pool.set(Pool.pool, AaveV2LendingPool.GetReserveData.selector, words)
        pool.set(Pool.pool, AavePool.GetUserConfiguration.selector, [3])
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let reading = try await market.read([Account(Pool.user)], debtless: false, known: AccountRows(), on: snapshot)
        #expect(reading.positions.count == 1 && reading.positions[0].isUnknown)
        #expect(reading.coverage.contains { $0.unknown != nil })
    }
}
