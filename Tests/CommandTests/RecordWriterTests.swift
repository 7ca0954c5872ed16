import JSON
import Synchronization
import Testing

@testable import plimsoll

/// Keeps what was written.
private final class Written: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func buffer() -> OutputBuffer {
        OutputBuffer { piece throws(OutputError) in self.bytes.withLock { $0 += piece } }
    }
}

@Suite struct RecordWriterTests {
    private let record: JSONValue = [
        "v": 1, "account": "0xab", "block": ["number": 7, "hash": "0xcd"], "match": "equal", "liquidatable": true,
        "valueUnit": ["symbol": "U,\"S\"", "decimals": 8], "hfProtocol": nil, "collateral": [["asset": "x"]],
    ]

    private func write(_ format: RecordWriter.Format) throws -> String {
        let written = Written()
        var writer = try RecordWriter(format, to: written.buffer())
        try writer.write(record)
        try writer.write(["account": "0xef"])
        try writer.finish(head: ["type": "head"])
        return written.text
    }

    @Test func writesOneRecordALine() throws {
        let lines = try write(.ndjson).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0] == record.description)
        #expect(lines[2] == "{\"type\":\"head\"}")
    }

    @Test func writesOneObject() throws {
        #expect(try write(.json) == "{\"head\":{\"type\":\"head\"},\"positions\":[\(record),{\"account\":\"0xef\"}]}\n")
    }

    @Test func writesScalarsAsRows() throws {
        let lines = try write(.csv).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("chainId,network,protocol,deployment,market,account,accountId,block.number,"))
        #expect(lines[1] == ",,,,,0xab,,7,0xcd,,,,,equal,true,,,,,,,\"U,\"\"S\"\"\",8,,,,,1")
        #expect(lines[3].isEmpty)
        for line in [lines[0], lines[2]] { #expect(line.filter { $0 == "," }.count == RecordWriter.columns.count - 1) }
    }

    @Test(arguments: [
        (["a", "b"], "a,b\r\n"), (["a,b"], "\"a,b\"\r\n"), (["say \"x\""], "\"say \"\"x\"\"\"\r\n"),
        (["a\r\nb"], "\"a\r\nb\"\r\n"), (["a\nb", ""], "\"a\nb\",\r\n"), ([" a", "b "], "\" a\",\"b \"\r\n"),
    ])
    func quotesByRFC4180(fields: [String], row: String) {
        #expect(CSVWriter.row(fields) == row)
    }

    @Test func passesFailuresOn() throws {
        let buffer = OutputBuffer { _ throws(OutputError) in throw OutputError.failed(stream: "s", reason: "full") }
        var writer = try RecordWriter(.ndjson, to: buffer)
        try writer.write(record)
        #expect(throws: OutputError.failed(stream: "s", reason: "full")) { try writer.finish(head: nil) }
    }
}
