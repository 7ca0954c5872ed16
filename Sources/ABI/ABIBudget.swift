/// What decoding may still read: all offsets together may not lead over more bytes than there are.
///
/// A canonical encoding visits each of its bytes once. Data that reads some of them twice through shared offsets runs
/// dry,
/// so that a decoding bomb costs no more than its own bytes.
@frozen
public struct ABIBudget: Sendable {
    /// Bytes that may still be read.
    @usableFromInline var left: Int
    /// Bytes of the whole data.
    public let size: Int
    /// One past the last byte that was read.
    @usableFromInline var end: Int

    /// The budget for data of `size` bytes; more than one visit a byte where `visits` says so.
    @inlinable
    public init(size: Int, visits: Int = 1) {
        self.size = size
        self.end = 0
        let (product, overflow) = size.multipliedReportingOverflow(by: visits)
        left = overflow ? .max : product
    }

    /// Pays for reading `count` bytes from a position.
    @inlinable
    mutating func spend(_ count: Int, at: Int) throws(ABIError) {
        left &-= count
        guard left >= 0 else { throw .revisited(at: at, size: size) }
        if at &+ count > end { end = at &+ count }
    }
}
