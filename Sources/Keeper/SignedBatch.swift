public import Ethereum
public import JSON

/// Why a batch is not signed, or not to be believed.
public enum SignedBatchError: Error, Hashable, Sendable {
    /// A record is no JSON, or has no canonical form.
    case record(String)
    /// The library refused.
    case signing(String)
    /// A batch does not follow on the one before, or does not cover its records.
    case broken(String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SignedBatchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .record(let what): "a record cannot be signed: \(what)"
        case .signing(let what): "signing failed: \(what)"
        case .broken(let what): what
        }
    }
}

/// A line of a signed file: the batch that the records of its stream since the last such line form, with its signature.
public struct SignedBatch: Hashable, Sendable {
    /// The stream's name; the batch has its hash.
    public let stream: String
    /// The batch.
    public let batch: FeedBatch
    /// Whose signature it is said to be.
    public let signer: Address
    /// 65 bytes in hex.
    public let signature: String

    /// The chain that a stream's name begins with.
    public static func chainID(of stream: String) -> UInt64? {
        stream.split(separator: "/").first.flatMap { UInt64($0) }
    }

    /// The root of records after another root.
    ///
    /// - Throws: `.record` where one has no canonical form.
    public static func root(of records: [[UInt8]], after prevRoot: Hash32) throws(SignedBatchError) -> Hash32 {
        var canonical: [[UInt8]] = []
        for record in records {
            do throws(JSONError) {
                canonical.append(try JSONValue(parsing: record).canonical())
            } catch {
                throw .record("\(error)")
            }
        }
        return FeedBatch.root(of: canonical, after: prevRoot)
    }

    /// Signs records.
    ///
    /// - Parameters:
    ///   - block: the block that they are about.
    ///   - prevRoot: the root of the stream's batch before, zero for the first.
    /// - Throws: `.record`, `.signing`.
    public init(
        of records: [[UInt8]], stream: String, seqs: ClosedRange<UInt64>, block: (number: UInt64, hash: Hash32),
        after prevRoot: Hash32, by key: Secp256k1.PrivateKey
    ) throws(SignedBatchError) {
        guard let chainID = Self.chainID(of: stream) else { throw .signing("the stream's name has no chain") }
        self.stream = stream
        batch = FeedBatch(
            stream: Keccak256.hash(Array(stream.utf8)), firstSeq: seqs.lowerBound, lastSeq: seqs.upperBound,
            blockNumber: block.number, blockHash: block.hash, prevRoot: prevRoot,
            root: try Self.root(of: records, after: prevRoot))
        signer = key.address
        do throws(Secp256k1Error) {
            signature = try batch.signature(chainID: chainID, by: key).hex
        } catch {
            throw .signing("\(error)")
        }
    }

    /// Reads a line; nil where it is none of a batch.
    public init?(line: [UInt8]) {
        do throws(JSONError) {
            self.init(try JSONValue(parsing: line))
        } catch {
            return nil
        }
    }

    /// Reads a value; nil where it is none of a batch.
    public init?(_ value: JSONValue) {
        guard value["type"]?.string == "batch", let stream = value["stream"]?.string,
            let first = value["firstSeq"]?.uint64, let last = value["lastSeq"]?.uint64,
            let number = value["block"]?["number"]?.uint64,
            let hash = value["block"]?["hash"]?.string.flatMap({ Hash32(hex: $0) }),
            let prevRoot = value["prevRoot"]?.string.flatMap({ Hash32(hex: $0) }),
            let root = value["root"]?.string.flatMap({ Hash32(hex: $0) }),
            let signer = value["signer"]?.string.flatMap({ Address(checksummed: $0[...]) }),
            let signature = value["signature"]?.string
        else { return nil }
        self.stream = stream
        batch = FeedBatch(
            stream: Keccak256.hash(Array(stream.utf8)), firstSeq: first, lastSeq: last, blockNumber: number,
            blockHash: hash, prevRoot: prevRoot, root: root)
        self.signer = signer
        self.signature = signature
    }

    /// The line, without its end.
    public var line: [UInt8] {
        let value: JSONValue = [
            "v": .integer(FeedMessage.version), "type": "batch", "stream": .string(stream),
            "firstSeq": .integer(batch.firstSeq), "lastSeq": .integer(batch.lastSeq),
            "block": ["number": .integer(batch.blockNumber), "hash": .string(batch.blockHash.hex)],
            "prevRoot": .string(batch.prevRoot.hex), "root": .string(batch.root.hex),
            "signer": .string(signer.checksummed), "signature": .string(signature),
        ]
        return value.serialized()
    }

    /// Checks the signature.
    ///
    /// - Throws: `.malformed`, `.mismatch`.
    public func verify() throws(SignatureError) {
        guard let chainID = Self.chainID(of: stream) else { throw .malformed(expected: "a stream with a chain") }
        let parsed: Secp256k1.Signature
        do {
            parsed = try Secp256k1.Signature(bytes: try Hex.decode(signature[...], prefix: .required))
        } catch {
            throw .malformed(expected: "a signature of 65 bytes that ends in 27 or 28")
        }
        try batch.verify(parsed, chainID: chainID, by: signer)
    }
}
