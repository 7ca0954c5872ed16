import Chain
import Ethereum
import JSONRPC
import Lending
import Networks
import Protocols

/// One pass over markets, all at one block: begun again at another endpoint where one fails or lies, and at another
/// block where the chain replaced the first.
struct ScanPass {
    let markets: [MarketConfiguration]
    /// The accounts to read; everybody who may owe where there are none.
    let accounts: [Address]
    /// Whether accounts without debt are wanted.
    let all: Bool
    let session: RPCSession
    let selector: BlockSelector
    let path: ReadPath?
    let verification: VerificationLevel
    /// Whether venues outside the chain are asked too.
    var asksVenues = false
    let state: StateStore
    let progress: ProgressBar

    /// How often a pass begins anew before the chain, or the index, is given up.
    private static let mostAttempts = 4

    func run() async throws -> ScanOutcome {
        defer { progress.clear() }
        var notices: [String] = []
        var attempt = 1
        while true {
            do {
                let agreed = try await session.pin(selector)
                var outcome = try await best(of: agreed, &notices)
                // What is unknown may be so because its block is gone.
                if !outcome.isComplete, attempt < Self.mostAttempts, await isOrphaned(outcome.snapshot) {
                    attempt += 1
                    notices.append("block \(outcome.snapshot.block.number) was orphaned while it was read; read again")
                    continue
                }
                outcome.notices = state.notices + (agreed?.notices ?? []) + notices + outcome.notices
                return outcome
            } catch LendingError.chain(.reorganised(let number, _, _)) where attempt < Self.mostAttempts {
                attempt += 1
                notices.append("block \(number) was orphaned while the logs were read; the scan began again")
            } catch LendingError.ledger(let error) {
                guard case .damaged = error, attempt < Self.mostAttempts else { throw error }
                attempt += 1
                try state.rebuild(after: error)
            }
        }
    }

    /// The first complete and confirmed outcome among the endpoints that have the block; else the one that knows most.
    private func best(of agreed: AgreedBlock?, _ notices: inout [String]) async throws -> ScanOutcome {
        var best: ScanOutcome?
        var failure: (any Error)?
        for name in agreed.map({ $0.holders.map(Optional.some) }) ?? [nil] {
            do {
                let outcome = try await once(agreed, preferring: name, &notices)
                if outcome.isComplete { return outcome }
                if best.map({ outcome.unknowns < $0.unknowns }) ?? true { best = outcome }
            } catch LendingError.chain(.reorganised(let number, let expected, let got)) {
                throw LendingError.chain(.reorganised(number: number, expected: expected, got: got))
            } catch LendingError.ledger(let error) {
                throw LendingError.ledger(error)
            } catch ChainError.cancelled {
                throw ChainError.cancelled
            } catch ChainError.contradicted(let contradiction) {
                notices.append(await session.quarantine(contradiction))
                failure = failure ?? ChainError.contradicted(contradiction)
            } catch {
                if let name { notices.append("\(name): \(error)") }
                failure = failure ?? error
            }
        }
        if let best { return best }
        throw failure ?? ChainError.cancelled
    }

    private func once(
        _ agreed: AgreedBlock?, preferring name: String?, _ notices: inout [String]
    ) async throws -> ScanOutcome {
        let (snapshot, client) = try await session.snapshot(of: agreed, at: selector, preferring: name, path: path)
        var outcome = ScanOutcome(snapshot: snapshot, markets: [], notices: snapshot.capabilities.notices)
        outcome.verification = verification
        if verification >= .headers { outcome.header = try await snapshot.verifiedHeader() }
        let opened = try await open(on: snapshot, &outcome)
        let found = try await discover(opened, snapshot, &outcome, &notices)
        let readings = try await read(opened, found, snapshot)
        for (index, reading) in readings.enumerated() {
            var result = ScanOutcome.Market(
                id: opened[index].id, market: opened[index], discovery: found?[index].discovery, reading: reading)
            if let found {
                try await settle(&result, of: opened[index], found[index].ledger, snapshot, agreed)
            }
            outcome.notices += result.reading.notices
            outcome.markets.append(result)
        }
        outcome.markVerified()
        try await reviewPrices(&outcome, opened, snapshot)
        if verification >= .state, let header = outcome.header {
            for (index, market) in opened.enumerated() {
                try await proveState(&outcome.markets[index], of: market, snapshot, header, &notices)
            }
        }
        if outcome.isComplete {
            // Nothing was refused: each market has its configuration.
            try await confirm(&outcome, markets, agreed, answered: client.answered)
        }
        // Last: who is disputed is not liquidated.
        plan(&outcome, opened)
        return outcome
    }

    // MARK: All markets, in step

    /// Opens every market. One that is not what the network file says leaves the others alone, where there are others.
    private func open(on snapshot: Snapshot, _ outcome: inout ScanOutcome) async throws -> [any LendingMarket] {
        progress.update(ProgressState(step: "opening markets", done: markets.count, total: nil, unit: "markets"))
        let results = await ReadRounds.run(markets.count, on: snapshot) {
            [markets, network = session.network] index, snapshot in
            do throws(LendingError) {
                return Result<any LendingMarket, LendingError>.success(
                    try await ProtocolRegistry.open(markets[index], of: network, on: snapshot))
            } catch {
                return .failure(error)
            }
        }
        var opened: [any LendingMarket] = []
        for (configuration, result) in zip(markets, results) {
            switch result {
            case .success(let market): opened.append(market)
            case .failure(let error):
                guard error.isAboutOneMarket, markets.count > 1 else { throw error }
                outcome.refused.append((configuration.id, error))
            }
        }
        if opened.isEmpty, let first = outcome.refused.first { throw first.error }
        return opened
    }

    /// Who may owe in each market, with what is remembered; nil where the accounts are given.
    private func discover(
        _ opened: [any LendingMarket], _ snapshot: Snapshot, _ outcome: inout ScanOutcome, _ notices: inout [String]
    ) async throws -> [Found]? {
        guard accounts.isEmpty else { return nil }
        var found: [Found] = []
        for market in opened {
            let ledger: (any MarketLedger)?
            do throws(LedgerError) {
                ledger = try state.ledger(of: market)
            } catch {
                throw LendingError.ledger(error)
            }
            let discovery = try await BorrowerFinder(
                market, on: snapshot, ledger: ledger, provesLogs: verification >= .logs
            ).find(progress: blocks("\(market.id.deployment): finding borrowers"))
            if let contradiction = discovery.contradiction { throw ChainError.contradicted(contradiction) }
            found.append(Found(discovery: discovery, ledger: ledger))
        }
        return found
    }

    /// The accounts of one market.
    struct Found: Sendable {
        var discovery: Discovery
        var ledger: (any MarketLedger)?
    }

    /// Reads all markets, in exchanges that they share.
    private func read(
        _ opened: [any LendingMarket], _ found: [Found]?, _ snapshot: Snapshot
    ) async throws -> [MarketReading] {
        let given = accounts.map { Account($0) }
        let people = found?.reduce(0) { $0 + $1.discovery.accounts.count } ?? given.count
        progress.update(ProgressState(step: "reading positions", done: people, total: nil, unit: "accounts"))
        let debtless = all || !accounts.isEmpty
        let results = await ReadRounds.run(opened.count, on: snapshot) { index, snapshot in
            do throws(LendingError) {
                let accounts =
                    if let found { found[index].discovery.accounts } else {
                        try await opened[index].expand(given, on: snapshot)
                    }
                return Result<MarketReading, LendingError>.success(
                    try await opened[index].read(
                        accounts, debtless: debtless,
                        known: found?[index].discovery.known ?? AccountRows(), on: snapshot))
            } catch {
                return .failure(error)
            }
        }
        return try results.map { try $0.get() }
    }

    // MARK: One market

    /// Finds whoever is missing, and keeps what was read.
    private func settle(
        _ result: inout ScanOutcome.Market, of market: any LendingMarket, _ ledger: (any MarketLedger)?,
        _ snapshot: Snapshot, _ agreed: AgreedBlock?
    ) async throws {
        // The debt that nobody explains has an owner: the logs that name them were left out.
        if result.discovery?.gaps.isEmpty == true, result.reading.coverage.contains(where: \.isShort) {
            try await repair(&result, of: market, ledger, snapshot, agreed)
        }
        if let ledger, result.discovery?.gaps.isEmpty == true {
            do throws(LedgerError) {
                try ledger.keep(
                    result.reading.rows, fingerprint: market.fingerprint, at: Checkpoint(snapshot.block))
            } catch {
                throw LendingError.ledger(error)
            }
        }
    }

    /// Reads the logs a second time, and with them whoever was missed.
    private func repair(
        _ result: inout ScanOutcome.Market, of market: any LendingMarket, _ ledger: (any MarketLedger)?,
        _ snapshot: Snapshot, _ agreed: AgreedBlock?
    ) async throws {
        guard var discovery = result.discovery else { return }
        // Somebody else where there is somebody else, then the same endpoint in smaller pages.
        let witnesses = await session.witnesses(of: agreed, besides: [snapshot.endpointName])
        for witness in witnesses.prefix(2) + [snapshot] where result.reading.coverage.contains(where: \.isShort) {
            let finding = await CoverageAudit(market, witness: witness, largestPage: discovery.largestPage)
                .find(
                    beyond: Set(discovery.accounts),
                    progress: blocks("\(market.id.deployment): looking for who is missing"))
            result.audit = finding
            guard !finding.borrowers.isEmpty else { continue }
            do throws(LedgerError) {
                try ledger?.repair(finding.borrowers)
            } catch {
                throw LendingError.ledger(error)
            }
            discovery.accounts = (discovery.accounts + finding.borrowers.map(\.account)).sorted()
            result.discovery = discovery
            result.reading = try await read(discovery.accounts, of: market, discovery.known, snapshot)
            let range = finding.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "none"
            result.reading.notices.append(
                "\(market.id.deployment): \(finding.borrowers.count) borrowers were missing from the logs of blocks "
                    + "\(range) as \(snapshot.endpointName) answered them; \(witness.endpointName), asked in smaller "
                    + "pages, named them")
        }
    }

    private func read(
        _ accounts: [Account], of market: any LendingMarket, _ known: AccountRows, _ snapshot: Snapshot
    ) async throws -> MarketReading {
        progress.update(
            ProgressState(
                step: "\(market.id.deployment): reading positions", done: accounts.count, total: nil, unit: "accounts"))
        return try await market.read(accounts, debtless: all || !self.accounts.isEmpty, known: known, on: snapshot)
    }

    private func isOrphaned(_ snapshot: Snapshot) async -> Bool {
        do {
            let now = try await snapshot.blocks(at: [snapshot.block.number])
            return now.first.map { $0?.hash != snapshot.block.hash } ?? false
        } catch {
            return false
        }
    }

    private func blocks(_ step: String) -> @Sendable (LogScanner.Progress) -> Void {
        { [progress] state in
            progress.update(
                ProgressState(
                    step: step, done: Int(clamping: state.done), total: Int(clamping: state.total), unit: "blocks"))
        }
    }
}
