import Synchronization

/// Arrays that bodies arrive in, kept for the next one: a large body then costs no growth and no fresh memory.
///
/// What is kept is bounded in number and in size. No array is larger than a body that did arrive made it.
final class BodyBuffers: Sendable {
    /// Most arrays, and most bytes in all of them together.
    static let most = 16, mostBytes = 48 << 20

    private struct State {
        var idle: [[UInt8]] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// An empty array, with room where there is any.
    func take() -> [UInt8] {
        state.withLock { state in
            guard let buffer = state.idle.popLast() else { return [] }
            state.bytes -= buffer.capacity
            return buffer
        }
    }

    /// Keeps a body's array, which nobody reads any more.
    func give(_ body: consuming [UInt8]) {
        guard body.capacity >= 64 << 10, body.capacity <= Self.mostBytes / 6 else { return }
        var buffer = body
        buffer.removeAll(keepingCapacity: true)
        state.withLock { state in
            guard state.idle.count < Self.most, state.bytes + buffer.capacity <= Self.mostBytes else { return }
            state.bytes += buffer.capacity
            state.idle.append(buffer)
        }
    }

    /// Room in an array that has to hold `needed` bytes: four times what there was, from 64 KiB on, and no more than
    /// `limit`. What is not written to costs no memory, and what was outgrown would stay behind as a hole in the heap.
    static func room(_ needed: Int, in capacity: Int, limit: Int) -> Int {
        max(needed, min(max(4 * capacity, 64 << 10), limit))
    }
}
