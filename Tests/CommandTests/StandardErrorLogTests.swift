import Logging
import Testing

@testable import plimsoll

@Suite struct StandardErrorLogTests {
    @Test func writesOneSortedLine() {
        let line = StandardErrorLog.line(.warning, "slow\nnode", ["host": "eth.example", "at": "\u{1B}[2J"])
        #expect(line == "warning: slow\u{FFFD}node at=\u{FFFD}[2J host=eth.example\n")
    }
}
