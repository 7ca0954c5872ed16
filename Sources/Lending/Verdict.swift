public import Ethereum

/// What a protocol's comparison says of one position, with the numbers that it compares.
public struct Verdict: Hashable, Sendable {
    /// The risk-adjusted collateral that the contract compares, in the position's `hfUnit`.
    public var hfNum: UInt256
    /// The debt that it compares with, in the same unit.
    public var hfDen: UInt256
    /// What the protocol's own view would return; `nil` where it has none for this comparison.
    public var hfProtocol: UInt256?
    /// What the comparison says.
    public var liquidatable: Bool
    /// What the contract rounds to whole steps before it compares, such as an average threshold in basis points: where
    /// it stays the same the comparison only ever turns one way with a price, and where it steps it may turn back.
    /// `nil` where nothing is rounded like that.
    public var step: UInt256?

    /// Makes a verdict.
    public init(hfNum: UInt256, hfDen: UInt256, hfProtocol: UInt256?, liquidatable: Bool) {
        self.hfNum = hfNum
        self.hfDen = hfDen
        self.hfProtocol = hfProtocol
        self.liquidatable = liquidatable
    }
}

/// What the liquidating call itself would find, where that is not what the protocol's view says.
///
/// Some protocols state a health from stored indexes and bring interest up to date only when they liquidate.
public struct ExecutionHealth: Hashable, Sendable {
    /// The verdict, with interest accrued to the pinned block's timestamp; `nil` where it cannot be said.
    public var verdict: Verdict?
    /// The comparison that the liquidating call makes.
    public var predicate: String
    /// Whether the contract, asked with its interest accrued, agrees.
    public var match: Position.Match

    /// Makes a health.
    public init(verdict: Verdict?, predicate: String, match: Position.Match) {
        self.verdict = verdict
        self.predicate = predicate
        self.match = match
    }
}
