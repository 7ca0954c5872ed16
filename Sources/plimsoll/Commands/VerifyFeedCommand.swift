import ArgumentParser
import Ethereum
import Foundation
import JSON
import Keeper

/// `plimsoll verify-feed`: whether a signed feed is what its publisher wrote.
struct VerifyFeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-feed",
        abstract: "Checks the files that a signed sink wrote: signatures, order, and that nothing is missing.",
        discussion: "Several files are read as one feed, the oldest first: feed.ndjson.2 feed.ndjson.1 feed.ndjson.")

    @Argument(help: "The files.")
    var files: [String]

    @Option(help: ArgumentHelp("Who has to have signed.", valueName: "address"), transform: ScanOptions.address)
    var signer: Address?

    @OptionGroup var output: OutputOptions

    func run() throws {
        var check = SignedFileCheck()
        for file in files { try read(file, &check) }
        do throws(SignedBatchError) {
            try check.finish()
        } catch {
            throw CommandStop(.refusedData, "\(files.last ?? ""): \(error)")
        }
        for (stream, chain) in check.streams.sorted(by: { $0.key < $1.key }) {
            if let signer, chain.signer != signer {
                throw CommandStop(
                    .refusedData, "\(stream) is signed by \(chain.signer.checksummed), not \(signer.checksummed)")
            }
        }
        guard !check.streams.isEmpty else { throw CommandStop(.refusedData, "no batch was found") }
        var buffer = OutputBuffer.standardOutput()
        for (stream, chain) in check.streams.sorted(by: { $0.key < $1.key }) { try write(stream, chain, &buffer) }
        try buffer.flush()
    }

    private func read(_ file: String, _ check: inout SignedFileCheck) throws {
        var number = 0
        do throws(FeedError) {
            var lines = try FeedLines(path: file)
            while let line = try lines.next() {
                number += 1
                do throws(SignedBatchError) {
                    try check.take(line)
                } catch {
                    throw FeedError.damaged(file: file, line: number, what: "\(error)")
                }
            }
        } catch {
            throw CommandStop(.refusedData, "\(error)")
        }
    }

    private func write(_ stream: String, _ chain: SignedFileCheck.Chain, _ buffer: inout OutputBuffer) throws {
        let whole = chain.isFromTheStart ? "from the beginning" : "from the middle of the stream on"
        if output.effectiveFormat == .table {
            let text =
                "\(DisplayText.sanitized(stream))  \(chain.messages) messages in \(chain.batches) batches, "
                + "\(chain.seqs.lowerBound) to \(chain.seqs.upperBound), \(whole); signed by "
                + "\(chain.signer.checksummed); root \(chain.root.hex)\n"
            return try buffer.append(Array(text.utf8))
        }
        let record: JSONValue = [
            "type": "verified", "stream": .string(stream), "signer": .string(chain.signer.checksummed),
            "batches": .integer(chain.batches), "messages": .integer(chain.messages),
            "firstSeq": .integer(chain.seqs.lowerBound), "lastSeq": .integer(chain.seqs.upperBound),
            "root": .string(chain.root.hex), "fromTheStart": .bool(chain.isFromTheStart),
        ]
        try buffer.append(record.serialized() + [UInt8(ascii: "\n")])
    }
}
