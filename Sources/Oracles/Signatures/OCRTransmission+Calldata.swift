import Ethereum

extension OCRTransmission {
    /// Reads the calldata of `transmit` of either generation, or of `transmitSecondary`.
    ///
    /// Only the encoding whose length the contracts demand is read: tails in order, nothing between or behind them.
    ///
    /// - Throws: what is wrong with the bytes. Nothing is verified yet.
    public init(calldata: [UInt8]) throws(SignedDataError) {
        switch Array(calldata.prefix(4)) {
        case [0xc9, 0x80, 0x75, 0x39]: try self.init(first: WordReader(calldata.dropFirst(4)))
        case [0xb1, 0xdc, 0x65, 0xa4], [0xba, 0x0c, 0xb2, 0x9e]:
            try self.init(second: WordReader(calldata.dropFirst(4)))
        default: throw .malformed("no call of transmit")
        }
    }

    /// `transmit(bytes report, bytes32[] rs, bytes32[] ss, bytes32 rawVs)`.
    private init(first words: WordReader) throws(SignedDataError) {
        let parts = try Self.parts(words, head: 0)
        let report = try WordReader(parts.report)
        // abi.encode(bytes32 rawReportContext, bytes32 rawObservers, int192[] observations)
        try report.expectOffset(2, words: 3)
        let values = try Self.values(report, at: 3)
        guard report.count == 4 + values.count else { throw .trailingBytes }
        let context = try report.word(0).bigEndianBytes
        try self.init(
            generation: .ocr1, configDigest: Array(context[11..<27]),
            epochAndRound: try report.word(0).bits(0, count: 40).word0,
            observers: try report.word(1).bigEndianBytes[...], values: values, observationsTimestamp: nil,
            juelsPerFeeCoin: nil, digest: Keccak256.hash(parts.report), signatures: parts.signatures)
    }

    /// `transmit(bytes32[3] reportContext, bytes report, bytes32[] rs, bytes32[] ss, bytes32 rawVs)`.
    private init(second words: WordReader) throws(SignedDataError) {
        let parts = try Self.parts(words, head: 3)
        let report = try WordReader(parts.report)
        // abi.encode(uint32 observationsTimestamp, bytes32 rawObservers, int192[] observations, int192 juelsPerFeeCoin)
        try report.expectOffset(2, words: 4)
        let values = try Self.values(report, at: 4)
        guard report.count == 5 + values.count else { throw .trailingBytes }
        var hasher = Keccak256()
        hasher.update(Keccak256.hash(parts.report).bytes)
        for index in 0..<3 {
            hasher.update(try words.word(index).bigEndianBytes)
        }
        try self.init(
            generation: .ocr2, configDigest: try words.word(0).bigEndianBytes,
            epochAndRound: try words.word(1).bits(0, count: 40).word0,
            observers: try report.word(1).bigEndianBytes[...], values: values,
            observationsTimestamp: try report.unsigned(0, bits: 32), juelsPerFeeCoin: try report.int192(3),
            digest: hasher.finalize(), signatures: parts.signatures)
    }

    /// Report and signatures behind `head` words.
    private static func parts(
        _ words: WordReader, head: Int
    ) throws(SignedDataError) -> (report: ArraySlice<UInt8>, signatures: [ReportSignature]) {
        try words.expectOffset(head, words: head + 4)
        let length = try words.length(head + 4, most: 32 * (5 + OCRSignerSet.most))
        let report = try words.padded(head + 5, length: length)
        let first = head + 5 + (length + 31) / 32
        try words.expectOffset(head + 1, words: first)
        let count = try words.length(first, most: OCRSignerSet.most)
        let second = first + 1 + count
        try words.expectOffset(head + 2, words: second)
        guard try words.length(second, most: OCRSignerSet.most) == count else {
            throw .malformed("the halves of the signatures differ in number")
        }
        guard words.count == second + 1 + count else { throw .trailingBytes }
        let parities = try words.word(head + 3).bigEndianBytes
        guard parities[count...].allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
        var signatures: [ReportSignature] = []
        for index in 0..<count {
            signatures.append(
                ReportSignature(
                    r: try words.word(first + 1 + index), s: try words.word(second + 1 + index),
                    parity: parities[index]))
        }
        return (report, signatures)
    }

    /// An array of `int192` that begins with its length.
    private static func values(_ words: WordReader, at index: Int) throws(SignedDataError) -> [Int256] {
        let count = try words.length(index, most: OCRSignerSet.most)
        var values: [Int256] = []
        for offset in 0..<count {
            values.append(try words.int192(index + 1 + offset))
        }
        return values
    }
}
