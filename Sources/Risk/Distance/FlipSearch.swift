import Ethereum
import Lending

/// Finds the number, going from today's in one direction, at which a comparison first says that anyone may liquidate.
///
/// The gap between what the comparison compares is close to linear in a price, so that two of its values nearly give
/// the number; from there the search closes in on the comparison itself, and ends with two neighbours of which one is
/// healthy and the other is not.
struct FlipSearch {
    /// What is found.
    enum Outcome: Hashable {
        /// The first number at which the comparison turns.
        case flip(UInt256)
        /// It does not turn, as far as that number.
        case none(UInt256)
        /// The comparison cannot be made there.
        case unknown(UInt256)
    }

    /// The comparison at a number; `nil` where it cannot be made.
    let verdict: (UInt256) -> Verdict?
    /// Today's number, at which the comparison says no.
    let from: UInt256
    let start: Verdict
    let direction: PriceDistance.Direction
    /// A rise is followed to so many times today's number.
    static let highest: UInt256 = 1_048_576

    /// A number and what is compared there.
    private struct End {
        var number: UInt256
        var verdict: Verdict
    }

    func run() -> Outcome {
        var near = End(number: from, verdict: start)
        guard var far = farEnd(&near) else { return .unknown(lastTried) }
        guard far.verdict.liquidatable else { return .none(far.number) }
        guard let outcome = close(&near, &far) else { return .unknown(near.number) }
        guard start.step != nil else { return .flip(outcome) }
        return earlier(than: far)
    }

    private var lastTried: UInt256 { direction == .down ? .one : from }

    /// The number farthest from today's at which the comparison can be made, or one at which it has turned.
    private func farEnd(_ near: inout End) -> End? {
        var number: UInt256
        switch direction {
        case .down:
            guard from > .one else { return nil }
            number = .one
        case .up:
            let (high, low) = from.multipliedFullWidth(by: Self.highest)
            number = high.isZero ? low : .max
        }
        // A number leaves its type at an extreme: nearer ones are tried until the comparison can be made.
        for _ in 0..<256 {
            if let verdict = verdict(number) {
                let end = End(number: number, verdict: verdict)
                if verdict.liquidatable || direction == .down && number == .one { return end }
                return end
            }
            let next = middle(near.number, number)
            if next == near.number || next == number { return nil }
            number = next
        }
        return nil
    }

    /// Brings both ends together until they are neighbours; `nil` where the comparison cannot be made between them.
    private func close(_ near: inout End, _ far: inout End) -> UInt256? {
        var stride = unit(near, far)
        guard let first = probe(interpolated(near, far), &near, &far) else {
            return far.number.distance(to: near.number) == .one ? far.number : bisect(&near, &far)
        }
        // From a guess that is a few steps off, the turn is close to it on one side.
        var side = first
        for _ in 0..<128 {
            guard near.number.distance(to: far.number) > stride else { break }
            let number =
                side
                ? towards(near.number, from: far.number, by: stride)
                : towards(far.number, from: near.number, by: stride)
            guard let next = probe(number, &near, &far) else { break }
            if next != side { break }
            side = next
            stride = stride.high >> 126 != 0 ? stride : stride << 2
        }
        return bisect(&near, &far)
    }

    private func bisect(_ near: inout End, _ far: inout End) -> UInt256? {
        while near.number.distance(to: far.number) > .one {
            guard probe(middle(near.number, far.number), &near, &far) != nil else { return nil }
        }
        return far.number
    }

    /// Looks at a number between the ends and moves one of them there; `nil` where it cannot be looked at, or is none
    /// between them.
    private func probe(_ number: UInt256, _ near: inout End, _ far: inout End) -> Bool? {
        let low = min(near.number, far.number)
        let high = max(near.number, far.number)
        guard number > low, number < high, let verdict = verdict(number) else { return nil }
        if verdict.liquidatable {
            far = End(number: number, verdict: verdict)
        } else {
            near = End(number: number, verdict: verdict)
        }
        return verdict.liquidatable
    }

    private func middle(_ a: UInt256, _ b: UInt256) -> UInt256 { min(a, b) &+ (a.distance(to: b) >> 1) }

    private func towards(_ target: UInt256, from number: UInt256, by stride: UInt256) -> UInt256 {
        number < target ? number.addingOrMax(stride) : number.subtractingOrZero(stride)
    }

    /// Where the straight line between the ends' gaps crosses zero.
    private func interpolated(_ near: End, _ far: End) -> UInt256 {
        let distance = near.number.distance(to: far.number)
        let above = near.verdict.hfNum.subtractingOrZero(near.verdict.hfDen)
        let below = far.verdict.hfDen.subtractingOrZero(far.verdict.hfNum)
        do throws(MathError) {
            let step = try UInt256.mulDiv(distance, above, above + below, .down)
            return towards(far.number, from: near.number, by: max(.one, step))
        } catch {
            return middle(near.number, far.number)
        }
    }

    /// How far a number has to go for the gap to move by one.
    private func unit(_ near: End, _ far: End) -> UInt256 {
        let above = near.verdict.hfNum.subtractingOrZero(near.verdict.hfDen)
        let below = far.verdict.hfDen.subtractingOrZero(far.verdict.hfNum)
        do throws(MathError) {
            return try near.number.distance(to: far.number).divided(by: max(.one, above.addingOrMax(below)), .up)
        } catch {
            return .one
        }
    }
}

extension FlipSearch {
    /// The first turn where the contract rounds to steps before it compares.
    ///
    /// Between two steps the comparison turns at most once. Going back from a turn that was found, the number just
    /// before each step is the worst of the stretch before it; a step moves the health by no more than one part in the
    /// step's value, so that the way back ends where the health is beyond that.
    private func earlier(than found: End) -> Outcome {
        var found = found
        for _ in 0..<64 {
            guard let step = found.verdict.step else { break }
            guard let last = lastBefore(step, found) else { break }
            if last.verdict.liquidatable {
                var near = End(number: from, verdict: start)
                var far = last
                // The stretch that holds `last`, or one before it.
                if let beginning = lastBefore(last.verdict.step ?? .zero, last) { near = beginning }
                if near.verdict.liquidatable {
                    found = near
                    continue
                }
                guard bisect(&near, &far) != nil else { return .unknown(near.number) }
                found = far
                continue
            }
            let margin = last.verdict.step ?? .zero
            let (number, over) = last.verdict.hfNum.multipliedReportingOverflow(by: margin.subtractingOrZero(2))
            let (line, overLine) = last.verdict.hfDen.multipliedReportingOverflow(by: margin)
            if over || overLine || number >= line { break }
            // Not far enough from the line yet: the stretch before is looked at as well.
            guard let before = lastBefore(margin, last), before.verdict.liquidatable else { break }
            found = before
        }
        // The turn within the stretch of `found`.
        guard var near = lastBefore(found.verdict.step ?? .zero, found) else {
            var near = End(number: from, verdict: start)
            var far = found
            return bisect(&near, &far).map { .flip($0) } ?? .unknown(near.number)
        }
        if near.verdict.liquidatable { return .flip(near.number) }
        var far = found
        return bisect(&near, &far).map { .flip($0) } ?? .unknown(near.number)
    }

    /// The last number, seen from today's, at which the contract's step is another one than at `end`; `nil` where it is
    /// the same all the way.
    private func lastBefore(_ step: UInt256, _ end: End) -> End? {
        guard start.step != step else { return nil }
        var other = End(number: from, verdict: start)
        var same = end.number
        while other.number.distance(to: same) > .one {
            let number = middle(other.number, same)
            guard let verdict = verdict(number) else { return nil }
            if verdict.step == step { same = number } else { other = End(number: number, verdict: verdict) }
        }
        return other
    }
}
