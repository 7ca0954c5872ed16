import ABI
public import Ethereum

/// A `NewTransmission` event: the report that the aggregator took, with what it made of it.
public struct OCRTransmissionEvent: Hashable, Sendable {
    /// The aggregator's round, without the proxy's phase.
    public let aggregatorRoundID: UInt64
    /// The answer that was stored.
    public let answer: Int256
    /// Who sent the report.
    public let transmitter: Address
    /// The report.
    public let transmission: OCRTransmission

    /// `NewTransmission` of OCR1.
    public static let topicOCR1 = Keccak256.hash(
        "NewTransmission(uint32,int192,address,int192[],bytes,bytes32)".utf8)
    /// `NewTransmission` of OCR2.
    public static let topicOCR2 = Keccak256.hash(
        "NewTransmission(uint32,int192,address,uint32,int192[],bytes,int192,bytes32,uint40)".utf8)

    /// Reads a log of either generation.
    ///
    /// - Throws: `.malformed` where it is no such event, or the stored answer is not the median of the observations.
    public init(topics: [Hash32], data: [UInt8]) throws(SignedDataError) {
        guard topics.count == 2, let round = topics[1].word.asUInt64(), round <= UInt32.max else {
            throw .malformed("no NewTransmission")
        }
        aggregatorRoundID = round
        switch topics[0] {
        case Self.topicOCR1:
            let fields = try Self.fields(data, ["int192", "address", "int192[]", "bytes", "bytes32"])
            guard case (.int(let answer), .address(let transmitter)) = (fields[0], fields[1]),
                case (.array(let values), .bytes(let observers)) = (fields[2], fields[3]),
                case .fixedBytes(let context) = fields[4]
            else { throw .malformed("no NewTransmission of OCR1") }
            (self.answer, self.transmitter) = (answer, transmitter)
            transmission = try OCRTransmission(
                generation: .ocr1, configDigest: Array(context.word.bigEndianBytes[11..<27]),
                epochAndRound: context.word.bits(0, count: 40).word0, observers: observers[...],
                values: Self.integers(values), observationsTimestamp: nil, juelsPerFeeCoin: nil, digest: nil,
                signatures: [])
            guard observers.count == values.count else { throw .malformed("observers and observations differ") }
        case Self.topicOCR2:
            let fields = try Self.fields(
                data,
                ["int192", "address", "uint32", "int192[]", "bytes", "int192", "bytes32", "uint40"])
            guard case (.int(let answer), .address(let transmitter)) = (fields[0], fields[1]),
                case (.uint(let time), .array(let values)) = (fields[2], fields[3]),
                case (.bytes(let observers), .int(let juels)) = (fields[4], fields[5]),
                case (.fixedBytes(let config), .uint(let epochAndRound)) = (fields[6], fields[7])
            else { throw .malformed("no NewTransmission of OCR2") }
            (self.answer, self.transmitter) = (answer, transmitter)
            transmission = try OCRTransmission(
                generation: .ocr2, configDigest: config.word.bigEndianBytes,
                epochAndRound: epochAndRound.word0, observers: observers[...], values: Self.integers(values),
                observationsTimestamp: time.word0, juelsPerFeeCoin: juels, digest: nil, signatures: [])
            guard observers.count == values.count else { throw .malformed("observers and observations differ") }
        default: throw .malformed("no NewTransmission")
        }
        guard transmission.answer == answer else { throw .malformed("the answer is not the median") }
    }

    private static func fields(_ data: [UInt8], _ types: [String]) throws(SignedDataError) -> [ABIValue] {
        do {
            var parsed: [ABIType] = []
            for type in types {
                parsed.append(try ABIType(parsing: type))
            }
            return try ABICoder.decode(data, as: parsed, limits: .exact)
        } catch {
            throw .malformed("no NewTransmission: \(error)")
        }
    }

    private static func integers(_ values: [ABIValue]) -> [Int256] {
        values.compactMap { if case .int(let value) = $0 { value } else { nil } }
    }
}
