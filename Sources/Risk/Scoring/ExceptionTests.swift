import Foundation

/// Tests of how often, and how independently, a loss went beyond what was stated.
public enum ExceptionTests {
    /// Beyond these a test rejects at 5 %: one and two degrees of freedom.
    public static let rejectsOne = 3.841
    /// The same with two degrees of freedom.
    public static let rejectsTwo = 5.991

    /// Whether exceptions are as frequent as stated.
    ///
    /// Source: Kupiec, "Techniques for verifying the accuracy of risk measurement models", 1995.
    public static func kupiec(days: Int, exceptions: Int, probability: Double) -> Double {
        guard days > 0 else { return 0 }
        let share = Double(exceptions) / Double(days)
        let stated = likelihood(days - exceptions, exceptions, probability)
        return 2 * (likelihood(days - exceptions, exceptions, share) - stated)
    }

    /// Whether an exception makes the next more likely, from counts of transitions: from none to none, from none to
    /// one, from one to none, from one to one.
    ///
    /// Source: Christoffersen, "Evaluating interval forecasts", 1998.
    public static func christoffersen(_ n00: Int, _ n01: Int, _ n10: Int, _ n11: Int) -> Double {
        let all = n00 + n01 + n10 + n11
        guard all > 0 else { return 0 }
        func share(_ hits: Int, _ count: Int) -> Double { count > 0 ? Double(hits) / Double(count) : 0 }
        let free =
            likelihood(n00, n01, share(n01, n00 + n01)) + likelihood(n10, n11, share(n11, n10 + n11))
        return 2 * (free - likelihood(n00 + n10, n01 + n11, share(n01 + n11, all)))
    }

    /// The transitions of a sequence.
    public static func transitions(_ exceptions: [Bool]) -> (n00: Int, n01: Int, n10: Int, n11: Int) {
        var counts = (n00: 0, n01: 0, n10: 0, n11: 0)
        for (before, now) in zip(exceptions, exceptions.dropFirst()) {
            switch (before, now) {
            case (false, false): counts.n00 += 1
            case (false, true): counts.n01 += 1
            case (true, false): counts.n10 += 1
            case (true, true): counts.n11 += 1
            }
        }
        return counts
    }

    /// The second test of shortfall: 0 where it is right, negative where losses were worse.
    ///
    /// Source: Acerbi and Szekely, "Back-testing expected shortfall", 2014.
    ///
    /// - Parameter ratios: losses over the stated shortfall, of the exceptions.
    public static func acerbiSzekely(ratios: [Double], days: Int, probability: Double) -> Double {
        1 - ratios.reduce(0, +) / (Double(days) * probability)
    }

    /// ln of (1−p)^misses · p^hits, where 0 · ln 0 is 0.
    private static func likelihood(_ misses: Int, _ hits: Int, _ p: Double) -> Double {
        (misses > 0 ? Double(misses) * log(1 - p) : 0) + (hits > 0 ? Double(hits) * log(p) : 0)
    }
}
