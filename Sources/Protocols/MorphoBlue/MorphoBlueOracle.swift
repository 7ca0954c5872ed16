import Bindings
import Chain
import Ethereum
import JSON
import Lending

extension MorphoBlue {
    /// How an oracle makes its price, as far as it says so itself.
    ///
    /// Source: morpho-org/morpho-blue-oracles src/morpho-chainlink/MorphoChainlinkOracleV2.sol@e32d890;
    /// ChainlinkOracle.sol
    /// of its v1.0.0, which has no vault on the quote side.
    struct OracleFacts: Sendable {
        enum Kind: String, Sendable {
            case chainlinkV2 = "morpho-chainlink-v2"
            case chainlinkV1 = "morpho-chainlink-v1"
            /// It answers `price()` and none of the others: how it makes it is not known.
            case other
        }

        /// A feed or a vault that the price is made of.
        struct Source: Sendable {
            let role: String
            let address: Address
            /// Shares that a vault is asked about; `nil` for a feed.
            var sample: UInt256?
            /// Decimal places of a feed.
            var decimals: Int?
            /// What it answers: a feed's answer, a vault's assets.
            var answer: Reading<UInt256> = .unknown(.failed("it was not asked"))
            /// When a feed was last updated; rate adapters say 0.
            var updatedAt: UInt256?
        }

        var kind = Kind.other
        /// Whether the factory made it; `nil` where no factory is known.
        var isFromFactory: Bool?
        var scaleFactor: UInt256?
        /// Vaults and feeds that are used, base side first.
        var sources: [Source] = []
        /// Samples of the base and the quote vault.
        var samples: (base: UInt256, quote: UInt256) = (.one, .one)
    }
}

extension MorphoBlue.OracleFacts {
    /// The price made anew from its sources; `nil` where one is not known or the oracle reverts.
    var recomputed: UInt256? {
        guard kind != .other, let scaleFactor else { return nil }
        var base = UInt256.one
        var quote = UInt256.one
        do throws(MathError) {
            for source in sources {
                guard let answer = source.answer.value else { return nil }
                if source.role.hasPrefix("base") { try base = base * answer } else { try quote = quote * answer }
            }
            return try .mulDiv(scaleFactor, base, quote, .down)
        } catch {
            return nil
        }
    }

    /// What `SCALE_FACTOR` should be from the decimal places that tokens and feeds state themselves; the oracle was
    /// told
    /// them when it was made.
    func expectedScale(loan: MorphoBlue.Token, collateral: MorphoBlue.Token) -> UInt256? {
        guard kind != .other, loan.issue == nil, collateral.issue == nil else { return nil }
        var exponent = 36 + loan.decimals - collateral.decimals
        for source in sources where source.sample == nil {
            guard let decimals = source.decimals else { return nil }
            exponent += source.role.hasPrefix("base") ? -decimals : decimals
        }
        // A vault's asset has decimal places of its own, which the oracle was told instead of the token's.
        guard sources.allSatisfy({ $0.sample == nil }), (0...77).contains(exponent) else { return nil }
        do throws(MathError) {
            return try .powerOfTen(exponent)
        } catch {
            return nil
        }
    }

    /// The facts as they stand in a record.
    func json(at address: Address, price: UInt256?, loan: MorphoBlue.Token, collateral: MorphoBlue.Token) -> JSONValue {
        func text(_ value: UInt256?) -> JSONValue { value.map { .string($0.description) } ?? .null }
        let expected = expectedScale(loan: loan, collateral: collateral)
        return [
            "address": .string(address.checksummed), "kind": .string(kind.rawValue),
            "fromFactory": isFromFactory.map { .bool($0) } ?? .null,
            "price": text(price), "recomputed": text(recomputed),
            "isRecomputed": recomputed.flatMap { made in price.map { .bool($0 == made) } } ?? .null,
            "scaleFactor": text(scaleFactor), "scaleExpected": text(expected),
            "scaleAsExpected": expected.map { .bool($0 == scaleFactor) } ?? .null,
            "isConstant": kind == .other ? .null : .bool(sources.isEmpty),
            "sources": .array(
                sources.map { source in
                    [
                        "role": .string(source.role), "address": .string(source.address.checksummed),
                        "sample": text(source.sample), "decimals": source.decimals.map { .integer($0) } ?? .null,
                        "answer": text(source.answer.value), "updatedAt": text(source.updatedAt),
                        "unknown": source.answer.reason.map { .string("\($0)") } ?? .null,
                    ]
                }),
        ]
    }
}

extension MorphoBlue.Reader {
    private typealias Oracle = MorphoBlueOracle
    private typealias Facts = MorphoBlue.OracleFacts

    private static let getters: [Selector] = [
        Selector(signature: "BASE_VAULT()"), Selector(signature: "BASE_VAULT_CONVERSION_SAMPLE()"),
        Selector(signature: "QUOTE_VAULT()"), Selector(signature: "QUOTE_VAULT_CONVERSION_SAMPLE()"),
        Selector(signature: "BASE_FEED_1()"), Selector(signature: "BASE_FEED_2()"),
        Selector(signature: "QUOTE_FEED_1()"), Selector(signature: "QUOTE_FEED_2()"),
        Selector(signature: "SCALE_FACTOR()"), Selector(signature: "VAULT()"),
        Selector(signature: "VAULT_CONVERSION_SAMPLE()"),
    ]

    /// What the oracles of these markets say of themselves, and what their sources answer.
    func readOracles(_ states: inout [MorphoBlue.MarketState]) async throws(LendingError) {
        let oracles = Set(states.compactMap(\.params.value?.oracle)).sorted()
        let width = Self.getters.count + 1
        let answers = try await readPacked(
            oracles.flatMap { oracle in
                Self.getters.map { Self.call(oracle, $0) } + [
                    Self.call(
                        market.oracleFactory, Oracle.IsMorphoChainlinkOracleV2.selector, [oracle.word])
                ]
            }, believesBareReverts: true)
        var facts: [Address: MorphoBlue.OracleFacts] = [:]
        for (index, oracle) in oracles.enumerated() {
            let words = answers[index * width..<(index + 1) * width].map { Self.word($0).value }
            facts[oracle] = self.facts(words)
        }
        try await readSources(&facts)
        for index in states.indices {
            guard let oracle = states[index].params.value?.oracle else { continue }
            states[index].oracle = facts[oracle] ?? MorphoBlue.OracleFacts()
        }
    }

    private func facts(_ words: [UInt256?]) -> MorphoBlue.OracleFacts {
        var facts = MorphoBlue.OracleFacts()
        if !market.oracleFactory.isZero { facts.isFromFactory = words[11].map { $0 == .one } }
        let feeds = words[4..<8].compactMap { $0.flatMap { Address(checkedWord: $0) } }
        guard feeds.count == 4, let scale = words[8] else { return facts }
        var vaults: [(role: String, address: Address, sample: UInt256)] = []
        if let base = words[0].flatMap({ Address(checkedWord: $0) }), let baseSample = words[1],
            let quote = words[2].flatMap({ Address(checkedWord: $0) }), let quoteSample = words[3]
        {
            facts.kind = .chainlinkV2
            vaults = [("baseVault", base, baseSample), ("quoteVault", quote, quoteSample)]
        } else if let base = words[9].flatMap({ Address(checkedWord: $0) }), let sample = words[10] {
            facts.kind = .chainlinkV1
            vaults = [("baseVault", base, sample)]
        } else {
            return facts
        }
        facts.scaleFactor = scale
        for vault in vaults where !vault.address.isZero {
            facts.sources.append(Facts.Source(role: vault.role, address: vault.address, sample: vault.sample))
        }
        for (role, feed) in zip(["baseFeed1", "baseFeed2", "quoteFeed1", "quoteFeed2"], feeds) where !feed.isZero {
            facts.sources.append(Facts.Source(role: role, address: feed))
        }
        return facts
    }

    private func readSources(_ facts: inout [Address: MorphoBlue.OracleFacts]) async throws(LendingError) {
        let oracles = facts.keys.sorted()
        var calls: [Call] = []
        for source in oracles.flatMap({ facts[$0]?.sources ?? [] }) {
            if let sample = source.sample {
                calls.append(Self.call(source.address, Oracle.ConvertToAssets.selector, [sample]))
            } else {
                calls.append(Self.call(source.address, ChainlinkAggregator.LatestRoundData.selector))
                calls.append(Self.call(source.address, ChainlinkAggregator.Decimals.selector))
            }
        }
        var answers = try await readPacked(calls, believesBareReverts: true)[...]
        for oracle in oracles {
            for index in (facts[oracle]?.sources ?? []).indices {
                guard facts[oracle]?.sources[index].sample == nil else {
                    facts[oracle]?.sources[index].answer = Self.word(answers.removeFirst())
                    continue
                }
                let round = Self.words(answers.removeFirst(), 5)
                facts[oracle]?.sources[index].decimals = Self.word(answers.removeFirst()).value?.asInt()
                switch round {
                case .unknown(let reason): facts[oracle]?.sources[index].answer = .unknown(reason)
                case .known(let words):
                    facts[oracle]?.sources[index].updatedAt = words[3]
                    facts[oracle]?.sources[index].answer =
                        Int256(bits: words[1]).isNegative
                        ? .unknown(.malformed("the feed answers a number below zero")) : .known(words[1])
                }
            }
        }
    }
}
