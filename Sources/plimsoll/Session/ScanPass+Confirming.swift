import Chain
import Ethereum
import Lending
import Networks
import Protocols

extension ScanPass {
    /// Has the contract's answer about every account confirmed by other endpoints.
    ///
    /// An account of which enough say alike keeps its verdict; one of which they disagree has none. Where the others
    /// outvote the endpoint that was read, what it said is not used at all.
    func confirm(
        _ outcome: inout ScanOutcome, _ configurations: [MarketConfiguration], _ agreed: AgreedBlock?,
        answered: Set<String>
    ) async throws {
        guard agreed != nil, session.quorum.count > 1 else { return }
        let witnesses = await session.witnesses(of: agreed, besides: answered)
        let first = outcome.snapshot.endpointName
        for index in outcome.markets.indices {
            let reading = outcome.markets[index].reading
            guard !reading.rows.answers.isEmpty else { continue }
            let positions = Dictionary(
                reading.positions.map { ($0.account, $0) }, uniquingKeysWith: { first, _ in first })
            var tallies: [Account: Tally] = [:]
            for (account, answer) in reading.rows.answers {
                tallies[account] = Tally(
                    first: AccountStatement(answer: answer, position: positions[account]), by: first)
            }
            for witness in witnesses {
                let open = tallies.filter { !$0.value.isSettled(by: session.quorum.count) }.mapValues(\.first)
                guard !open.isEmpty else { break }
                let confirmation = await ask(
                    witness, configurations[index], about: open,
                    outcome.markets[index].discovery)
                for account in confirmation.confirmed { tallies[account]?.agree(confirmation.endpoint) }
                for dispute in confirmation.disputes {
                    tallies[dispute.account]?.say(dispute.second, confirmation.endpoint)
                }
                if let why = confirmation.why {
                    outcome.notices.append(
                        "\(confirmation.endpoint) says nothing of \(confirmation.silent.count) accounts: \(why)")
                }
            }
            let outvoted = tallies.values.filter { $0.isOutvoted(by: session.quorum.count) }
            if let example = outvoted.first {
                throw ChainError.disagreement(
                    "\(first) is outvoted about \(outvoted.count) accounts: \(example.words)")
            }
            apply(tallies, to: &outcome.markets[index], &outcome.notices)
            outcome.confirmedBy.formUnion(tallies.values.flatMap(\.supporters))
        }
        outcome.confirmedBy.remove(first)
    }

    /// The market as the witness has it, and what the witness says of the accounts in it.
    private func ask(
        _ witness: Snapshot, _ configuration: MarketConfiguration, about statements: [Account: AccountStatement],
        _ discovery: Discovery?
    ) async -> Confirmation {
        do throws(LendingError) {
            let market = try await ProtocolRegistry.open(configuration, of: session.network, on: witness)
            let entries =
                if let discovery { discovery.accounts } else {
                    try await market.expand(accounts.map { Account($0) }, on: witness)
                }
            return await Confirmation.ask(
                witness, market, about: statements, alongside: entries.filter { !market.isAccount($0) },
                rows: discovery?.known ?? AccountRows())
        } catch {
            var confirmation = Confirmation(by: witness.endpointName)
            confirmation.silent = Set(statements.keys)
            confirmation.why = "\(error)"
            return confirmation
        }
    }

    /// Takes the verdict from every account that is not confirmed.
    private func apply(
        _ tallies: [Account: Tally], to market: inout ScanOutcome.Market, _ notices: inout [String]
    ) {
        var disputed = 0
        var lonely = 0
        for index in market.reading.positions.indices {
            let account = market.reading.positions[index].account
            guard let tally = tallies[account] else { continue }
            let reason: String
            if tally.isDisputed {
                disputed += 1
                reason = "endpoints disagree: \(tally.words)"
                if disputed <= 10 { notices.append("\(market.id.deployment): \(account.address): \(reason)") }
            } else if tally.supporters.count < session.quorum.count {
                lonely += 1
                guard session.quorum.isStrict else { continue }
                reason = "\(tally.supporters.count) of \(session.quorum.count) endpoints confirm the contract's answer"
            } else {
                continue
            }
            market.reading.positions[index].liquidatable = nil
            market.reading.positions[index].unknown.append(Unknown("liquidatable", reason))
        }
        if lonely > 0, !session.quorum.isStrict {
            notices.append(
                "\(market.id.deployment): \(lonely) positions are not confirmed: no second endpoint answered for them")
        }
    }
}

/// What endpoints say of one account.
private struct Tally {
    private var votes: [(said: AccountStatement, by: [String])]

    init(first: AccountStatement, by name: String) { votes = [(first, [name])] }

    /// What the first says.
    var first: AccountStatement { votes[0].said }
    /// Who says what the first says, the first included.
    var supporters: [String] { votes[0].by }
    /// Whether nobody has more votes than the others.
    var isDisputed: Bool { votes.count > 1 && votes.dropFirst().contains { $0.by.count >= votes[0].by.count } }

    mutating func agree(_ name: String) { votes[0].by.append(name) }

    mutating func say(_ statement: AccountStatement, _ name: String) {
        if let place = votes.firstIndex(where: { $0.said == statement }) {
            votes[place].by.append(name)
        } else {
            votes.append((statement, [name]))
        }
    }

    /// Whether enough say alike, and more than say anything else.
    func isSettled(by count: Int) -> Bool {
        let sizes = votes.map(\.by.count).sorted(by: >)
        return sizes[0] >= count && (sizes.count == 1 || sizes[1] < sizes[0])
    }

    /// Whether enough others say something else alike, and the first has fewer.
    func isOutvoted(by count: Int) -> Bool {
        isSettled(by: count) && votes.dropFirst().contains { $0.by.count > votes[0].by.count }
    }

    /// All that is said, in words.
    var words: String {
        let differs = votes.contains { $0.said.answer != votes[0].said.answer }
        return votes.map { vote in
            let who = vote.by.joined(separator: " and ")
            // Where the contract's answer is the same, a number behind it is not.
            return differs ? "\(who) answers \(Hex.encode(vote.said.answer))" : "\(who) has \(Self.legs(of: vote.said))"
        }.joined(separator: ", ")
    }

    private static func legs(of statement: AccountStatement) -> String {
        guard let position = statement.position else { return "no position" }
        return (position.collateral + position.debt).map { leg in
            "\(DisplayText.sanitized(leg.symbol ?? leg.asset.checksummed)) \(leg.raw)·\(leg.index.map { "\($0)" } ?? "1")"
        }.joined(separator: " ")
    }
}
