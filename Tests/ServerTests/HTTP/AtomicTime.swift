import Synchronization

/// A clock that a test sets.
final class AtomicTime: Sendable {
    private let state: Mutex<UInt64>
    init(_ value: UInt64) { state = Mutex(value) }
    var value: UInt64 {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
