import Chain
import JSON

/// Gigabytes a second of JSON text, in memory: the scanner, the hex decoder, and pages in one pass.
enum IngestDecoding {
    /// The bar of the house, in GB/s.
    private static let bar = 1.5

    static func run() {
        let body = IngestPage.body
        let data = "\"0x" + String(repeating: "0123456789abcdef", count: body.count / 16) + "\""
        let hex = Array(data.utf8)
        measure("json scanner, log page", body.count) { consume(try JSONScanner(body)) }
        do {
            let scanner = try JSONScanner(hex)
            measure("hex decoder", hex.count) { consume(try scanner.hexData(scanner.root)) }
        } catch {
            consume(error)
        }
        measure("log page in one pass", body.count, logs: IngestPage.logs) {
            let scanner = try JSONScanner(body, pages: JSONPages(LogPage.self, most: 1))
            let page = scanner.page(try scanner.require(scanner.root, "result"), as: LogPage.self)
            precondition(page?.count == IngestPage.logs, "the page is read in one pass")
            consume(page)
        }
        proven()
    }

    /// What the proof of a page costs beside its reading: every header hashed again, every wanted log looked for in the
    /// header's filter, every block's receipts hashed up to the header's root.
    private static func proven() {
        do {
            let blocks = try IngestBlock.chain(count: 20)
            let read = try seconds { for block in blocks { consume(try block.read()) } }
            let headers = try seconds { for block in blocks { consume(try block.header()) } }
            let proof = try seconds { for block in blocks { try block.prove(try block.read()) } }
            let logs = Double(blocks.count * IngestBlock.logs)
            Ingest.print([
                ("case", "\"proven logs\""), ("logsABlock", "\(IngestBlock.logs)"),
                ("readNanosecondsALog", Ingest.text(read * 1e9 / logs)),
                ("headerMicrosecondsABlock", Ingest.text(headers * 1e6 / Double(blocks.count))),
                ("provenNanosecondsALog", Ingest.text(proof * 1e9 / logs)),
                ("ratio", Ingest.text(proof / read)),
            ])
        } catch {
            preconditionFailure("blocks of our own are proven: \(error)")
        }
    }

    private static func measure(_ name: String, _ bytes: Int, logs: Int? = nil, _ run: () throws -> Void) {
        let seconds: Double
        do {
            seconds = try self.seconds(run)
        } catch {
            preconditionFailure("a page of our own is read: \(error)")
        }
        let speed = Double(bytes) / seconds / 1e9
        var fields = [
            ("case", "\"\(name)\""), ("gigabytesASecond", Ingest.text(speed)), ("target", Ingest.text(bar)),
            ("held", "\(speed >= bar)"),
        ]
        if let logs { fields.append(("nanosecondsALog", Ingest.text(seconds * 1e9 / Double(logs)))) }
        Ingest.print(fields)
    }

    /// The median of many runs, after two that only warm the caches up.
    private static func seconds(_ run: () throws -> Void) rethrows -> Double {
        var samples: [Double] = []
        for _ in 0..<103 {
            let start = ContinuousClock.now
            try run()
            samples.append(Ingest.seconds(ContinuousClock.now - start))
        }
        return samples.dropFirst(2).sorted()[50]
    }
}
