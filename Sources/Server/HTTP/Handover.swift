internal import Synchronization

/// Where several tasks hand over to one, which takes when it can: nothing is kept in between.
final class Handover: Sendable {
    private struct State {
        var taker: CheckedContinuation<[UInt8]?, Never>?
        var givers: [(bytes: [UInt8], done: CheckedContinuation<Bool, Never>)] = []
        var producers: Int
        var isOver = false
    }

    private let state: Mutex<State>

    /// - Parameter producers: how many have to leave before it is over.
    init(producers: Int) { state = Mutex(State(producers: producers)) }

    /// Waits until this is taken; false where it is over.
    func give(_ bytes: [UInt8]) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (taker, answer) = state.withLock { state -> (CheckedContinuation<[UInt8]?, Never>?, Bool?) in
                    if state.isOver { return (nil, false) }
                    if let taker = state.taker {
                        state.taker = nil
                        return (taker, true)
                    }
                    state.givers.append((bytes, continuation))
                    return (nil, nil)
                }
                taker?.resume(returning: bytes)
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            end()
        }
    }

    /// Waits for what somebody gives; nil where it is over.
    func take() async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (giver, answer) = state.withLock {
                    state -> (CheckedContinuation<Bool, Never>?, [UInt8]??) in
                    if !state.givers.isEmpty {
                        let first = state.givers.removeFirst()
                        return (first.done, .some(first.bytes))
                    }
                    if state.isOver || Task.isCancelled { return (nil, .some(nil)) }
                    state.taker = continuation
                    return (nil, nil)
                }
                giver?.resume(returning: true)
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            end()
        }
    }

    /// One of the producers has nothing more.
    func leave() {
        let isLast = state.withLock { state in
            state.producers -= 1
            return state.producers == 0
        }
        if isLast { end() }
    }

    /// Nobody waits any more.
    func end() {
        let (taker, givers) = state.withLock { state in
            state.isOver = true
            defer {
                state.taker = nil
                state.givers = []
            }
            return (state.taker, state.givers)
        }
        taker?.resume(returning: nil)
        for giver in givers { giver.done.resume(returning: false) }
    }
}
