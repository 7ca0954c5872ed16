internal import Synchronization

/// So many places for all, and so many for each.
final class Places: Sendable {
    private let taken = Mutex<[String: Int]>([:])
    private let most: Int
    private let each: Int

    init(most: Int, each: Int) {
        self.most = most
        self.each = each
    }

    /// Takes a place.
    ///
    /// - Returns: the bound that is reached; nil where there was a place.
    func enter(_ name: String) -> Int? {
        taken.withLock { taken in
            if let bound = bound(taken, name) { return bound }
            taken[name, default: 0] += 1
            return nil
        }
    }

    /// The bound that is reached; nil where there is a place.
    func bound(for name: String) -> Int? { taken.withLock { bound($0, name) } }

    private func bound(_ taken: [String: Int], _ name: String) -> Int? {
        if taken[name, default: 0] >= each { return each }
        return taken.values.reduce(0, +) >= most ? most : nil
    }

    /// Gives a place back.
    func leave(_ name: String) {
        taken.withLock { taken in
            guard let own = taken[name] else { return }
            taken[name] = own > 1 ? own - 1 : nil
        }
    }
}
