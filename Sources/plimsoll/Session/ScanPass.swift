import Chain
import Ethereum
import Lending
import Networks
import Protocols

/// One pass over markets, all at one block; begun again at another block where the chain replaced the first.
struct ScanPass {
    let markets: [MarketConfiguration]
    /// The accounts to read; everybody who may owe where there are none.
    let accounts: [Address]
    /// Whether accounts without debt are wanted.
    let all: Bool
    let session: RPCSession
    let selector: BlockSelector
    let path: ReadPath?
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
                var outcome = try await once()
                // What is unknown may be so because its block is gone.
                if !outcome.isComplete, attempt < Self.mostAttempts, await isOrphaned(outcome.snapshot) {
                    attempt += 1
                    notices.append("block \(outcome.snapshot.block.number) was orphaned while it was read; read again")
                    continue
                }
                outcome.notices = state.notices + notices + outcome.notices
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

    private func once() async throws -> ScanOutcome {
        let snapshot = try await session.snapshot(at: selector, path: path)
        var outcome = ScanOutcome(snapshot: snapshot, markets: [], notices: snapshot.capabilities.notices)
        for configuration in markets {
            let market = try await ProtocolRegistry.open(configuration, of: session.network, on: snapshot)
            let result =
                accounts.isEmpty
                ? try await everybody(of: market, snapshot)
                : ScanOutcome.Market(
                    id: market.id,
                    reading: try await read(accounts.map { Account($0) }, of: market, AccountRows(), snapshot))
            outcome.notices += result.reading.notices
            outcome.markets.append(result)
        }
        return outcome
    }

    private func everybody(of market: any LendingMarket, _ snapshot: Snapshot) async throws -> ScanOutcome.Market {
        let ledger: (any MarketLedger)?
        do throws(LedgerError) {
            ledger = try state.ledger(of: market)
        } catch {
            throw LendingError.ledger(error)
        }
        let name = market.id.deployment
        let discovery = try await BorrowerFinder(market, on: snapshot, ledger: ledger)
            .find(progress: blocks("\(name): finding borrowers"))
        var result = ScanOutcome.Market(
            id: market.id, discovery: discovery,
            reading: try await read(discovery.accounts, of: market, discovery.known, snapshot))
        // The debt that nobody explains has an owner: the logs that name them were left out.
        if discovery.gaps.isEmpty, result.reading.coverage.contains(where: \.isShort) {
            try await repair(&result, of: market, ledger, snapshot)
        }
        if let ledger, result.discovery?.gaps.isEmpty == true {
            do throws(LedgerError) {
                try ledger.keep(
                    result.reading.rows, fingerprint: market.fingerprint, at: Checkpoint(snapshot.block))
            } catch {
                throw LendingError.ledger(error)
            }
        }
        return result
    }

    /// Reads the logs a second time, and with them whoever was missed.
    private func repair(
        _ result: inout ScanOutcome.Market, of market: any LendingMarket, _ ledger: (any MarketLedger)?,
        _ snapshot: Snapshot
    ) async throws {
        guard var discovery = result.discovery else { return }
        let witness = await session.witness(of: snapshot) ?? snapshot
        let finding = await CoverageAudit(market, witness: witness, largestPage: discovery.largestPage)
            .find(
                beyond: Set(discovery.accounts), progress: blocks("\(market.id.deployment): looking for who is missing")
            )
        result.audit = finding
        guard !finding.borrowers.isEmpty else { return }
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
            "\(market.id.deployment): \(finding.borrowers.count) borrowers were missing from the logs of blocks \(range) "
                + "as \(snapshot.endpointName) answered them; \(witness.endpointName), asked in smaller pages, named them"
        )
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
