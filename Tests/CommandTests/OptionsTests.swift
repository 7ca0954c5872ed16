import ArgumentParser
import Ethereum
import Logging
import Testing

@testable import plimsoll

/// A command with every option group, as `scan` has them.
private struct Everything: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "One pass at one pinned block.", helpNames: .long)
    @Argument var market: [String] = []
    @OptionGroup var scan: ScanOptions
    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions
}

@Suite struct OptionsTests {
    private func parse(_ arguments: String...) throws -> Everything {
        try #require(try Everything.parseAsRoot(arguments) as? Everything)
    }

    @Test func hasTheDefaultsOfTheContract() throws {
        let command = try parse()
        #expect(command.chain.block == .latest)
        #expect(command.scan.sort == .urgency)
        #expect(command.output.logLevel == .warning)
        #expect(command.chain.rpc.isEmpty && command.scan.account.isEmpty)
    }

    @Test func takesSeveralAccountsAndEndpoints() throws {
        let one = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e"
        let command = try parse("core", "--account", one, one.lowercased(), "--rpc", "http://a", "--rpc", "http://b")
        #expect(command.market == ["core"])
        #expect(command.scan.account.map(\.checksummed) == [one, one])
        #expect(command.chain.rpc == ["http://a", "http://b"])
    }

    @Test(
        arguments: [
            ("latest", .latest), ("safe", .safe), ("finalized", .finalized), ("0", .number(0)), ("0x1f", .number(31)),
            ("18446744073709551615", .number(.max)),
            ("0x" + String(repeating: "AB", count: 32), .hash("0x" + String(repeating: "ab", count: 32))),
        ] as [(String, BlockChoice)])
    func readsBlocks(text: String, block: BlockChoice) {
        #expect(BlockChoice(argument: text) == block)
    }

    @Test(arguments: [
        "", "pending", "-1", "+1", "1.5", "0x", "0xg", "18446744073709551616", "0x10000000000000000", "１",
    ])
    func refusesOtherBlocks(text: String) {
        #expect(BlockChoice(argument: text) == nil)
    }

    @Test(arguments: [
        ("1.05", 18, "1050000000000000000"), ("1,000_000", 8, "100000000000000"), (".5", 1, "5"), ("0.129", 2, "12"),
    ])
    func readsDecimalsExactly(text: String, decimals: Int, units: String) throws {
        let number = try #require(DecimalNumber(argument: text))
        #expect(try number.scaled(to: decimals, .down).description == units)
    }

    @Test(arguments: ["", ".", "1.", "1.2.3", "-1", "1e3", "x", "0." + String(repeating: "1", count: 37)])
    func refusesOtherDecimals(text: String) {
        #expect(DecimalNumber(argument: text) == nil)
    }

    @Test func roundsAsAskedAndReportsOverflow() throws {
        let number = try #require(DecimalNumber(argument: "0.121"))
        #expect(try number.scaled(to: 2, .up) == 13)
        #expect(throws: MathError.overflow) { try DecimalNumber(argument: "10")?.scaled(to: 77, .down) }
    }

    struct Mistake: Sendable {
        let arguments: [String]
        let text: String
    }

    @Test(arguments: [
        Mistake(arguments: ["--top", "0"], text: "--top: expected a number from 1, got 0"),
        Mistake(arguments: ["--state", "x", "--no-state"], text: "--state and --no-state exclude each other"),
        Mistake(arguments: ["--record", "x", "--replay", "y"], text: "--record and --replay exclude each other"),
        Mistake(arguments: ["--rpc", "ws://h/KEY"], text: "--rpc: expected an http:// or https:// URL with a host"),
        Mistake(
            arguments: ["--account", "0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e"], text: "EIP-55 form is 0x2f39d2"),
        Mistake(arguments: ["--block", "pending"], text: "The value 'pending' is invalid for '--block <block>'"),
        Mistake(arguments: ["--sort", "x"], text: "'x'"),
        Mistake(arguments: ["--nope"], text: "Unknown option '--nope'"),
    ])
    func endsWithUsageOnStandardError(mistake: Mistake) throws {
        let error = try #require(throws: (any Error).self) { try Everything.parseAsRoot(mistake.arguments) }
        let ending = Program.ending(for: error, root: Everything.self)
        #expect(ending.status == .usage)
        #expect(ending.standardOutput.isEmpty)
        #expect(ending.standardError.contains(mistake.text))
        #expect(!ending.standardError.contains("KEY"))
    }

    @Test func helpFitsAScreen() {
        for columns in [80, 100] {
            let lines = Everything.helpMessage(columns: columns).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 50)
            #expect(lines.allSatisfy { DisplayText.width($0) <= columns })
        }
    }

    @Test func limitsAreNamedAndBounded() throws {
        let network = ["--network", "base"]
        #expect(throws: Never.self) {
            try ServeRunCommand.parse(network + ["--limit", "streams=32", "--limit", "headerSeconds=5"])
        }
        for text in [
            "streams", "streams=", "streams=0", "streams=1e3", "streams=-1", "stream=3", "=3", "burst=9999999",
        ] {
            #expect(throws: (any Error).self, "\(text)") {
                try ServeRunCommand.parse(network + ["--limit", text])
            }
        }
    }
}
