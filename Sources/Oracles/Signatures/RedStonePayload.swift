public import Ethereum

/// Prices that one RedStone node signed together.
public struct RedStonePackage: Hashable, Sendable {
    /// One feed's value.
    public struct Point: Hashable, Sendable {
        /// The feed: its name in UTF-8 behind which zeros stand, or the hash of a longer one.
        public let feed: Hash32
        /// The value, by default in units of 10^-8.
        public let value: UInt256
    }

    /// When the prices were made, in milliseconds.
    public let timestampMilliseconds: UInt64
    /// The prices.
    public let points: [Point]
    /// What is signed: the hash of the package, without a prefix.
    public let digest: Hash32
    let r: UInt256
    let s: UInt256
    let v: UInt8
}

/// What a RedStone consumer finds at the end of its calldata: signed packages and a marker.
///
/// Source: redstone-finance/redstone-oracles-monorepo packages/protocol/src/redstone-payload and
/// packages/protocol/src/common/redstone-constants.ts@b9dea4ff. Everything is read from the end.
public struct RedStonePayload: Hashable, Sendable {
    /// The most packages of one payload that are read.
    public static let mostPackages = 512
    /// The end of every payload.
    static let marker: [UInt8] = [0x00, 0x00, 0x02, 0xED, 0x57, 0x01, 0x1E, 0x00, 0x00]

    /// The packages, in their order.
    public let packages: [RedStonePackage]
    /// A remark of the sender that nobody signs.
    public let unsignedMetadata: [UInt8]

    /// Reads a payload; nothing is verified yet.
    ///
    /// - Parameter isEmbedded: whether calldata of the call itself stand before it; else the payload is all there is.
    public init(parsing bytes: [UInt8], isEmbedded: Bool = false) throws(SignedDataError) {
        var end = BackwardReader(bytes[...])
        guard try Array(end.take(Self.marker.count)) == Self.marker else { throw .malformed("no RedStone marker") }
        unsignedMetadata = Array(try end.take(Int(try end.integer(3))))
        let count = Int(try end.integer(2))
        guard count > 0, count <= Self.mostPackages else { throw .malformed("\(count) data packages") }
        var packages: [RedStonePackage] = []
        for _ in 0..<count {
            packages.append(try end.package())
        }
        guard isEmbedded || end.isEmpty else { throw .trailingBytes }
        self.packages = packages.reversed()
    }
}

/// Reads packed data from the back.
private struct BackwardReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func take(_ count: Int) throws(SignedDataError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count else { throw .truncated }
        defer { bytes = bytes.dropLast(count) }
        return bytes.suffix(count)
    }

    mutating func integer(_ count: Int) throws(SignedDataError) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// `(feed ‖ value)* ‖ timestamp(6) ‖ value size(4) ‖ points(3) ‖ r ‖ s ‖ v`.
    mutating func package() throws(SignedDataError) -> RedStonePackage {
        var signature = PackedReader(try take(65))
        let whole = bytes
        let count = Int(try integer(3))
        let size = Int(try integer(4))
        let timestamp = try integer(6)
        guard count > 0, size > 0, size <= 32 else { throw .malformed("\(count) points of \(size) bytes") }
        let (length, overflow) = count.multipliedReportingOverflow(by: 32 + size)
        guard !overflow else { throw .truncated }
        var points = PackedReader(try take(length))
        var found: [RedStonePackage.Point] = []
        while points.remaining > 0 {
            let feed = Hash32(word: try points.word())
            let value = try points.take(size)
            guard let number = UInt256(bigEndian: Array(repeating: 0, count: 32 - size) + value) else {
                throw .truncated
            }
            found.append(RedStonePackage.Point(feed: feed, value: number))
        }
        let signed = whole.suffix(length + 13)
        return RedStonePackage(
            timestampMilliseconds: timestamp, points: found, digest: Keccak256.hash(signed), r: try signature.word(),
            s: try signature.word(), v: try signature.byte())
    }
}
