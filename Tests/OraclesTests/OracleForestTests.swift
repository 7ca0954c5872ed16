import Chain
import Ethereum
import JSON
import Testing

@testable import Oracles

@Suite struct OracleForestTests {
    private static func address(_ number: Int) -> Address { Address(word: UInt256(UInt64(number + 1))) }

    private func forest(_ children: [[Int]], limits: OracleForest.Limits = .init()) -> OracleForest {
        var forest = OracleForest(limits: limits)
        for (index, below) in children.enumerated() {
            var node = OracleNode(Self.address(index), below.isEmpty ? .feed : .product)
            node.children = below.map { OracleNode.Edge(role: "leg", address: Self.address($0)) }
            if below.isEmpty { node.root = OracleRoot("feed", node.address) }
            forest.nodes[node.address] = node
        }
        return forest
    }

    @Test func rootsAreTheLeaves() {
        let forest = forest([[1, 2], [3, 4], [4], [], []])
        #expect(
            forest.roots(of: Self.address(0)) == [
                OracleRoot("feed", Self.address(3)), OracleRoot("feed", Self.address(4)),
            ])
    }

    @Test func cyclesAreNotFollowed() {
        let forest = forest([[1], [2, 0], [0, 3], []])
        var lines = 0
        forest.walk(Self.address(0)) { _, _, _ in lines += 1 }
        #expect(lines == 6)
        #expect(forest.roots(of: Self.address(0)).contains(OracleRoot("feed", Self.address(3))))
        #expect(forest.record(of: Self.address(0))["children"]?.array?.count == 1)
    }

    @Test func depthAndBreadthAreBounded() {
        let chain = forest((0..<100).map { $0 < 99 ? [$0 + 1] : [] })
        var deepest = 0
        chain.walk(Self.address(0)) { _, _, depth in deepest = max(deepest, depth) }
        #expect(deepest == OracleForest.Limits().depth)
        // Every contract names the next two twice: 2^50 paths, were they all walked.
        let wide = forest((0..<50).map { $0 < 49 ? [$0 + 1, $0 + 1] : [] })
        var visits = 0
        wide.walk(Self.address(0)) { _, _, _ in visits += 1 }
        #expect(visits <= OracleForest.Limits().contracts)
    }

    @Test func aProxyThatNamesItsFeedIsTheRoot() {
        var forest = forest([[1, 3], [2], [], []])
        forest.nodes[Self.address(1)]?.root = OracleRoot("chainlink", "ETH / USD")
        #expect(
            forest.roots(of: Self.address(0)) == [
                OracleRoot("chainlink", "ETH / USD"), OracleRoot("feed", Self.address(3)),
            ])
    }

    /// Whatever a contract answers, a probe ends with a node.
    @Test func anyAnswersAreSomething() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<500 {
            let answers = OracleProbe.getters.map { _ -> Reading<[UInt8]> in
                switch UInt8.random(in: 0..<6, using: &random) {
                case 0: .unknown(.reverted(""))
                case 1: .known([])
                case 2: .known([UInt8](repeating: 0xff, count: 32))
                case 3: .known((0..<Int.random(in: 1..<200, using: &random)).map { _ in .random(in: 0...255) })
                case 4: .known(UInt256(UInt64.random(in: 0...300, using: &random)).bigEndianBytes)
                default: .known(UInt256(UInt64.random(in: 1...3, using: &random)).bigEndianBytes)
                }
            }
            let node = OracleProbe(address: Self.address(round), answers: answers, timestamp: 1_700_000_000).node()
            #expect(
                node.address == Self.address(round)
                    && (node.root != nil || !node.children.isEmpty || node.kind == .unread))
        }
    }

    /// The factor of a composition of two feeds over one, with and without vaults, by the formula of its constructor.
    @Test func factorsFollowFromPlaces() {
        func forest(factor: UInt256, sample: UInt256 = .one, vaultPlaces: Int? = nil) -> OracleForest {
            var forest = OracleForest()
            var top = OracleNode(Self.address(0), .morpho)
            top.children = [
                .init(role: "BASE_FEED_1", address: Self.address(1)),
                .init(role: "BASE_FEED_2", address: Self.address(2)),
                .init(role: "QUOTE_FEED_1", address: Self.address(3)),
            ]
            for (number, places) in [(1, 8), (2, 18), (3, 6)] {
                var feed = OracleNode(Self.address(number), .feed)
                feed.decimals = places
                forest.nodes[feed.address] = feed
            }
            if let vaultPlaces {
                top.children.append(.init(role: "BASE_VAULT", address: Self.address(4)))
                var vault = OracleNode(Self.address(4), .vault)
                vault.assetDecimals = vaultPlaces
                forest.nodes[vault.address] = vault
            }
            top.scale = .init(factor: factor, baseSample: sample, quoteSample: .one)
            forest.nodes[top.address] = top
            return forest
        }
        // 36 + 6 + 6 - 18 - 8 - 18 = 4
        let plain = forest(factor: 10_000).scale(of: Self.address(0), base: 18, quote: 6)
        #expect(plain == .init(stored: 10_000, recomputed: 10_000))
        let wrong = forest(factor: 10).scale(of: Self.address(0), base: 18, quote: 6)
        #expect(wrong == .init(stored: 10, recomputed: 10_000))
        // The vault's asset has 6 places, whatever its shares have: 10^16 over the sample.
        let vault = forest(factor: 1, sample: 10_000_000_000_000_000, vaultPlaces: 6)
        #expect(vault.scale(of: Self.address(0), base: 18, quote: 6) == .init(stored: 1, recomputed: 1))
        // What is not known is not judged.
        var unread = forest(factor: 1)
        unread.nodes[Self.address(2)]?.decimals = nil
        #expect(unread.scale(of: Self.address(0), base: 18, quote: 6) == nil)
        #expect(plain != nil && forest(factor: 1).scale(of: Self.address(1), base: 18, quote: 6) == nil)
    }
}
