/// Where a test's random numbers begin: an argument of the test, so that a failure names it and one run repeats it.
public struct Seed: Hashable, Sendable, CustomStringConvertible {
    /// The number to write into a test to repeat it.
    public let value: UInt64

    /// Makes a seed.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// The first seeds, as arguments of a test.
    public static func sweep(_ count: Int) -> [Seed] {
        (0..<count).map { Seed(UInt64($0) + 1) }
    }

    /// A generator that begins here.
    public var generator: SeededGenerator { SeededGenerator(state: value) }

    /// The number.
    public var description: String { "seed \(value)" }
}

/// SplitMix64: the same numbers from the same seed on every machine.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(state: UInt64) {
        self.state = state
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// That many bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
