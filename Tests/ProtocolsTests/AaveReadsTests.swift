import Bindings
import Chain
import Ethereum
import JSON
import Lending
import Protocols
import TestSupport
import Testing

/// A whole pass over a scripted chain, for every release: what is read, compared, explained, and what is refused.
@Suite struct AaveReadsTests {
    private func scan(
        _ pool: ScriptedPool
    ) async throws -> (reading: MarketReading, discovery: Discovery, id: MarketID) {
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let discovery = try await BorrowerFinder(market, on: snapshot).find()
        let reading = try await market.read(
            discovery.accounts, debtless: false, known: AccountRows(), on: snapshot)
        return (reading, discovery, market.id)
    }

    @Test(arguments: 1...11, Seed.sweep(4))
    func everyPositionIsTheContracts(revision: Int, seed: Seed) async throws {
        let world = World(revision: revision, seed: seed, users: 25, wild: false)
        let (reading, discovery, id) = try await scan(ScriptedPool(world))
        let borrowers = world.users.filter { !$0.debts.isEmpty }
        #expect(discovery.accounts.map(\.address) == borrowers.map(\.address).sorted() && discovery.gaps.isEmpty)
        #expect(
            id.protocol == "aave-v" + world.rules.version && id.family == "aave-v3" && id.stream == "1/aave-v3/core")
        for position in reading.positions {
            #expect(position.match == .equal, "\(position.unknown)")
            let health = try #require(position.hfProtocol)
            #expect(position.liquidatable == (health < 1_000_000_000_000_000_000))
            #expect(position.collateral.reduce(UInt256.zero) { $0 &+ $1.value } == position.collateralValue)
            #expect(position.debt.reduce(UInt256.zero) { $0 &+ $1.value } == position.debtValue)
            #expect(position.collateral.allSatisfy { $0.symbol == "T\($0.asset.b)" && $0.bonusBps != nil })
        }
        let owing = borrowers.filter { user in
            world.reserves.contains { reserve in
                let stable = world.rules.stableDebt ? user.stable[reserve.id]?.principal : nil
                return user.debts[reserve.id]?.isZero == false || stable?.isZero == false
            }
        }
        #expect(Set(reading.positions.map(\.account.address)) == Set(owing.map(\.address)))
        #expect(reading.coverage.allSatisfy { $0.isWithinBound && $0.residual == .zero })
        #expect(reading.coverage.count >= world.reserves.count)
    }

    @Test(arguments: 1...11)
    func whatIsRememberedGivesTheSame(revision: Int) async throws {
        let world = World(revision: revision, seed: Seed(21), users: 40, wild: false)
        let pool = ScriptedPool(world)
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let accounts = world.users.map { Account($0.address) }.sorted()
        func read(_ known: AccountRows) async throws -> MarketReading {
            try await market.read(accounts, debtless: true, known: known, on: snapshot)
        }
        func text(_ reading: MarketReading) -> [String] {
            reading.positions.map { String(decoding: PositionRecord($0).json.serialized(), as: UTF8.self) }
        }
        let fresh = try await read(AccountRows())
        #expect(!fresh.rows.rows.isEmpty && fresh.rows.answers.count == accounts.count)
        let again = try await read(fresh.rows)
        let isSame = text(again) == text(fresh)
        #expect(isSame && again.coverage == fresh.coverage && again.rows.rows.isEmpty)
        // Half of it, and the answers of another block, which are not given.
        var half = AccountRows()
        for (index, account) in accounts.enumerated() where index % 2 == 0 {
            half.rows[account] = fresh.rows.rows[account]
        }
        let mixed = try await read(half)
        let isMixedSame = text(mixed) == text(fresh)
        #expect(isMixedSame && mixed.coverage == fresh.coverage)
        // A row that no longer holds contradicts the contract, and is read again.
        var stale = fresh.rows
        let owing = try #require(fresh.positions.first { !$0.debt.isEmpty && stale.rows[$0.account] != nil })
        let row = try #require(stale.rows[owing.account])
        // 2^88 more in every balance shows in the totals whatever the decimals.
        stale.rows[owing.account] = row.enumerated().map { $0 >= 64 && $0 % 32 == 20 ? $1 ^ 1 : $1 }
        let healed = try await read(stale)
        let isHealed = text(healed) == text(fresh)
        #expect(isHealed)
        #expect(healed.notices.contains { $0.contains("read again") } && healed.rows.rows[owing.account] != nil)
        // A row of another shape is no row.
        stale.rows[owing.account] = [1, 2, 3]
        let isReread = text(try await read(stale)) == text(fresh)
        #expect(isReread)
    }

    @Test(arguments: [1, 5, 7, 9, 11])
    func workingEndsInTheSameHealth(revision: Int) async throws {
        let world = World(revision: revision, seed: Seed(9), users: 12, wild: false)
        let pool = ScriptedPool(world)
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        for user in world.users where !user.configuration.isZero {
            let working = try await market.work(Account(user.address), on: snapshot)
            #expect(working.steps.last?.name == "health factor")
            #expect(working.steps.last?.value == working.position.hfProtocol)
            #expect(working.steps.first { $0.name == "total collateral" }?.value == working.position.collateralValue)
            #expect(working.steps.first { $0.name == "total debt" }?.value == working.position.debtValue)
        }
    }

    @Test(arguments: [1, 5, 11])
    func missingPriceConcernsItsUsersAlone(revision: Int) async throws {
        let world = World(revision: revision, seed: Seed(3), users: 60, wild: false)
        let unpriced = world.reserves[0]
        var pool = ScriptedPool(world)
        pool.unpriced = [unpriced.asset]
        let reading = try await scan(pool).reading
        for position in reading.positions {
            let user = try #require(world.users.first { $0.address == position.account.address })
            let depends = user.supplies[unpriced.id] != nil || user.debts[unpriced.id] != nil
            #expect(position.isUnknown == depends)
            #expect(position.unknown.isEmpty == !depends)
        }
        #expect(reading.positions.contains { $0.isUnknown } && reading.positions.contains { !$0.isUnknown })
    }

    @Test func disagreementIsLoudAndNoVerdict() async throws {
        let world = World(revision: 9, seed: Seed(3), users: 40, wild: false)
        var pool = ScriptedPool(world)
        let liar = try #require(
            world.users.first { user in world.reserves.contains { user.debts[$0.id]?.isZero == false } })
        pool.lying = [liar.address]
        let reading = try await scan(pool).reading
        let position = try #require(reading.positions.first { $0.account.address == liar.address })
        #expect(position.match == .differs && position.liquidatable == nil && position.hfProtocol != nil)
        #expect(position.unknown.contains { $0.field == "liquidatable" && $0.reason.contains("healthFactor is") })
        #expect(!PositionRecord(position).isOpportunity)
    }

    @Test func failedBalanceIsUnknownAndOpensTheResidual() async throws {
        let world = World(revision: 5, seed: Seed(3), users: 40, wild: false)
        let reserve = try #require(
            world.reserves.first { reserve in world.users.contains { $0.debts[reserve.id] != nil } })
        var pool = ScriptedPool(world)
        pool.failing = [[reserve.variableToken.word, UInt256(UInt64(AaveToken.ScaledBalanceOf.selector.value))]]
        let reading = try await scan(pool).reading
        for position in reading.positions {
            let user = try #require(world.users.first { $0.address == position.account.address })
            #expect(position.isUnknown == (user.debts[reserve.id] != nil))
        }
        let residual = try #require(reading.coverage.first { $0.debtToken == reserve.variableToken })
        #expect(residual.residual == nil && !residual.isWithinBound && residual.unknown != nil)
    }

    @Test func missingBorrowerOpensTheResidual() async throws {
        let world = World(revision: 5, seed: Seed(3), users: 40, wild: false)
        let debtor = try #require(
            world.users.first { user in world.reserves.contains { user.debts[$0.id]?.isZero == false } })
        var pool = ScriptedPool(world)
        pool.silent = [debtor.address]
        let (reading, discovery, _) = try await scan(pool)
        #expect(!discovery.accounts.contains(Account(debtor.address)))
        for residual in reading.coverage {
            let id = try #require(world.reserves.first { $0.variableToken == residual.debtToken }).id
            #expect(residual.residual == debtor.debts[id] ?? .zero)
            #expect(residual.isWithinBound == (residual.residual == .zero))
        }
    }

    @Test(arguments: [0, 12, 5] as [UInt256])
    func unknownRulesAreRefused(revision: UInt256) async throws {
        var pool = ScriptedPool(World(revision: 1, seed: Seed(1), users: 1, wild: false))
        pool.revision = revision
        let scripted = pool
        await #expect {
            _ = try await scan(scripted)
        } throws: { error in
            guard case LendingError.unknownRules(let market, let address, let read, _) = error else { return false }
            return market == "core" && address == ScriptedPool.pool && read.hasPrefix("POOL_REVISION \(revision) ")
        }
    }

    @Test(arguments: [ScriptedPool.provider, ScriptedPool.pool, ScriptedPool.oracle])
    func contractWithoutCodeIsRefused(address: Address) async throws {
        var pool = ScriptedPool(World(revision: 5, seed: Seed(1), users: 1, wild: false))
        pool.empty = [address]
        let scripted = pool
        await #expect {
            _ = try await scan(scripted)
        } throws: { error in
            guard case LendingError.noCode(_, _, let got) = error else { return false }
            return got == address
        }
    }
}
