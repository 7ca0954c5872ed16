import Ethereum
import Lending

/// Looks for the largest number up to which something holds, in few trials where it changes almost evenly.
///
/// Every answer comes from a trial; how far each is from the line only says where to try next.
struct EdgeSearch {
    private var low = UInt256.zero
    private var high: UInt256
    private let grain: UInt256
    /// How far `low` is on its side of the line, and `high` on the other; `nil` where that is not known.
    private var (before, beyond): (UInt256?, UInt256?)

    /// A search that begins with what is known: it holds at zero and does not at `high`.
    ///
    /// - Parameters:
    ///   - grain: numbers closer than this are hardly told apart by a trial.
    ///   - start: how far from the line zero is: above zero where it holds, below where it does not.
    ///   - end: how far from it `high` is.
    init(below high: UInt256, grain: UInt256, from start: Int256?, to end: Int256?) {
        self.high = high
        self.grain = max(grain, .one)
        (before, beyond) = (nil, nil)
        note(true, start)
        note(false, end)
    }

    /// Tries until two neighbours are found, of which only the lower holds.
    ///
    /// - Parameters:
    ///   - exactly: `false` to stop where both are no more than a few grains apart.
    ///   - trial: whether it holds at a number, and how far that is from the line.
    mutating func run(exactly: Bool, _ trial: (UInt256) -> (holds: Bool, gap: Int256?)) {
        let near = grain << 2
        var guesses = 0
        while high &- low > near, guesses < Self.mostGuesses, let guess = guess() {
            guesses += 1
            let holds = step(guess, trial)
            // The line is close: what lies just beyond it makes the bracket small from the other side too.
            let other = holds ? guess.addingOrMax(grain) : guess.subtractingOrZero(grain)
            if other > low, other < high { _ = step(other, trial) }
        }
        let apart = exactly ? .one : near
        while high &- low > apart { _ = step(low &+ (high &- low) >> 1, trial) }
    }

    /// After so many guesses halving is sure to be faster.
    private static let mostGuesses = 8

    private mutating func step(_ place: UInt256, _ trial: (UInt256) -> (holds: Bool, gap: Int256?)) -> Bool {
        let (holds, gap) = trial(place)
        if holds { low = place } else { high = place }
        note(holds, gap)
        return holds
    }

    private mutating func note(_ holds: Bool, _ gap: Int256?) {
        // A gap on the wrong side says nothing of how far the line is.
        guard let gap, gap.isNegative != holds || gap.magnitude.isZero else { return }
        if holds { before = gap.magnitude } else { beyond = gap.magnitude }
    }

    /// Where the line is if the gap changes evenly between both ends.
    private func guess() -> UInt256? {
        guard let before, let beyond else { return nil }
        do throws(MathError) {
            let way = try UInt256.mulDiv(high &- low, before, before + beyond, .down)
            return min(max(low &+ way, low &+ .one), high &- .one)
        } catch {
            return nil
        }
    }
}

extension Position {
    /// By how much the number that is compared is short of the line, in the comparison's own unit.
    var shortOfLine: Int256? {
        guard let hfNum, let hfDen else { return nil }
        return Int256(isNegative: hfNum > hfDen, magnitude: hfNum.distance(to: hfDen))
    }
}
