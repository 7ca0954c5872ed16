extension Duration {
    /// Whole milliseconds, rounded down; exact, as a quotient of durations is not.
    package var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// The same, rounded up.
    package var wholeMillisecondsUp: Int64 {
        let part = components.attoseconds % 1_000_000_000_000_000
        return wholeMilliseconds + (part > 0 ? 1 : 0)
    }
}
