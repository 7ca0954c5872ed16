public import Ethereum

/// A price, or why there is none.
public enum ObservedPrice: Hashable, Sendable {
    /// The price.
    case known(ExactPrice)
    /// There is none, and why.
    case unknown(PriceFault)

    /// The price, or nil where it is unknown.
    public var value: ExactPrice? {
        if case .known(let price) = self { price } else { nil }
    }

    /// Why there is none; nil where there is one.
    public var fault: PriceFault? {
        if case .unknown(let fault) = self { fault } else { nil }
    }

    /// Takes what `price` gives, or why it gives none.
    public init(_ price: () throws(PriceFault) -> ExactPrice) {
        do throws(PriceFault) {
            self = .known(try price())
        } catch {
            self = .unknown(error)
        }
    }
}

/// What one source says at one moment. A source that failed is an observation too.
public struct Observation: Hashable, Sendable {
    /// Who says it.
    public var source: SourceIdentity
    /// The price in the source's quote, or why there is none.
    public var price: ObservedPrice
    /// When the source wrote or signed it, seconds since 1970; `nil` where it does not say, or is of this block.
    public var updatedAt: UInt64?
    /// The moment that it was looked at: the block's timestamp, or the time of the fetch outside the chain.
    public var observedAt: UInt64
    /// The block; `nil` outside the chain.
    public var block: UInt64?
    /// How uncertain the source says it is, in the unit of the price's mantissa: about one sigma.
    public var confidence: UInt256?
    /// What stands behind a pool's or a venue's price.
    public var depth: Depth?
    /// What else was read beside the price.
    public var extras: ObservationExtras

    /// Makes an observation. An answer dated more than `tolerance` seconds ahead of the moment is no price.
    public init(
        _ source: SourceIdentity, _ price: ObservedPrice, updatedAt: UInt64? = nil, observedAt: UInt64,
        block: UInt64? = nil, confidence: UInt256? = nil, depth: Depth? = nil,
        extras: ObservationExtras = ObservationExtras(), tolerance: UInt64 = 90
    ) {
        self.source = source
        self.price = price
        if case .known = price, let updatedAt, updatedAt > observedAt, updatedAt - observedAt > tolerance {
            self.price = .unknown(.future(updatedAt - observedAt))
        }
        self.updatedAt = updatedAt
        self.observedAt = observedAt
        self.block = block
        self.confidence = confidence
        self.depth = depth
        self.extras = extras
    }

    /// Seconds since it was written; `nil` where that is not known, 0 for what is dated ahead.
    public var age: UInt64? { updatedAt.map { $0 < observedAt ? observedAt - $0 : 0 } }
}

/// What it takes to move a pool or a venue, in whole units of the quote.
public struct Depth: Hashable, Sendable {
    /// What moves the price by 2 %, the lesser direction.
    public var atTwoPercent: UInt256
    /// The share of the liquidity that its largest provider holds, in basis points; `nil` where that is not known.
    public var largestProviderBps: Int?

    /// Makes a depth.
    public init(atTwoPercent: UInt256, largestProviderBps: Int? = nil) {
        self.atTwoPercent = atTwoPercent
        self.largestProviderBps = largestProviderBps
    }
}
