import Chain
import Ethereum
import Glibc
import JSONRPC

/// Reads every log of a loopback node through the whole of the library, or one page in memory, and prints JSON lines.
struct Ingest {
    private enum Mode {
        /// Over HTTP, from a URL, the blocks `from` to `to`.
        case scan(url: String, from: UInt64)
        /// In memory.
        case decode
    }

    static let pool = Address(a: 0x8787_0BCA_3F3F_D633, b: 0x5C3F_4CE8_392D_6935, c: 0x0B4F_A4E2)
    static let borrow =
        Hash32(
            hex: "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0") ?? .zero

    private let mode: Mode

    /// `nil` where the command line asks for something else.
    init?(_ arguments: ArraySlice<String>) {
        let arguments = Array(arguments)
        switch (arguments.first, arguments.count) {
        case ("ingest", 3):
            guard let from = UInt64(arguments[2]) else { return nil }
            mode = .scan(url: arguments[1], from: from)
        case ("ingest-decode", 1): mode = .decode
        default: return nil
        }
    }

    func run() async throws {
        switch mode {
        case .scan(let url, let from): try await scan(url, from)
        case .decode: IngestDecoding.run()
        }
    }

    private func scan(_ url: String, _ from: UInt64) async throws {
        let client = RPCClient(endpoint: try Endpoint(url: url), transport: try CurlTransport(), concurrency: 8)
        let snapshot = try await Snapshot(of: client, chainId: 1, at: .latest, multicall: nil)
        let query = LogQuery(addresses: [Self.pool], topics: [[Self.borrow]])
        let total = snapshot.block.number - from + 1
        var sum: UInt64 = 0
        var last: UInt64 = 0
        var early = 0
        let began = ContinuousClock.now
        let cpu = Self.cpuSeconds
        let outcome = await LogScanner(snapshot, inFlight: 8).scan(query, from: from) { page in
            for log in page.logs {
                // What an index does with a log: who, what and how much; and the order must hold.
                precondition(log.blockNumber >= last, "logs arrive in the order of the chain")
                last = log.blockNumber
                sum &+= log.address.b &+ (log.topic(2)?.word.word0 ?? 0) &+ (log.word(1)?.word0 ?? 0) &+ log.logIndex
            }
            if early == 0, last - from > total / 10 { early = Self.peakKiB }
        }
        let seconds = Self.seconds(ContinuousClock.now - began)
        let used = Self.cpuSeconds - cpu
        precondition(outcome.gaps.isEmpty, "every page was read: \(outcome.gaps)")
        Self.print([
            ("case", "\"ingest\""), ("logs", "\(outcome.logs)"), ("seconds", Self.text(seconds)),
            ("logsASecond", "\(Int(Double(outcome.logs) / seconds))"),
            ("cpuSeconds", Self.text(used)), ("cpuMicrosecondsALog", Self.text(used * 1e6 / Double(outcome.logs))),
            ("peakMiBAfterATenth", "\(early >> 10)"), ("peakMiB", "\(Self.peakKiB >> 10)"), ("sum", "\(sum)"),
        ])
    }

    static func print(_ fields: [(String, String)]) {
        Swift.print("{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
    }

    /// Three decimals.
    static func text(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let digits = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static var usage: rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }

    /// Processor time of this process, the kernel's part included.
    static var cpuSeconds: Double {
        let usage = usage
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    static var peakKiB: Int { usage.ru_maxrss }
}
