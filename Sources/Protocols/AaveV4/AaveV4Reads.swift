import Bindings
import Chain
import Ethereum
import Lending

extension AaveV4 {
    /// Which calls are made at which block, and what becomes of their bytes.
    ///
    /// Accounts are read in three rounds, whatever their number: what they use, what they hold, and what the keys that
    /// they hold it under mean.
    struct Reader: Sendable {
        /// The deployment.
        let market: Market
        /// The block.
        let snapshot: Snapshot
        /// Whether the spoke's functions are asked even where its storage could be read.
        var asksGetters = false
    }
}

extension AaveV4.Reader {
    private var spoke: Address { market.spoke }
    private var state: AaveV4.MarketState { market.state }

    /// Everything that the positions of `accounts` depend on.
    ///
    /// - Parameter known: what need not be read.
    func book(of accounts: [Account], known: AccountRows) async throws(LendingError) -> AaveV4.Book {
        var members = accounts.map { AaveV4.Member($0) }
        for index in members.indices {
            guard let row = known.rows[members[index].account].flatMap({ AaveV4.Row($0, state) }) else { continue }
            members[index].take(row)
        }
        if state.readsStorage && !asksGetters {
            try await readStorage(&members)
        } else {
            try await readGetters(&members)
        }
        let asked = members.indices.filter { known.answers[members[$0].account] == nil }
        let answers = try await accountData(about: asked.map { members[$0].account })
        for (index, answer) in zip(asked, answers) { members[index].take(answer) }
        for index in members.indices {
            if let answer = known.answers[members[index].account] { members[index].take(.known(answer)) }
        }
        return AaveV4.Book(state: state, members: members, configurations: try await configurations(of: members))
    }

    /// The spoke's own answers about accounts, each 224 bytes.
    func accountData(about accounts: [Account]) async throws(LendingError) -> [Reading<[UInt8]>] {
        let group = CallGroup(
            target: spoke, selector: AaveV4Spoke.GetUserAccountData.selector,
            arguments: accounts.map(\.address.word), returnLength: 224, gasPerCall: 3_000_000)
        do throws(ChainError) {
            let answers = try await snapshot.read([group])[0]
            return accounts.indices.map { index in answers.bytes(index).map { Array($0) } }
        } catch {
            throw .chain(error)
        }
    }

    /// What the keys of the members' collaterals name. A key's configuration may be changed in place, so none is
    /// remembered.
    private func configurations(
        of members: [AaveV4.Member]
    ) async throws(LendingError) -> [AaveV4.ConfigurationKey: Reading<AaveV4.DynamicConfiguration>] {
        var keys: Set<AaveV4.ConfigurationKey> = []
        for member in members {
            for holding in member.holdings where holding.isCollateral {
                keys.insert(AaveV4.ConfigurationKey(reserve: holding.reserve, key: holding.configurationKey))
            }
        }
        let sorted = keys.sorted()
        let answers = try await ask(
            sorted.map {
                Call(
                    target: spoke,
                    data: AaveV4Spoke.getDynamicReserveConfig(
                        reserveId: UInt256(UInt64($0.reserve)), dynamicConfigKey: $0.key
                    ).encode())
            })
        var found: [AaveV4.ConfigurationKey: Reading<AaveV4.DynamicConfiguration>] = [:]
        for (key, answer) in zip(sorted, answers) {
            found[key] = Aave.decode(AaveV4Spoke.GetDynamicReserveConfig.self, answer).map {
                AaveV4.DynamicConfiguration(
                    collateralFactor: UInt256($0.collateralFactor),
                    maxLiquidationBonus: UInt256($0.maxLiquidationBonus), liquidationFee: UInt256($0.liquidationFee))
            }
        }
        return found
    }

    /// The raw answers to calls of any shape.
    func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        guard !calls.isEmpty else { return [] }
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }
}

extension AaveV4.Member {
    /// Takes the spoke's own answer.
    mutating func take(_ answer: Reading<[UInt8]>) {
        switch answer {
        case .unknown(let reason): accountData = .unknown(reason)
        case .known(let bytes):
            accountData =
                AaveV4.AccountData(bytes).map { .known($0) }
                ?? .unknown(.malformed("\(bytes.count) bytes are not seven words"))
        }
    }
}
