import Foundation
import JSON
import TestSupport
import Testing

/// What the pool itself says of one account.
struct Truth {
    let collateral: String
    let debt: String
    let health: String

    /// The line is at 1e18; below it anyone may liquidate. Decimal strings compare by length first.
    var isLiquidatable: Bool { health.count < 19 }
    /// Whether the pool answers at all.
    var isKnown: Bool { !health.isEmpty }
}

/// A scan's records by account, and its head.
struct Scan {
    let status: Int32
    let errors: String
    let positions: [String: JSONValue]
    let head: JSONValue?
    /// What is said of prices.
    let prices: [JSONValue]
    /// The positions without what rests on the prices of earlier scans: who remembers more estimates otherwise.
    var facts: [String: JSONValue] {
        positions.mapValues { record in
            var members = record.object
            members?["risk"] = nil
            return members.map { .object($0) } ?? record
        }
    }
    /// Those who owe something, or of whom it is not known.
    var borrowers: [String: JSONValue] { positions.filter { $0.value["debtValue"]?.string != "0" } }

    init(_ outcome: BuiltProgram.Outcome) throws {
        status = outcome.status
        errors = outcome.errors
        var positions: [String: JSONValue] = [:]
        var head: JSONValue?
        var prices: [JSONValue] = []
        for line in outcome.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            if record["type"]?.string == "oracle" { prices.append(record) }
            if ["oracle", "whatIf"].contains(record["type"]?.string) { continue }
            if record["type"]?.string == "head" {
                head = record
            } else {
                let account = try #require(record["account"]?.string).lowercased()
                #expect(positions.updateValue(record, forKey: account) == nil, "\(account) is printed twice")
            }
        }
        self.positions = positions
        self.head = head
        self.prices = prices
    }
}

extension DevChain {
    /// The pool's own answers about everybody who ever had a Borrow on their behalf, at the head.
    func truth() async throws -> [String: Truth] {
        let answer = try await call("dev_truth")
        let accounts = try #require(answer["accounts"]?.object)
        var truths: [String: Truth] = [:]
        for (account, value) in accounts.members {
            let fields = (value.array ?? []).map { $0.string ?? "" }
            guard fields.count == 6 else {
                // The pool itself reverts: nothing may be said about the account.
                truths[account.lowercased()] = Truth(collateral: "", debt: "", health: "")
                continue
            }
            truths[account.lowercased()] = Truth(collateral: fields[0], debt: fields[1], health: fields[5])
        }
        return truths
    }

    /// Scans this chain with the built program.
    func scan(_ arguments: [String] = []) throws -> Scan {
        try Scan(
            BuiltProgram.run(
                ["scan", "--network", networkFile, "--format", "ndjson", "--all", "--no-state", "--quiet"] + arguments))
    }
}

/// Expects every account of the truth in the scan, with every number equal.
func expectEqual(_ scan: Scan, _ truth: [String: Truth], _ comment: Comment) {
    #expect(scan.positions.count == truth.count, comment)
    var mismatches = 0
    for (account, expected) in truth {
        guard let record = scan.positions[account] else {
            Issue.record("\(account) was not found (\(comment))")
            continue
        }
        guard expected.isKnown else {
            #expect(record["liquidatable"]?.isNull == true, "\(account) (\(comment))")
            continue
        }
        let isEqual =
            record["hfProtocol"]?.string == expected.health && record["hfOnchain"]?.string == expected.health
            && record["collateralValue"]?.string == expected.collateral && record["debtValue"]?.string == expected.debt
            && record["liquidatable"]?.bool == expected.isLiquidatable && record["match"]?.string == "equal"
        if !isEqual {
            mismatches += 1
            if mismatches <= 3 {
                Issue.record("\(account): \(String(decoding: record.serialized(), as: UTF8.self)) is not \(expected)")
            }
        }
    }
    #expect(mismatches == 0, comment)
}

/// Expects that nothing in a scan contradicts the truth: what is not known is said not to be.
func expectNoWrongVerdict(_ scan: Scan, _ truth: [String: Truth], _ comment: Comment) {
    for (account, record) in scan.positions {
        guard let expected = truth[account] else {
            Issue.record("\(account) never borrowed (\(comment))")
            continue
        }
        if let liquidatable = record["liquidatable"]?.bool {
            #expect(liquidatable == expected.isLiquidatable, "\(account) (\(comment))")
        }
    }
}
