/// The last elements of a sequence, as many as fit; older ones make room.
public struct Ring<Element: Sendable>: Sendable {
    /// How many fit.
    public let capacity: Int
    private var storage: [Element] = []
    private var start = 0

    /// Makes an empty ring; nothing is set aside before it is needed.
    public init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many there are.
    public var count: Int { storage.count }
    /// Whether there are none.
    public var isEmpty: Bool { storage.isEmpty }
    /// The newest.
    public var last: Element? { storage.isEmpty ? nil : self[count - 1] }
    /// The oldest.
    public var first: Element? { storage.isEmpty ? nil : self[0] }

    /// The element at a place, the oldest at 0.
    public subscript(place: Int) -> Element {
        let index = start + place
        return storage[index < storage.count ? index : index - storage.count]
    }

    /// Adds the newest.
    public mutating func append(_ element: Element) {
        if storage.count < capacity {
            storage.append(element)
        } else {
            storage[start] = element
            start = start + 1 == capacity ? 0 : start + 1
        }
    }

    /// The newest element for which `isOld` holds, where it holds for a beginning of the ring.
    func last(where isOld: (Element) -> Bool) -> Element? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isOld(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : self[low - 1]
    }
}
