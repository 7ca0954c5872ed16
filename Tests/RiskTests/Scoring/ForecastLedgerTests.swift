import Ethereum
import Lending
import Risk
import Testing

@Suite struct ForecastLedgerTests {
    private func entry(_ hours: UInt64, stake: UInt64 = 1, liquidatable: Bool = false, id: UInt64 = 1) -> ForecastEntry
    {
        ForecastEntry(
            id: Hash32(word: UInt256(id)), time: hours * 3_600, block: hours, stream: "1/x/y", stake: stake,
            liquidatable: liquidatable, health: 0.1, probabilities: [0.1, 0.2, 0.3])
    }

    @Test func outcomes() {
        let hit = ForecastLedger([entry(0), entry(10, liquidatable: true)])
        #expect(hit.tallies[.day]?.hits == 1 && hit.tallies[.hour]?.misses == 1 && hit.tallies[.week]?.hits == 1)
        #expect(hit.scored[.day]?.map(\.probability) == [0.2] && hit.scored[.day]?.first?.happened == true)
        let acted = ForecastLedger([entry(0), entry(10, stake: 2, liquidatable: true)])
        #expect(acted.tallies[.day]?.censored == 1 && acted.scored[.day] == nil)
        let open = ForecastLedger([entry(0), entry(10)])
        #expect(open.tallies[.day]?.open == 2 && open.scored[.day] == nil)
        let miss = ForecastLedger([entry(0), entry(25, liquidatable: true)])
        #expect(miss.tallies[.day]?.misses == 1)
        // Another position says nothing about this one.
        #expect(ForecastLedger([entry(0), entry(10, liquidatable: true, id: 2)]).tallies[.day]?.open == 1)
    }
}
