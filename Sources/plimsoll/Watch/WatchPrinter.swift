import Foundation
import JSON
import Keeper
import Synchronization

/// Writes streams to stdout: every message as a line, or for people a line a block.
final class WatchPrinter: FeedConsumer {
    private let isTable: Bool
    private let tokens: [String]
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let broken = Mutex<OutputError?>(nil)

    /// - Parameter tokens: after which message of a stream to begin, `stream:seq`.
    init(isTable: Bool, resuming tokens: [String]) {
        self.isTable = isTable
        self.tokens = tokens
    }

    /// Why stdout takes nothing more.
    var failure: (any Error)? { broken.withLock { $0 } }

    func begin(_ feeds: [Feed]) throws {
        var points: [String: FeedPoint] = [:]
        for token in tokens {
            guard let feed = feeds.first(where: { token.hasPrefix($0.stream + ":") }) else {
                throw CommandStop(
                    .usage,
                    "--resume \(token): expected <stream>:<seq> of \(feeds.map(\.stream).joined(separator: ", "))")
            }
            do throws(FeedError) {
                points[feed.stream] = try FeedPoint(token: token, of: feed.stream)
            } catch {
                throw CommandStop(.usage, "--resume \(token): \(error)")
            }
        }
        for feed in feeds {
            do throws(FeedError) {
                add(try feed.subscribe(from: points[feed.stream] ?? .tail))
            } catch {
                throw CommandStop(.usage, "--resume: \(error)")
            }
        }
    }

    /// Each stream is written by a task of its own.
    private func add(_ subscription: FeedSubscription) {
        let task = Task { [isTable] in
            while let line = await subscription.next() {
                guard let bytes = isTable ? Self.row(line) : line.bytes + [UInt8(ascii: "\n")] else { continue }
                do throws(OutputError) {
                    try StandardStream.output.write(bytes)
                } catch {
                    self.broken.withLock { $0 = error }
                    return
                }
            }
        }
        tasks.withLock { $0.append(task) }
    }

    /// A terminal or pipe that takes its time gets it: the limit is for who ends the process.
    func finish(within seconds: Int) async {
        for task in tasks.withLock({ $0 }) { await task.value }
    }

    /// What people see: positions that open and close, and blocks.
    private static func row(_ line: FeedLine) -> [UInt8]? {
        guard let value = Result(catching: { () throws(JSONError) in try JSONValue(parsing: line.bytes) }).value else {
            return nil
        }
        let stream = value["stream"]?.string ?? ""
        let block = value["block"]?["number"]?.uint64.map { FixedPointText.grouped($0) } ?? ""
        var text = "\(stream)  \(block)  \(line.kind?.rawValue ?? "snapshot")"
        switch line.kind {
        case .opportunity?, .watch?:
            guard line.kind == .opportunity else { return nil }
            text += "  \(value["account"]?.string ?? "")  health \(value["hfProtocol"]?.string ?? "unknown")"
        case .close?: text += "  \(value["account"]?.string ?? "")  \(value["reason"]?.string ?? "")"
        case .head?:
            let counts = value["counts"]
            text +=
                "  \(counts?["open"]?.int ?? 0) liquidatable, \(counts?["watch"]?.int ?? 0) near, "
                + "\(counts?["unknown"]?.int ?? 0) unknown; \(value["evaluated"]?.int ?? 0) looked at, "
                + "\(value["elapsedMs"]?.int ?? 0) ms"
        case .retract?: text += "  \(value["revisions"]?.array?.count ?? 0) revisions"
        case .gap?, .status?: text += "  \(value["status"]?.string ?? value["reason"]?.string ?? "")"
        case .heartbeat?, nil: return nil
        }
        return Array(DisplayText.sanitized(text).utf8) + [UInt8(ascii: "\n")]
    }
}

extension Result {
    /// What came out, where something did.
    fileprivate var value: Success? { if case .success(let value) = self { value } else { nil } }
}
