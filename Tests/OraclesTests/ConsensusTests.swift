import Ethereum
import Testing

@testable import Oracles

struct ConsensusTests {
    private func consensus(_ sources: [(SourceIdentity, Double)], own: SourceIdentity = Scene.chainlink) throws
        -> PriceConsensus
    {
        var references: [Observation] = []
        for (source, value) in sources {
            references.append(
                Observation(
                    source, .known(try price(value)), observedAt: 1_000_000,
                    depth: source.kind.evidence == .average ? Depth(atTwoPercent: 1_000_000) : nil))
        }
        let tick = AssetTick(Observation(own, .known(try price(2_000)), observedAt: 1_000_000), references: references)
        return PriceConsensus(of: AssetWindow(AssetProfile("a"), tick), volatility: 1e-4)
    }

    @Test func independenceIsCountedInRoots() throws {
        let found = try consensus([
            // The same aggregator behind another proxy.
            (SourceIdentity("svr", .chainlink, roots: ["chainlink:ETH / USD"]), 2_000),
            // A pool twice.
            (SourceIdentity("pool-spot", .uniswapV3Spot, roots: ["pool:0x01"]), 1_500),
            (SourceIdentity("pool-twap", .uniswapV3Twap, roots: ["pool:0x01"], window: 600), 2_001),
            (SourceIdentity("kraken", .cex), 2_002), (SourceIdentity("rate", .lstRate), 9),
        ])
        #expect(found.independent == 2)
        #expect(found.members.map(\.fate.name) == ["counted", "correlated", "counted", "no_market", "dependent"])
    }

    @Test func thePriceIsOneWitnesssOwn() throws {
        let found = try consensus([
            (SourceIdentity("a", .cex), 1_999), (SourceIdentity("b", .cex), 2_003), (SourceIdentity("c", .cex), 2_001),
        ])
        #expect(found.price == (try price(2_001)) && found.independent == 3)
    }

    @Test func sharesAndNetworksAreCapped() throws {
        let found = try consensus([
            (SourceIdentity("pyth", .pyth), 2_000), (SourceIdentity("red", .redstone), 2_000),
            (SourceIdentity("chronicle", .chronicle), 2_000), (SourceIdentity("kraken", .cex), 2_002),
        ])
        let networks = found.members.filter { $0.observation.source.kind.evidence == .network }
        #expect(networks.reduce(0) { $0 + $1.weight } <= 1.5 + 1e-9)
        let total = found.members.reduce(0) { $0 + $1.weight }
        for member in found.members { #expect(member.weight <= 0.4 * total + 1e-9) }
    }

    @Test func theOrderOfSourcesDoesNotMatter() throws {
        let sources: [(SourceIdentity, Double)] = [
            (SourceIdentity("a", .cex), 1_999), (SourceIdentity("b", .pyth), 2_003),
            (SourceIdentity("c", .uniswapV3Twap, window: 60), 2_500), (SourceIdentity("d", .aggregator), 2_010),
        ]
        #expect(try consensus(sources) == consensus(sources.reversed()))
    }

    @Test func twoThatDisagreeAccuseNobody() throws {
        let found = try consensus([(SourceIdentity("a", .cex), 2_000), (SourceIdentity("b", .cex), 2_600)])
        #expect(found.isSplit && found.independent == 2)
        #expect(found.distance(of: try price(2_300)) == 0)
        let beyond = try #require(found.distance(of: price(5_200)))
        #expect(abs(beyond - 0.6931) < 0.001)
    }
}
