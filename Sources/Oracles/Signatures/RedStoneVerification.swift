public import Ethereum

/// Whom a RedStone consumer believes, and for how long.
public struct RedStonePolicy: Hashable, Sendable {
    /// The nodes of the data service.
    public let signers: Set<Address>
    /// How many of them have to agree on a feed (`getUniqueSignersThreshold`).
    public let threshold: Int
    /// How old a package may be, in seconds.
    public let maximumDelay: UInt64
    /// How far in the future, in seconds.
    public let maximumAhead: UInt64

    /// Makes a policy; the times are the defaults of RedStone's contracts.
    ///
    /// - Throws: `.invalidSignerSet` where the threshold is not between 1 and the number of signers.
    public init(
        signers: Set<Address>, threshold: Int, maximumDelay: UInt64 = 180, maximumAhead: UInt64 = 60
    ) throws(SignedDataError) {
        guard threshold > 0, threshold <= signers.count, signers.count <= 256 else {
            throw .invalidSignerSet("\(threshold) of \(signers.count) signers")
        }
        self.signers = signers
        self.threshold = threshold
        self.maximumDelay = maximumDelay
        self.maximumAhead = maximumAhead
    }
}

/// A feed's price with the nodes that signed for it.
public struct RedStonePrice: Hashable, Sendable {
    /// One node's value.
    public struct Vote: Hashable, Sendable {
        /// The node.
        public let signer: Address
        /// Its value.
        public let value: UInt256
        /// When it made it, in milliseconds.
        public let timestampMilliseconds: UInt64
    }

    /// Which feed.
    public let feed: Hash32
    /// The median of the values; of an even number the mean of the middle two, rounded down.
    public let value: UInt256
    /// What each node said; a node counts once, with the package that comes first from the end, as in the contract.
    public let votes: [Vote]
    /// When the oldest of them was made, in milliseconds.
    public let timestampMilliseconds: UInt64
}

extension RedStonePayload {
    /// A feed's name as the payload carries it.
    public static func feed(_ name: String) -> Hash32 {
        let bytes = Array(name.utf8)
        guard bytes.count < 32 else { return Keccak256.hash(bytes) }
        return Hash32(bytes: bytes + Array(repeating: 0, count: 32 - bytes.count)) ?? .zero
    }

    /// The prices of feeds, each signed by enough different nodes.
    ///
    /// - Parameters:
    ///   - now: the block's time in seconds; `nil` leaves the times to the caller.
    ///   - feeds: which ones; all that the payload has where it is `nil`.
    /// - Throws: `.unauthorisedSigner` for any package of a stranger, as the contract reverts; `.belowThreshold`.
    public func verify(
        by policy: RedStonePolicy, now: UInt64? = nil, feeds: [Hash32]? = nil
    ) throws(SignedDataError) -> [RedStonePrice] {
        var votes: [Hash32: [RedStonePrice.Vote]] = [:]
        var order: [Hash32] = []
        var known: Set<Hash32> = []
        for point in packages.flatMap(\.points) where known.insert(point.feed).inserted {
            order.append(point.feed)
        }
        for (index, package) in packages.enumerated().reversed() {
            if let now { try policy.check(package, now: now) }
            var tally = SignerTally(allowed: policy.signers)
            // RedStone's verifiers take canonical signatures alone.
            try tally.add(
                r: package.r, s: package.s, v: package.v, over: package.digest, index: index, allowHighS: false)
            for signer in tally.signers {
                for point in package.points {
                    guard votes[point.feed]?.contains(where: { $0.signer == signer }) != true else { continue }
                    votes[point.feed, default: []].append(
                        RedStonePrice.Vote(
                            signer: signer, value: point.value,
                            timestampMilliseconds: package.timestampMilliseconds))
                }
            }
        }
        var prices: [RedStonePrice] = []
        for feed in feeds ?? order {
            let found = votes[feed] ?? []
            guard found.count >= policy.threshold else {
                throw .belowThreshold(found: found.count, needed: policy.threshold)
            }
            prices.append(
                RedStonePrice(
                    feed: feed, value: Self.median(found.map(\.value)), votes: found,
                    timestampMilliseconds: found.reduce(.max) { min($0, $1.timestampMilliseconds) }))
        }
        return prices
    }

    /// The median as `NumericArrayLib.pickMedian` computes it; of no values zero, which no caller asks for.
    static func median(_ values: [UInt256]) -> UInt256 {
        let sorted = values.sorted()
        guard let upper = sorted.dropFirst(sorted.count / 2).first else { return .zero }
        guard sorted.count.isMultiple(of: 2), let lower = sorted.dropFirst(sorted.count / 2 - 1).first else {
            return upper
        }
        // Halved one by one: the sum of two words may not fit one.
        let carry = (lower & upper) & .one
        return (lower >> 1) &+ (upper >> 1) &+ carry
    }
}

extension RedStonePolicy {
    /// Refuses packages from too long ago or from the future.
    func check(_ package: RedStonePackage, now: UInt64) throws(SignedDataError) {
        let seconds = package.timestampMilliseconds / 1000
        if now < seconds {
            guard seconds - now <= maximumAhead else { throw .untimely("a package is of the future") }
        } else {
            guard now - seconds <= maximumDelay else { throw .untimely("a package is too old") }
        }
    }
}
