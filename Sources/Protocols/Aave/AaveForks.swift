import Bindings
public import Ethereum
import JSON
import Lending
import Networks

extension Aave {
    /// A deployment that runs a release with changes of its own, none of which touches the health factor.
    ///
    /// What a fork changes is a row of data; which release it follows is read from the chain as for everybody.
    public struct Fork: Hashable, Sendable {
        /// Who may liquidate.
        public enum Liquidators: Hashable, Sendable {
            /// Anybody.
            case anyone
            /// Those whom the deployment permits.
            case permitted
            /// Those whom the deployment permits while the health factor is above this wad, anybody below.
            case permittedAbove(UInt256)
        }

        /// The name in `options.fork` of a market; `spark` is a protocol of its own.
        public let name: String
        /// Whose contracts it took.
        public let generation: Rules.Generation
        /// The releases that it may follow; none stands for any.
        public let versions: [String]
        /// Who may liquidate.
        public var liquidators = Liquidators.anyone
        /// How much of the liquidation bonus goes to somebody else than the liquidator, bps.
        public var bonusShareBps = 0
        /// The first topic of its liquidation event.
        public var liquidationTopic = AavePool.LiquidationCallEvent.topic0
        /// Where that was read, or that it was not.
        public let source: String
    }
}

extension Aave.Fork {
    /// The forks that are known, by name.
    public static let table: [Aave.Fork] = [
        Aave.Fork(
            name: "arc", generation: .v2, versions: [], liquidators: .permitted,
            source: "bgd-labs/aave-address-book AaveV2EthereumArc@f61c9762; its liquidation code was not read"),
        Aave.Fork(
            name: "granary", generation: .v2, versions: [],
            source: "The-Granary/Granary-Protocol-v1@bab30a8: GenericLogic and LendingPoolCollateralManager as V2"),
        Aave.Fork(
            name: "horizon", generation: .v3, versions: [], liquidators: .permitted,
            source: "bgd-labs/aave-address-book AaveV3EthereumHorizon@f61c9762; its liquidation code was not read"),
        Aave.Fork(
            name: "kinza", generation: .v3, versions: ["3.0"],
            source: "Kinza-Finance/KZA-lending@385e4fd: GenericLogic and LiquidationLogic as 3.0.2"),
        Aave.Fork(
            name: "radiant", generation: .v2, versions: [], bonusShareBps: 5_000,
            liquidationTopic: Hash32(
                word: UInt256(
                    words: 0x135a_5051_b4d7_c4f8, 0x7a37_58e7_fe58_c017, 0xdb64_638e_af9b_c708, 0xe760_26d1_90f8_c969)),
            source: "radiant-capital/v2@cd61887: half of the bonus goes to liquidationFeeTo, which the event names"),
        Aave.Fork(
            name: "seamless", generation: .v3, versions: ["3.0"], source: "its repository was not read"),
        Aave.Fork(
            name: "spark", generation: .v3, versions: ["3.0"],
            source: "marsfoundation/sparklend-v1-core@8120e495: LiquidationLogic and GenericLogic as 3.0.2"),
        Aave.Fork(
            name: "zerolend", generation: .v3, versions: ["3.0"], liquidators: .permittedAbove(970_000_000_000_000_000),
            source: "zerolend/core-contracts@cd75dfe0: GenericLogic as 3.0.2; LiquidationLogicPyth in some pools"),
    ]

    /// The fork that a market's configuration names; `nil` where it names none.
    ///
    /// - Throws: `.unknownRules` for a name that is not known, and where the pool follows another release.
    static func of(
        _ configuration: MarketConfiguration, following rules: Aave.Rules
    ) throws(LendingError) -> Aave.Fork? {
        let isAave = configuration.protocol == "aave-v2" || configuration.protocol == "aave-v3"
        guard let name = configuration.fork ?? (isAave ? nil : configuration.protocol) else { return nil }
        let known = table.filter { $0.generation == rules.generation }
        let provider = configuration.contracts["poolAddressesProvider"] ?? .zero
        guard let fork = known.first(where: { $0.name == name }) else {
            throw .unknownRules(
                market: configuration.id, at: provider, read: "fork \"\(name)\" in the network file",
                expected: known.map(\.name).joined(separator: ", "))
        }
        guard fork.versions.isEmpty || fork.versions.contains(rules.version) else {
            throw .unknownRules(
                market: configuration.id, at: provider, read: "rules \(rules.version)",
                expected: "rules \(fork.versions.joined(separator: ", ")), which \(name) follows")
        }
        return fork
    }

    /// The fork as it stands in a record's details.
    var json: JSONValue {
        let liquidators: JSONValue =
            switch self.liquidators {
            case .anyone: "anyone"
            case .permitted: "permitted"
            case .permittedAbove(let health): .string("permitted above \(health)")
            }
        return ["name": .string(name), "liquidators": liquidators, "bonusShareBps": .integer(bonusShareBps)]
    }
}
