import Chain
import Ethereum
import JSONRPC
import Lending
import Networks
import Protocols

/// Compares a network file with the chain.
struct NetworkExamination {
    let network: Network
    let client: any RPCCalling
    let selector: BlockSelector

    func run(into diagnosis: inout Diagnosis) async {
        do throws(ChainError) {
            let snapshot = try await Snapshot(
                of: client, chainId: network.chainId, at: selector, multicall: network.multicall3)
            diagnosis.block = snapshot.block
            diagnosis.findings += try await multicall(snapshot)
            for (index, market) in network.markets.enumerated() {
                diagnosis.findings += try await examine(market, at: "/markets/\(index)", snapshot)
            }
            diagnosis.findings += try await assets(snapshot)
            diagnosis.findings += try await priceSources(snapshot)
        } catch {
            diagnosis.findings.append(Finding(severity: .unchecked, pointer: "", message: "\(error)"))
        }
    }

    private func multicall(_ snapshot: Snapshot) async throws(ChainError) -> [Finding] {
        guard let address = network.multicall3 else { return [] }
        func finding(_ severity: Finding.Severity, _ message: String) -> [Finding] {
            [Finding(severity: severity, pointer: "/multicall3", message: message)]
        }
        switch try await snapshot.code(at: [address])[0] {
        case .unknown(let reason): return finding(.unchecked, "the code of \(address) cannot be read: \(reason)")
        case .known(let code):
            let isUsual = PublishedMulticall3.isUsualAddress(address)
            guard !code.isEmpty else {
                // A file that does not mention it means the usual one, where it is.
                return finding(
                    isUsual ? .worse : .wrong,
                    "there is no code at \(address); write null where a chain has no Multicall3")
            }
            let isTrusted = PublishedMulticall3.isDevelopment(chainId: network.chainId) || !isUsual
            guard PublishedMulticall3.isCode(code) || isTrusted else {
                return finding(
                    .wrong,
                    "the code at \(address) is not the published Multicall3, whose deployer's key is known to others")
            }
            guard snapshot.capabilities.multicall != nil else {
                return finding(.wrong, "the contract at \(address) does not do what Multicall3 does")
            }
            return []
        }
    }

    // MARK: Markets

    private func examine(
        _ market: MarketConfiguration, at pointer: String, _ snapshot: Snapshot
    ) async throws(ChainError) -> [Finding] {
        var findings: [Finding] = []
        var opened: (any LendingMarket)?
        do throws(LendingError) {
            opened = try await ProtocolRegistry.open(market, of: network, on: snapshot)
        } catch {
            findings.append(try finding(error, at: pointer, market))
        }
        let contracts = opened?.contracts ?? []
        let code = try await snapshot.code(at: contracts.map(\.address))
        for (contract, answer) in zip(contracts, code) where answer.value?.isEmpty == true {
            findings.append(
                Finding(
                    severity: .wrong, pointer: pointer + "/contracts",
                    message: "market \"\(market.id)\": \(contract.role) \(contract.address) has no code"))
        }
        return findings + (await deployBlock(market, contracts, at: pointer, head: snapshot.block.number))
    }

    private func finding(
        _ error: LendingError, at pointer: String, _ market: MarketConfiguration
    ) throws(ChainError) -> Finding {
        switch error {
        case .chain(let error): throw error
        case .missingContract, .noCode:
            Finding(severity: .wrong, pointer: pointer + "/contracts", message: "\(error)")
        case .ledger, .unreadable(_, _, _, .failed):
            Finding(severity: .unchecked, pointer: pointer + "/contracts", message: "\(error)")
        case .unreadable:
            Finding(
                severity: .wrong, pointer: pointer + "/contracts",
                message: "\(error); is it a contract of \(market.protocol)?")
        case .unknownProtocol, .unknownRules:
            Finding(severity: .wrong, pointer: pointer + "/protocol", message: "\(error)")
        }
    }

    /// Events before the first block would be missed, and with them borrowers.
    private func deployBlock(
        _ market: MarketConfiguration, _ opened: [(role: String, address: Address)], at pointer: String, head: UInt64
    ) async -> [Finding] {
        func finding(_ severity: Finding.Severity, _ message: String) -> [Finding] {
            [
                Finding(
                    severity: severity, pointer: pointer + "/deployBlock",
                    message: "market \"\(market.id)\": \(message)")
            ]
        }
        guard market.deployBlock <= head else {
            return finding(.wrong, "the block \(market.deployBlock) is above the head, \(head)")
        }
        guard market.deployBlock > 0 else { return [] }
        // The pool emits the events; its entry points may well have been there before it.
        let pool = opened.filter { $0.role == "pool" }
        let contracts =
            pool.isEmpty
            ? market.contracts.sorted { $0.key < $1.key }.map { (role: $0.key, address: $0.value) } : pool
        let before = market.deployBlock - 1
        let answers = await CodeHistory(client).hadCode(contracts.map(\.address), at: before)
        for (contract, answer) in zip(contracts, answers) {
            switch answer {
            case .known(false): continue
            case .known(true):
                return finding(
                    pool.isEmpty ? .worse : .wrong,
                    "\(contract.role) \(contract.address) had code at block \(before) already, "
                        + "so that its first events may be missed; give an earlier block")
            case .unknown(let reason):
                return finding(.unchecked, "whether \(contract.role) had code before the block is not known: \(reason)")
            }
        }
        return []
    }

    // MARK: Assets and price sources

    private func assets(_ snapshot: Snapshot) async throws(ChainError) -> [Finding] {
        guard !network.assets.isEmpty else { return [] }
        var findings: [Finding] = []
        let facts = try await snapshot.tokens(network.assets.map(\.address))
        for (index, (asset, token)) in zip(network.assets, facts).enumerated() {
            func compare<Value: Equatable & Sendable>(_ member: String, _ said: Value, _ read: Reading<Value>) {
                let pointer = "/assets/\(index)/\(member)"
                let name = "\(asset.symbol) \(asset.address)"
                switch read {
                case .known(said): break
                case .known(let value):
                    findings.append(
                        Finding(
                            severity: .wrong, pointer: pointer,
                            message: "\(name): the file says \(said), and the token \(value)"))
                case .unknown(.failed(let why)):
                    findings.append(
                        Finding(severity: .unchecked, pointer: pointer, message: "\(name) cannot be read: \(why)"))
                case .unknown(let reason):
                    findings.append(
                        Finding(
                            severity: .wrong, pointer: pointer,
                            message: "\(name): the token does not answer \(member)(): \(reason)"))
                }
            }
            compare("decimals", asset.decimals, token.decimals)
            compare("symbol", asset.symbol, token.symbol)
        }
        return findings
    }

    private func priceSources(_ snapshot: Snapshot) async throws(ChainError) -> [Finding] {
        var places: [(pointer: String, address: Address)] = []
        for (index, source) in network.priceSources.enumerated() {
            for (role, address) in source.contracts.sorted(by: { $0.key < $1.key }) {
                places.append(("/priceSources/\(index)/contracts/\(role)", address))
            }
        }
        guard !places.isEmpty else { return [] }
        let code = try await snapshot.code(at: places.map(\.address))
        return zip(places, code).compactMap { place, answer in
            switch answer {
            case .known(let code) where code.isEmpty:
                Finding(
                    severity: .wrong, pointer: place.pointer, message: "there is no code at \(place.address)")
            case .known: nil
            case .unknown(let reason):
                Finding(
                    severity: .unchecked, pointer: place.pointer,
                    message: "the code of \(place.address) cannot be read: \(reason)")
            }
        }
    }
}
