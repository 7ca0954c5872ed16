import Chain
import Ethereum
import Lending
import Networks
import Protocols

/// Other operators' endpoints at the same block, which confirm what plans stand on.
struct PlanWitnesses {
    let snapshots: [Snapshot]
    let network: Network
    /// Who was read.
    let first: String

    /// The positions with how many say alike; one of which they disagree has no verdict, and so no plan.
    func confirmed(_ reading: MarketReading, _ configuration: MarketConfiguration) async -> [Position] {
        var positions = reading.positions
        guard !snapshots.isEmpty, !positions.isEmpty else { return positions }
        var statements: [Account: AccountStatement] = [:]
        for position in positions {
            guard let answer = reading.rows.answers[position.account] else { continue }
            statements[position.account] = AccountStatement(answer: answer, position: position)
        }
        var voices: [Account: Int] = [:]
        var disputes: [Account: String] = [:]
        for witness in snapshots where !statements.isEmpty {
            do throws(LendingError) {
                let market = try await ProtocolRegistry.open(configuration, of: network, on: witness)
                let confirmation = await Confirmation.ask(
                    witness, market, about: statements, alongside: [], rows: AccountRows())
                for account in confirmation.confirmed { voices[account, default: 1] += 1 }
                for dispute in confirmation.disputes {
                    disputes[dispute.account] = "\(first) and \(confirmation.endpoint) disagree about it"
                }
            } catch {
                continue  // it says nothing
            }
        }
        for index in positions.indices where statements[positions[index].account] != nil {
            let account = positions[index].account
            if let why = disputes[account] {
                positions[index].liquidatable = nil
                positions[index].unknown.append(Unknown("liquidatable", why))
            } else {
                positions[index].confirmations = voices[account] ?? 1
            }
        }
        return positions
    }
}
