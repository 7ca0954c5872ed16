public import Ethereum

/// Why a pool's arithmetic has no answer.
public enum PoolError: Error, Hashable, Sendable {
    /// The contract would revert: a number overflows, a divisor is zero, or a price is outside its range.
    case math(MathError)
    /// The swap leaves the ticks that were read.
    case outsideWindow(tick: Int32)
    /// The pool's oracle does not reach so far back (`OLD`).
    case tooOld
    /// The numbers given cannot be a pool's state.
    case invalidState(String)
    /// The target is not in the direction that was asked for, or no swap reaches it.
    case unreachable(String)
    /// An iteration did not converge, and the contract would revert.
    case noConvergence
}

/// Runs arithmetic whose failure is the pool's.
public func poolMath<Value>(_ body: () throws(MathError) -> Value) throws(PoolError) -> Value {
    do {
        return try body()
    } catch {
        throw .math(error)
    }
}
