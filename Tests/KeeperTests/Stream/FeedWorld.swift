import Chain
import Ethereum
import Foundation
import JSON
import TestSupport

@testable import Keeper

/// A made-up chain whose blocks bring made-up positions, with what a consumer should know after each block.
struct FeedWorld {
    static let stream = "1/aave-v3/core"

    /// A folder that is gone after the test.
    final class Folder {
        let path: String
        init(below parent: String = FileManager.default.temporaryDirectory.path) {
            path = parent + "/feed-\(UUID().uuidString)"
        }
        deinit {
            do { try FileManager.default.removeItem(atPath: path) } catch {}
        }
    }

    /// What is open in truth, by position, as (kind, material), at each block of the current chain.
    struct Truth: Equatable {
        var open: [Hash32: String] = [:]
    }

    var random: SeededGenerator
    var chain: [(block: Block, truth: Truth)] = []
    private var made: UInt64 = 0

    init(seed: Seed) {
        random = seed.generator
        chain = [(block(number: 0, parent: Hash32(word: .zero)), Truth())]
    }

    static func id(_ number: Int) -> Hash32 { Keccak256.hash("position \(number)".utf8) }

    private mutating func block(number: UInt64, parent: Hash32) -> Block {
        made += 1
        return Block(
            number: number, hash: Keccak256.hash("block \(made)".utf8), parentHash: parent, timestamp: 1_000 + number,
            baseFeePerGas: nil)
    }

    /// The next block, with random changes; what `owed` holds is part of it whatever changed.
    mutating func next(owed: Set<Hash32>) -> FeedBlock {
        let last = chain[chain.count - 1]
        let block = block(number: last.block.number + 1, parent: last.block.hash)
        var truth = last.truth
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let id = Self.id(Int.random(in: 0..<12, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: truth.open[id] = nil
            case 1: truth.open[id] = "opportunity \(Int.random(in: 0..<3, using: &random))"
            default: truth.open[id] = "watch \(Int.random(in: 0..<3, using: &random))"
            }
        }
        chain.append((block, truth))
        let gone = Set(last.truth.open.keys).union(owed).subtracting(truth.open.keys)
        return FeedBlock(
            block: block, items: truth.open.sorted { $0.key < $1.key }.map(Self.item),
            closed: gone.sorted().map { ($0, .healed, JSONObject()) }, summary: ["count": .integer(truth.open.count)])
    }

    private static func item(_ id: Hash32, _ text: String) -> FeedItem {
        FeedItem(
            id: id, kind: text.hasPrefix("opportunity") ? .opportunity : .watch, cause: .price,
            material: Keccak256.hash(text.utf8), body: { ["state": .string(text)] })
    }

    /// Takes blocks back.
    ///
    /// - Returns: their hashes, the newest first.
    mutating func reorganise(depth: Int) -> [Hash32] {
        let gone = chain.suffix(min(depth, chain.count - 1)).reversed().map(\.block.hash)
        chain.removeLast(gone.count)
        return gone
    }

    var truth: Truth { chain[chain.count - 1].truth }
}

/// A consumer that knows nothing but the lines it was given, and believes the rules of the feed.
struct FeedConsumer {
    var open: [Hash32: (rev: UInt64, state: String)] = [:]
    var seq: UInt64 = 0
    var revisions: [Hash32: UInt64] = [:]
    /// What each revision took the place of, for taking it back.
    private var before: [Hash32: [UInt64: (rev: UInt64, state: String)?]] = [:]
    /// What breaks a rule.
    var complaints: [String] = []

    mutating func take(_ line: FeedLine, mayRepeat: Bool = false) {
        guard let value = Result(catching: { try JSONValue(parsing: line.bytes) }).success else {
            return complaints.append("not JSON")
        }
        let type = value["type"]?.string
        if type == "snapshot" {
            open = [:]
            seq = value["snapshotSeq"]?.uint64 ?? 0
            return
        }
        let number = value["seq"]?.uint64 ?? 0
        if number > seq, number != seq + 1 { complaints.append("\(number) after \(seq)") }
        let isOld = number <= seq
        if isOld, !mayRepeat { complaints.append("\(number) again after \(seq)") }
        seq = max(seq, number)
        guard let id = value["id"]?.string.flatMap({ Hash32(hex: $0) }), let rev = value["rev"]?.uint64 else {
            if type == "retract" { retract(value) }
            return
        }
        guard rev > (revisions[id] ?? 0) else {
            if !mayRepeat { complaints.append("rev \(rev) again") }
            return
        }
        revisions[id] = rev
        before[id, default: [:]][rev] = .some(open[id])
        open[id] = type == "close" ? nil : (rev, value["state"]?.string ?? "")
    }

    private mutating func retract(_ value: JSONValue) {
        for change in (value["revisions"]?.array ?? []).reversed() {
            guard let id = change["id"]?.string.flatMap({ Hash32(hex: $0) }), let rev = change["rev"]?.uint64 else {
                complaints.append("retract without id and rev")
                continue
            }
            guard let known = before[id]?[rev] else { continue }
            open[id] = known
        }
    }

    var states: [Hash32: String] { open.mapValues(\.state) }
}

extension Result {
    /// What came out, where something did.
    var success: Success? { if case .success(let value) = self { value } else { nil } }
}
