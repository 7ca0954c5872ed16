import Ethereum
import JSON
import TestSupport

/// A consumer of a stream that believes nothing but its lines, and says which rule one of them breaks.
struct WatchedStream {
    /// What is open, by position: type, account in lower case.
    private(set) var open: [String: (type: String, account: String)] = [:]
    /// The number of the last message.
    private(set) var seq: UInt64 = 0
    /// The stream's name.
    private(set) var stream = ""
    /// How many revisions were taken back.
    private(set) var retracted = 0
    /// What breaks a rule.
    private(set) var complaints: [String] = []
    private var revisions: [String: UInt64] = [:]
    private var before: [String: (type: String, account: String)?] = [:]
    private var blocks: [String: String] = [:]

    /// Takes a line; its message where it has not been seen.
    mutating func take(_ line: [UInt8]) throws -> JSONValue {
        let message = try JSONValue(parsing: line)
        let number = message["seq"]?.uint64 ?? 0
        stream = message["stream"]?.string ?? stream
        guard number == seq + 1 else {
            if number > seq + 1 { complaints.append("\(number) after \(seq)") }
            return message
        }
        seq = number
        let type = message["type"]?.string ?? ""
        if type == "retract" { retract(message) }
        guard ["opportunity", "watch", "close"].contains(type) else { return message }
        let id = message["id"]?.string ?? ""
        let rev = message["rev"]?.uint64 ?? 0
        if rev != (revisions[id] ?? 0) + 1 { complaints.append("rev \(rev) of \(id) after \(revisions[id] ?? 0)") }
        revisions[id] = rev
        before["\(id) \(rev)"] = .some(open[id])
        blocks["\(id) \(rev)"] = message["block"]?["hash"]?.string
        let account = message["account"]?.string?.lowercased() ?? ""
        open[id] = type == "close" ? nil : (type, account)
        if type == "opportunity", message["match"]?.string == "differs" { complaints.append("\(id) differs") }
        return message
    }

    private mutating func retract(_ message: JSONValue) {
        let orphan = message["orphanedBlockHash"]?.string
        for change in (message["revisions"]?.array ?? []).reversed() {
            let key = "\(change["id"]?.string ?? "") \(change["rev"]?.uint64 ?? 0)"
            if blocks[key] != orphan {
                complaints.append("\(key) is retracted and was not of \(orphan ?? "any block")")
            }
            retracted += 1
            guard let known = before[key] else { continue }
            open[change["id"]?.string ?? ""] = known
        }
    }

    /// The accounts of one type.
    func accounts(_ type: String) -> Set<String> {
        Set(open.values.filter { $0.type == type }.map(\.account))
    }
}
