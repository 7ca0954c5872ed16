public import Ethereum

/// The head that a tuple or an array's elements stand in; offsets in it count from its start.
@frozen
public struct ABIFrame: Sendable {
    /// The position of the head's first byte.
    public let base: Int
    /// Bytes of the head.
    public let head: Int

    @inlinable
    init(base: Int, head: Int) {
        self.base = base
        self.head = head
    }
}

extension ABIReader {
    /// Opens the head of `head` bytes at a position.
    @inlinable
    public static func frame(
        _ data: borrowing Span<UInt8>, at: Int, head: Int, _ budget: inout ABIBudget
    ) throws(ABIError) -> ABIFrame {
        guard data.count &- at >= head else { throw .truncated(at: at, needed: head, have: data.count &- at) }
        try budget.spend(head, at: at)
        return ABIFrame(base: at, head: head)
    }

    /// The position that the offset in a slot of a frame leads to; never past the end of the data.
    @inlinable
    public static func follow(_ data: borrowing Span<UInt8>, _ slot: Int, _ frame: ABIFrame) throws(ABIError) -> Int {
        guard let offset = smallWord(data, slot), offset <= data.count &- frame.base else {
            throw .offset(at: slot, value: word(data, slot), .beyondEnd)
        }
        guard offset & 31 == 0 else { throw .offset(at: slot, value: word(data, slot), .unaligned) }
        guard offset >= frame.head else { throw .offset(at: slot, value: word(data, slot), .intoHead) }
        return frame.base &+ offset
    }

    /// The content of a `bytes` at a position: where it begins and how many bytes it has.
    @inlinable
    static func content(
        _ data: borrowing Span<UInt8>, at: Int, type: StaticString, _ budget: inout ABIBudget
    ) throws(ABIError) -> Range<Int> {
        let room = data.count &- at &- 32
        guard room >= 0 else { throw .truncated(at: at, needed: 32, have: data.count &- at) }
        guard let length = smallWord(data, at), length <= room else {
            throw .length(at: at, value: word(data, at), of: "\(type)", room: room)
        }
        let padded = (length &+ 31) & ~31
        guard padded <= room else { throw .truncated(at: at &+ 32, needed: padded, have: room) }
        try budget.spend(32 &+ padded, at: at)
        let start = at &+ 32
        let used = length & 31
        if used != 0 {
            let last = word(data, start &+ padded &- 32)
            guard FixedBytes(word: last, count: used) != nil else {
                throw .padding(at: start &+ length, type: "\(type)")
            }
        }
        return start..<(start &+ length)
    }

    /// A `bytes`.
    @inlinable
    public static func bytes(
        _ data: borrowing Span<UInt8>, at: Int, _ budget: inout ABIBudget
    ) throws(ABIError) -> [UInt8] {
        let range = try content(data, at: at, type: "bytes", &budget)
        let part = data.extracting(range)
        // SAFETY: the buffer is copied before the closure ends.
        return unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// A `string`, which must be UTF-8.
    @inlinable
    public static func string(
        _ data: borrowing Span<UInt8>, at: Int, _ budget: inout ABIBudget
    ) throws(ABIError) -> String {
        let range = try content(data, at: at, type: "string", &budget)
        do {
            return String(copying: try UTF8Span(validating: data.extracting(range)))
        } catch {
            throw .notUTF8(at: range.lowerBound)
        }
    }

    /// The elements of a `T[]`; each takes `stride` bytes of the elements' head.
    ///
    /// - Parameter element: reads one element from its slot in the frame.
    @inlinable
    public static func array<Element>(
        _ data: borrowing Span<UInt8>, at: Int, stride: Int, _ budget: inout ABIBudget,
        element: (borrowing Span<UInt8>, Int, ABIFrame, inout ABIBudget) throws(ABIError) -> Element
    ) throws(ABIError) -> [Element] {
        let count = try count(data, at: at, stride: stride, &budget)
        let frame = try frame(data, at: at &+ 32, head: count &* stride, &budget)
        return try elements(data, frame, count: count, stride: stride, &budget, element: element)
    }

    /// The elements of a `T[k]`, whose head is open in `frame`.
    @inlinable
    public static func elements<Element>(
        _ data: borrowing Span<UInt8>, _ frame: ABIFrame, count: Int, stride: Int, _ budget: inout ABIBudget,
        element: (borrowing Span<UInt8>, Int, ABIFrame, inout ABIBudget) throws(ABIError) -> Element
    ) throws(ABIError) -> [Element] {
        var values: [Element] = []
        values.reserveCapacity(count)
        var slot = frame.base
        for _ in 0..<count {
            values.append(try element(data, slot, frame, &budget))
            slot &+= stride
        }
        return values
    }

    /// The number of elements of the `T[]` at a position, after it is clear that their heads are there.
    @inlinable
    static func count(
        _ data: borrowing Span<UInt8>, at: Int, stride: Int, _ budget: inout ABIBudget
    ) throws(ABIError) -> Int {
        let room = data.count &- at &- 32
        guard room >= 0 else { throw .truncated(at: at, needed: 32, have: data.count &- at) }
        guard let count = smallWord(data, at), count <= room / stride else {
            throw .length(at: at, value: word(data, at), of: "an array", room: room)
        }
        try budget.spend(32, at: at)
        return count
    }

    /// A word that is a possible size, or `nil`.
    @inlinable
    static func smallWord(_ data: borrowing Span<UInt8>, _ at: Int) -> Int? {
        let low = load(data, at &+ 24)
        guard load(data, at) | load(data, at &+ 8) | load(data, at &+ 16) | (low &>> 62) == 0 else { return nil }
        return Int(truncatingIfNeeded: low)
    }

    /// Sees to it that revert data or calldata begins with a selector.
    ///
    /// - Throws: `.truncated`, and `.wrongSelector` where it begins with another one.
    public static func require(_ selector: Selector, of signature: String, in data: [UInt8]) throws(ABIError) {
        guard let found = Selector(bytes: data.prefix(4)) else { throw .truncated(at: 0, needed: 4, have: data.count) }
        guard found == selector else { throw .wrongSelector(signature: signature, expected: selector, got: found) }
    }
}
