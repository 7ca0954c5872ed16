import Chain
import Ethereum
import JSONRPC
import Lending
import Networks
import Oracles
import Protocols

/// What one pass over the markets found, all at one block.
struct ScanOutcome {
    /// One market's part.
    struct Market {
        var id: MarketID
        /// The market itself, with the rules of its block.
        var market: any LendingMarket
        /// Nil where the accounts were given.
        var discovery: Discovery?
        var reading: MarketReading
        /// What a second reading of the logs found, where the first fell short.
        var audit: CoverageAudit.Finding?

        /// Whether the accounts that were read explain all debt, as far as that is claimed.
        var isCovered: Bool {
            discovery.map { $0.gaps.isEmpty && reading.coverage.allSatisfy(\.isWithinBound) } ?? true
        }
    }

    var snapshot: Snapshot
    var markets: [Market]
    /// Markets that are not what the network file says, beside others that are.
    var refused: [(deployment: String, error: LendingError)] = []
    var notices: [String]
    /// How much was asked to be proven.
    var verification = VerificationLevel.none
    /// The pinned block's header, where it is proven.
    var header: VerifiedHeader?
    /// What is to be thought of the prices, where the network file names sources to compare them with.
    var oracles: OracleReview?
    /// What somebody asked about other prices, where the positions are those at them.
    var whatIf: WhatIf?
    /// Other endpoints that confirmed the contract's answers.
    var confirmedBy: Set<String> = []

    /// Whether nothing is unknown, missing or contradicted.
    var isComplete: Bool {
        refused.isEmpty
            && markets.allSatisfy { market in
                market.isCovered && market.reading.positions.allSatisfy { !$0.isUnknown && $0.match != .differs }
            }
    }

    /// Says in every position what of it is proven.
    mutating func markVerified() {
        for index in markets.indices {
            var verified: [String] = header == nil ? [] : ["header"]
            if markets[index].discovery?.proven != nil { verified.append("logs") }
            guard !verified.isEmpty else { continue }
            for place in markets[index].reading.positions.indices {
                markets[index].reading.positions[place].verified = verified
            }
        }
    }

    /// How much is missing: what decides between two incomplete outcomes.
    var unknowns: Int {
        markets.reduce(2_000_000 * refused.count) { sum, market in
            sum + market.reading.positions.count { $0.isUnknown || $0.match == .differs }
                + (market.isCovered ? 0 : 1_000_000)
        }
    }

    /// What makes the outcome incomplete, a line each.
    var complaints: [String] {
        var lines = refused.map { "\($0.deployment) was not read: \($0.error)" }
        lines += oracles?.complaints ?? []
        for market in markets {
            let name = market.id.deployment
            let unknown = market.reading.positions.count { $0.isUnknown }
            if unknown > 0 { lines.append("\(name): \(unknown) positions are unknown") }
            let differing = market.reading.positions.filter { $0.match == .differs }
            for position in differing.prefix(10) {
                lines.append("\(name): \(position.account.address): our number is not the contract's; do not act on it")
            }
            if differing.count > 10 { lines.append("\(name): and \(differing.count - 10) more like it") }
            guard let discovery = market.discovery else { continue }
            for gap in discovery.gaps {
                lines.append("\(name): the logs of blocks \(gap.from) to \(gap.to) are missing: \(gap.why)")
            }
            for residual in market.reading.coverage where !residual.isWithinBound {
                let symbol = residual.symbol ?? residual.asset.checksummed
                if let missing = residual.residual {
                    lines.append(
                        "\(name): \(missing) \(residual.unit) units of \(symbol) debt belong to accounts that were not found"
                    )
                } else {
                    lines.append(
                        "\(name): coverage of \(symbol) is not known: \(residual.unknown ?? "no reason given")")
                }
            }
        }
        return lines
    }
}

extension LendingError {
    /// Whether it says something of one market and nothing of the endpoint, the index or the network file's form.
    var isAboutOneMarket: Bool {
        switch self {
        case .noCode, .unknownRules, .unreadable: true
        case .chain, .ledger, .missingContract, .unknownProtocol: false
        }
    }
}

extension LendingError: ExitStatusProviding {
    var exitStatus: ProgramStatus {
        switch self {
        case .chain(let error): error.exitStatus
        case .ledger: .cannotWrite
        case .missingContract, .unknownProtocol, .noCode, .unknownRules: .networkFile
        case .unreadable: .noEndpoint
        }
    }
}
