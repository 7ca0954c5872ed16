public import Ethereum

/// Builds encoded bytes: heads are laid down as zeros and filled in, tails are appended.
///
/// Numbers that are too large for their type are a mistake of the program's own and stop it; ``ABICoder`` checks
/// values from outside.
public struct ABIWriter: Sendable {
    /// What was written so far, the selector included.
    public private(set) var bytes: [UInt8] = []

    /// An empty encoding.
    ///
    /// - Parameter capacity: bytes to make room for.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// An encoding that begins with a selector.
    public init(_ selector: Selector, capacity: Int) {
        bytes.reserveCapacity(4 + capacity)
        bytes.append(contentsOf: selector.bytes)
    }

    /// Appends a head of zeros, in bytes.
    ///
    /// - Returns: its position.
    public mutating func frame(head: Int) -> Int {
        let base = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: head))
        return base
    }

    /// Fills a slot with a word.
    public mutating func word(_ value: UInt256, at slot: Int) {
        value.write(into: &bytes, at: slot)
    }

    /// Fills a slot with a `uintN`.
    public mutating func uint(_ value: UInt256, bits: Int, at slot: Int) {
        precondition(ABIWord.fits(value, bits: bits), "\(value) is no uint\(bits)")
        word(value, at: slot)
    }

    /// Fills a slot with a `uintN` of up to 64 bits.
    public mutating func uint(_ value: UInt64, bits: Int, at slot: Int) {
        uint(UInt256(value), bits: bits, at: slot)
    }

    /// Fills a slot with an `intN`.
    public mutating func int(_ value: Int256, bits: Int, at slot: Int) {
        precondition(ABIWord.fitsSigned(value.bits, bits: bits), "\(value) is no int\(bits)")
        word(value.bits, at: slot)
    }

    /// Fills a slot with an `intN` of up to 64 bits.
    public mutating func int(_ value: Int64, bits: Int, at slot: Int) {
        int(Int256(value), bits: bits, at: slot)
    }

    /// Fills a slot with an `address`.
    public mutating func address(_ value: Address, at slot: Int) {
        word(value.word, at: slot)
    }

    /// Fills a slot with a `bool`.
    public mutating func bool(_ value: Bool, at slot: Int) {
        word(value ? .one : .zero, at: slot)
    }

    /// Fills a slot with a `bytesN`.
    public mutating func fixedBytes(_ value: FixedBytes, count: Int, at slot: Int) {
        precondition(value.count == count, "\(value) has not \(count) bytes")
        word(value.word, at: slot)
    }

    /// Fills a slot with a `bytes32`.
    public mutating func bytes32(_ value: Hash32, at slot: Int) {
        word(value.word, at: slot)
    }

    /// Fills a slot with the offset, from the frame's position, of what is appended next.
    public mutating func offset(at slot: Int, from base: Int) {
        word(UInt256(UInt64(bytes.count - base)), at: slot)
    }

    /// Appends the length of an array.
    mutating func length(_ count: Int) {
        UInt256(UInt64(count)).append(to: &bytes)
    }

    /// Appends a `bytes`: length, content, zeros up to a whole word.
    public mutating func bytes(_ value: some Collection<UInt8>) {
        let count = value.count
        length(count)
        bytes.append(contentsOf: value)
        bytes.append(contentsOf: repeatElement(0, count: -count & 31))
    }

    /// Appends a `string`.
    public mutating func string(_ value: String) {
        bytes(value.utf8)
    }

    /// Appends a `T[]` whose elements take `stride` bytes of their head each.
    ///
    /// - Parameter element: writes one element, given its slot and the position of the head.
    public mutating func array<Element>(
        _ values: [Element], stride: Int, element: (inout ABIWriter, Element, Int, Int) -> Void
    ) {
        length(values.count)
        elements(values, count: values.count, at: nil, stride: stride, element: element)
    }

    /// Writes the `count` elements of a `T[k]`: into the slots from a position on, or into a head of their own at the
    /// end.
    public mutating func elements<Element>(
        _ values: [Element], count: Int, at position: Int?, stride: Int,
        element: (inout ABIWriter, Element, Int, Int) -> Void
    ) {
        precondition(values.count == count, "\(values.count) elements for an array of \(count)")
        let base = position ?? frame(head: count * stride)
        var slot = base
        for value in values {
            element(&self, value, slot, base)
            slot += stride
        }
    }
}
