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

    private func unit(_ change: (inout ScriptedLendingPool) -> Void) async throws -> ValueUnit {
        var pool = Pool()
        change(&pool)
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let reading = try await market.read(
            [Account(Pool.user)], debtless: true, known: AccountRows(), on: snapshot)
        return try #require(reading.positions.first).valueUnit
    }

    @Test func valuesAreInTheOraclesUnit() async throws {
        let wad: UInt256 = 1_000_000_000_000_000_000
        let none = try await unit { _ in }
        #expect(none == ValueUnit(symbol: "base", decimals: 0))
        let old = try await unit { $0.set(Pool.oracle, AaveV2Oracle.Weth.selector, [Pool.weth.word]) }
        #expect(old == ValueUnit(symbol: "ETH", decimals: 18))
        func based(_ currency: Address, _ unit: UInt256, symbol: String? = nil) async throws -> ValueUnit {
            try await self.unit {
                $0.set(Pool.oracle, AaveOracle.BaseCurrency.selector, [currency.word])
                $0.set(Pool.oracle, AaveOracle.BaseCurrencyUnit.selector, [unit])
                guard let symbol else { return }
                let bytes = Array(symbol.utf8) + [UInt8](repeating: 0, count: 32 - symbol.utf8.count)
                $0.set(
                    currency, ERC20.Symbol.selector,
                    [32, UInt256(UInt64(symbol.utf8.count)), UInt256(bigEndian: bytes) ?? .zero])
            }
        }
        let dollar = try #require(Address(hex: "0x10F7Fc1F91Ba351f9C629c5947AD69bD03C05b96"))
        #expect(try await based(Pool.weth, wad, symbol: "WETH") == ValueUnit(symbol: "ETH", decimals: 18))
        #expect(try await based(Pool.weth, wad, symbol: "WAVAX") == ValueUnit(symbol: "WAVAX", decimals: 18))
        #expect(try await based(Pool.weth, wad) == ValueUnit(symbol: Pool.weth.checksummed, decimals: 18))
        #expect(try await based(dollar, 100_000_000) == ValueUnit(symbol: "USD", decimals: 8))
        #expect(try await based(.zero, 100_000_000) == ValueUnit(symbol: "USD", decimals: 8))
        #expect(try await based(Pool.weth, 3, symbol: "WETH") == ValueUnit(symbol: "base", decimals: 0))
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
        pool.options = "\"fork\": \"radiant\""
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

    @Test func whatIsNoKnownPoolIsRefused() async throws {
        func refusal(_ change: (inout ScriptedLendingPool) -> Void) async throws -> String {
            var pool = Pool()
            change(&pool)
            let snapshot = try await pool.snapshot()
            do {
                _ = try await pool.open(on: snapshot)
                return ""
            } catch let error as LendingError {
                return "\(error)"
            }
        }
        let revision = AaveV2LendingPool.LendingpoolRevision.selector
        #expect(try await refusal { $0.set(Pool.pool, revision, [99]) }.contains("LENDINGPOOL_REVISION 99"))
        #expect(try await refusal { $0.set(Pool.pool, revision, nil) }.contains("LENDINGPOOL_REVISION()"))
        #expect(
            try await refusal { $0.set(Pool.pool, AavePool.PoolRevision.selector, [1]) }.contains("POOL_REVISION, this")
        )
        #expect(
            try await refusal { $0.set(Pool.pool, AaveV2LendingPool.GetAddressesProvider.selector, [1]) }
                .contains("another provider"))
        #expect(
            try await refusal {
                $0.set(Pool.pool, AaveV2LendingPool.GetReserveData.selector, [UInt256](repeating: 0, count: 15))
            }.contains("480 bytes"))
        #expect(
            try await refusal { $0.set(Pool.provider, AaveV2AddressesProvider.GetLendingPool.selector, nil) }
                .contains("getLendingPool()"))
        #expect(
            try await refusal {
                $0.set(
                    Pool.pool, AaveV2LendingPool.GetReservesList.selector,
                    [32, 129] + [UInt256](repeating: 1, count: 129))
            }.contains("129 assets"))
        #expect(try await refusal { $0.options = "\"fork\": \"zerolend\"" }.contains("arc, granary, radiant"))
        #expect(try await refusal { _ in }.isEmpty)
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
