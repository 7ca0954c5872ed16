import ArgumentParser
import Networks
import Testing

@testable import plimsoll

@Suite struct ProgramTests {
    private func ending(_ error: any Error) -> Program.Ending { Program.ending(for: error, root: Plimsoll.self) }

    @Test func keepsTheNumbersOfSysexits() {
        #expect(ProgramStatus.allCases.map(\.rawValue) == [0, 64, 65, 69, 70, 74, 75, 78])
    }

    @Test func endsQuietlyWhenTheReaderLeaves() {
        #expect(ending(OutputError.closed) == Program.Ending(status: .complete))
    }

    @Test func saysWhatCouldNotBeWritten() {
        let expected = Program.Ending(
            status: .cannotWrite, standardError: "plimsoll: cannot write to standard output: no space left on device\n")
        #expect(ending(OutputError.failed(stream: "standard output", reason: "no space left on device")) == expected)
    }

    @Test(arguments: [
        (NetworkFileError.unreadable(file: "f", reason: "r"), ProgramStatus.networkFile),
        (.unknownNetwork("x", known: []), .networkFile), (.noEndpoint(network: "x", variable: "V"), .networkFile),
        (.otherChain(file: "f", stated: 1, endpoint: "e", answered: 2), .networkFile),
        (.badURL(origin: "--rpc"), .usage),
        (.unknownMarket("x", network: "n", known: []), .usage),
    ])
    func sortsNetworkErrors(error: NetworkFileError, status: ProgramStatus) {
        #expect(ending(error).status == status)
    }

    @Test func stopsWithWhatTheCommandSays() {
        #expect(ending(CommandStop(.partial)) == Program.Ending(status: .partial))
        let text = ending(CommandStop(.noEndpoint, "no\u{1B}[2Jone")).standardError
        #expect(text == "plimsoll: no\u{FFFD}[2Jone\n")
    }

    @Test func callsTheRestADefect() {
        struct Strange: Error {}
        #expect(ending(Strange()).status == .defect)
    }

    @Test func printsHelpOnStandardOutput() throws {
        let error = try #require(throws: (any Error).self) {
            var command = try Plimsoll.parseAsRoot(["--help"])
            try command.run()
        }
        let ending = self.ending(error)
        #expect(ending.status == .complete)
        #expect(ending.standardOutput.hasPrefix("OVERVIEW: "))
        #expect(ending.standardError.isEmpty)
    }
}

@Suite struct TerminalTests {
    @Test func isPlainWithoutATerminal() {
        let file = StandardStream(descriptor: -1, name: "nothing")
        #expect(Terminal.of(file, noColor: false, environment: ["COLUMNS": "40"]) == .plain)
    }

    @Test func reportsAClosedDescriptor() {
        #expect(throws: OutputError.failed(stream: "nothing", reason: "bad file descriptor")) {
            try StandardStream(descriptor: -1, name: "nothing").write([1])
        }
    }
}

@Suite struct NetworkListingTests {
    private func text(_ format: Format) throws -> String {
        let catalog = NetworkCatalog()
        return NetworkListing.text([try catalog.network("gnosis")], format: format, terminal: .plain)
    }

    @Test func listsMarketsUnderTheirNetwork() throws {
        #expect(
            try text(.table) == """
                NETWORK  CHAIN ID  MARKET  PROTOCOL  FROM BLOCK  ENTRY POINT
                gnosis        100  core    aave-v3   30,293,054  0x36616cf17557639614c1cdDb356b1B83fc0B2132
                                   spark   spark     26,000,000  0xA98DaCB3fC964A6A0d2ce3B77294241585EAbA6d

                """)
    }

    @Test func listsMarketsForPrograms() throws {
        #expect(try text(.ndjson).hasPrefix("{\"name\":\"gnosis\",\"chainId\":100,"))
        #expect(try text(.json).hasPrefix("[{\"name\":\"gnosis\""))
        #expect(try text(.csv).split(separator: "\r\n").count == 3)
    }
}
