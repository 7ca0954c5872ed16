import Chain
import Ethereum
import Lending
import Protocols
import TestSupport
import Testing

/// What positions claim of their contracts' storage, and how a proven value compares with it.
@Suite struct StateClaimsTests {
    private let contract = Address(a: 1, b: 2, c: 3)

    @Test func onlyTheBitsThatWereReadAreCompared() {
        let slot = ProvableSlot(contract, 5, holds: 0x34, mask: 0xFF, "a byte")
        #expect(slot.compare(with: 0x1234) == .equal)
        #expect(slot.compare(with: 0x1235) == .different)
        // What was told does not fit into the field: no storage can hold it.
        #expect(ProvableSlot(contract, 5, holds: 0x134, mask: 0xFF, "a byte").compare(with: 0x134) == .different)
    }

    @Test func unclearBitsContradictNobody() {
        let slot = ProvableSlot(contract, 5, holds: 0x034, mask: 0xFFF, unclear: 0xF00, "a balance")
        #expect(slot.compare(with: 0x034) == .equal)
        #expect(slot.compare(with: 0x134) == .unclear)
        #expect(slot.compare(with: 0x135) == .different)
    }

    @Test(arguments: 1...11)
    func revisionsWhoseStorageIsNotKnownClaimNothing(revision: Int) async throws {
        let world = World(revision: revision, seed: Seed(5), users: 6, wild: false)
        let pool = ScriptedPool(world)
        let snapshot = try await pool.snapshot()
        let market = try await pool.open(on: snapshot)
        let positions = try await market.read(
            world.users.map { Account($0.address) }, debtless: true, known: AccountRows(), on: snapshot
        ).positions
        let claims = try await market.claims(of: positions, on: snapshot)
        #expect(claims.accounts.count == positions.count)
        for account in claims.accounts {
            #expect(account.slots.isEmpty == [2, 3].contains(revision))
            // No code of its price sources is known, so the prices stay open.
            #expect(!account.unprovable.isEmpty || world.users.contains { $0.configuration.isZero })
            #expect(account.slots.allSatisfy { ($0.expected & ~$0.mask).isZero })
        }
    }
}
