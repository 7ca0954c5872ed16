import Chain
public import Ethereum

/// What was forecast of a position at a block, and what was then seen of it: what forecasts are scored by.
public struct ForecastEntry: Hashable, Sendable {
    /// The position's id, as its record has it.
    public var id: Hash32
    /// The block's time, in Unix seconds.
    public var time: UInt64
    /// The block.
    public var block: UInt64
    /// The stream: chain, family and deployment.
    public var stream: String
    /// What the account had put in and owed before any index, in one word: another word is another position.
    public var stake: UInt64
    /// Whether anyone could liquidate it.
    public var liquidatable: Bool
    /// The health, for comparison.
    public var health: Double
    /// The probabilities within 1 h, 24 h and 7 d.
    public var probabilities: [Double]

    /// Makes an entry.
    public init(
        id: Hash32, time: UInt64, block: UInt64, stream: String, stake: UInt64, liquidatable: Bool, health: Double,
        probabilities: [Double]
    ) {
        self.id = id
        self.time = time
        self.block = block
        self.stream = stream
        self.stake = stake
        self.liquidatable = liquidatable
        self.health = health
        self.probabilities = probabilities
    }

    /// What is known of a position; `nil` where it has no estimate or its verdict is unknown.
    public init?(_ position: Position) {
        guard let risk = position.risk, let liquidatable = position.liquidatable, risk.probabilities.count == 3 else {
            return nil
        }
        var text = ""
        for leg in position.collateral + position.debt { text += "\(leg.asset.checksummed) \(leg.raw) \(leg.enabled);" }
        let digest = Keccak256.hash(Array(text.utf8))
        self.init(
            id: PositionRecord.id(of: position.recordedAccount, in: position.market),
            time: position.block.timestamp, block: position.block.number, stream: position.market.stream,
            stake: (digest.word & UInt256.mask(bits: 62)).asUInt64() ?? 0, liquidatable: liquidatable,
            health: risk.distance, probabilities: risk.probabilities.map(\.value))
    }
}
