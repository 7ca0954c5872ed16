import Ethereum
import Protocols
import TestSupport
import Testing

/// The evaluation from columns against the loop of the contract's source, for every revision.
@Suite struct AaveHealthReferenceTests {
    @Test(arguments: 1...11, Seed.sweep(25))
    func sixNumbersAreTheContracts(revision: Int, seed: Seed) throws {
        try compare(World(revision: revision, seed: seed, users: 40, wild: false), allowsReverts: false)
    }

    @Test(arguments: 1...11, Seed.sweep(12))
    func revertsWhereTheContractReverts(revision: Int, seed: Seed) throws {
        try compare(
            World(revision: revision, seed: Seed(seed.value + 1_000), users: 40, wild: true), allowsReverts: true)
    }

    private func compare(_ world: World, allowsReverts: Bool) throws {
        let table = world.state.healthTable
        let reference = ReferencePool(world)
        for user in world.users {
            let expected = answer(reference, user)
            #expect(expected != nil || allowsReverts)
            #expect(evaluation(world, table, user) == expected, "revision \(world.revision), \(user.address)")
        }
    }

    /// The six numbers; `nil` where the contract reverts.
    private func answer(_ reference: ReferencePool, _ user: World.UserRow) -> [UInt256]? {
        do throws(MathError) {
            return try reference.accountData(user)
        } catch {
            return nil
        }
    }

    private func evaluation(_ world: World, _ table: Aave.HealthTable, _ user: World.UserRow) -> [UInt256]? {
        do throws(Aave.Halt) {
            return try world.totals(table, user).sixNumbers
        } catch {
            return nil
        }
    }

    /// Numbers of reserves decide the order of the loop, the order in which they were read does not.
    @Test(arguments: [1, 5, 9, 11], Seed.sweep(10))
    func orderOfReservesDoesNotMatter(revision: Int, seed: Seed) throws {
        let world = World(revision: revision, seed: seed, users: 30, wild: false)
        var random = seed.generator
        var shuffled = world.state
        shuffled.reserves.shuffle(using: &random)
        let (one, other) = (world.state.healthTable, shuffled.healthTable)
        for user in world.users {
            let first = try world.totals(one, user)
            let second = try world.totals(other, user)
            #expect(first == second)
        }
    }

    /// More debt never raises the health factor, more collateral never lowers its weighted sum.
    @Test(arguments: [1, 5, 8, 9, 11], Seed.sweep(20))
    func healthIsMonotonic(revision: Int, seed: Seed) throws {
        let world = World(revision: revision, seed: seed, users: 20, wild: false)
        let table = world.state.healthTable
        for user in world.users {
            let before = try world.totals(table, user)
            for id in user.debts.keys {
                var more = user
                more.debts[id] = more.debts[id]! &+ (more.debts[id]! >> 2) &+ 1_000_000
                let after = try world.totals(table, more)
                #expect(after.healthFactor <= before.healthFactor)
                #expect(after.debt >= before.debt && after.availableBorrows <= before.availableBorrows)
            }
            for id in user.supplies.keys {
                var more = user
                more.supplies[id] = more.supplies[id]! &+ (more.supplies[id]! >> 2) &+ 1_000_000
                let after = try world.totals(table, more)
                #expect(after.weightedCollateral >= before.weightedCollateral && after.collateral >= before.collateral)
                if world.rules.healthFormula == .summed { #expect(after.healthFactor >= before.healthFactor) }
            }
        }
    }
}

extension Aave.AccountTotals {
    var sixNumbers: [UInt256] { [collateral, debt, availableBorrows, liquidationThreshold, ltv, healthFactor] }
}
