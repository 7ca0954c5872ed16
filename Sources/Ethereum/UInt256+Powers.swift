extension UInt256 {
    /// The square root, rounded down.
    ///
    /// Newton's iteration from a power of two not below the root: it falls until it stands on the floor.
    public func squareRoot() -> UInt256 {
        guard !isZero else { return .zero }
        var root = UInt256.one << ((significantBits + 1) / 2)
        while true {
            let next = (root &+ dividedUnchecked(by: root).quotient) >> 1
            guard next < root else { return root }
            root = next
        }
    }

    /// `self` to a power, exactly; anything to the power 0 is 1.
    ///
    /// - Throws: `.overflow`.
    public func raised(to exponent: UInt) throws(MathError) -> UInt256 {
        var result = UInt256.one
        var base = self
        var left = exponent
        while left > 0 {
            if left & 1 == 1 { result = try result * base }
            left >>= 1
            if left > 0 { base = try base * base }
        }
        return result
    }
}
