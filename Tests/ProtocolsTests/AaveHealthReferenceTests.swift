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
            let expected = Result { () throws(MathError) in try reference.accountData(user) }
            let row = try #require(table.row(category: user.category))
            let got: [UInt256]?
            do throws(Aave.Halt) {
                got = try table.evaluate(
                    configuration: user.configuration, row: row, balances: try balances(world, user).span, at: 0
                ).sixNumbers
            } catch {
                got = nil
            }
            switch expected {
            case .success(let numbers): #expect(got == numbers, "revision \(world.revision), \(user.address)")
            case .failure:
                #expect(allowsReverts && got == nil, "revision \(world.revision), \(user.address)")
            }
        }
    }

    private func balances(_ world: World, _ user: World.UserRow) throws(Aave.Halt) -> [UInt256] {
        do throws(MathError) {
            return try world.balances(of: user)
        } catch {
            throw .reverts(error)
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
            let row = try #require(one.row(category: user.category))
            let balances = try world.balances(of: user)
            let first = try one.evaluate(
                configuration: user.configuration, row: row, balances: balances.span, at: 0)
            let second = try other.evaluate(
                configuration: user.configuration, row: row, balances: balances.span, at: 0)
            #expect(first == second)
        }
    }

    /// More debt never raises the health factor, more collateral never lowers its weighted sum.
    @Test(arguments: [1, 5, 8, 9, 11], Seed.sweep(20))
    func healthIsMonotonic(revision: Int, seed: Seed) throws {
        let world = World(revision: revision, seed: seed, users: 20, wild: false)
        let table = world.state.healthTable
        for user in world.users {
            let row = try #require(table.row(category: user.category))
            func totals(_ user: World.UserRow) throws -> Aave.AccountTotals {
                try table.evaluate(
                    configuration: user.configuration, row: row, balances: try world.balances(of: user).span, at: 0)
            }
            let before = try totals(user)
            for id in user.debts.keys {
                var more = user
                more.debts[id] = more.debts[id]! &+ (more.debts[id]! >> 2) &+ 1_000_000
                let after = try totals(more)
                #expect(after.healthFactor <= before.healthFactor)
                #expect(after.debt >= before.debt && after.availableBorrows <= before.availableBorrows)
            }
            for id in user.supplies.keys {
                var more = user
                more.supplies[id] = more.supplies[id]! &+ (more.supplies[id]! >> 2) &+ 1_000_000
                let after = try totals(more)
                #expect(after.weightedCollateral >= before.weightedCollateral && after.collateral >= before.collateral)
                if world.rules.healthFormula == .summed { #expect(after.healthFactor >= before.healthFactor) }
            }
        }
    }
}

extension Aave.AccountTotals {
    var sixNumbers: [UInt256] { [collateral, debt, availableBorrows, liquidationThreshold, ltv, healthFactor] }
}
