/// Bytes of many values one after another, in one array that doubles as it fills.
public struct JSONByteColumn: Sendable {
    private var bytes: [UInt8] = []
    /// How many bytes there are.
    public private(set) var count = 0

    /// Makes an empty column.
    public init() {}

    /// Moves the bytes into an array; nothing is left here.
    public mutating func finish(into array: inout [UInt8]) {
        bytes.removeSubrange(count...)
        array = []
        swap(&array, &bytes)
        count = 0
    }

    /// Makes room for so many bytes in all.
    public mutating func reserve(_ total: Int) {
        bytes.reserveCapacity(total)
    }

    /// Goes on in an array that is no longer needed, whatever is in it, and leaves its own in its place.
    public mutating func adopt(_ room: inout [UInt8]) {
        guard room.count >= count else { return }
        for index in 0..<count { room[index] = bytes[index] }
        swap(&bytes, &room)
    }

    private mutating func makeRoom() {
        // An array of zeros is made and copied whole; a repeated element would be appended one at a time. Room that
        // was reserved is filled before more is made.
        let reserved = bytes.capacity - bytes.count
        let room = min(reserved >= 64 ? reserved : max(4_096, bytes.count), 64 << 10)
        bytes.append(contentsOf: [UInt8](repeating: 0, count: room))
    }

    /// Appends bytes that are known.
    public mutating func append(_ more: [UInt8]) {
        bytes.removeSubrange(count...)
        bytes += more
        count = bytes.count
    }

    mutating func append(_ byte: UInt8) {
        if count == bytes.count { makeRoom() }
        bytes[count] = byte
        count += 1
    }

    /// Appends what the digits from `place` spell, up to the first byte that is none or the end of the room that there
    /// is, and says how many digits, an even number, that were.
    mutating func append(_ text: Span<UInt8>, from place: Int) -> Int {
        if count + 8 > bytes.count { makeRoom() }
        let digits = JSONHex.decode(text, from: place, to: &bytes, at: count)
        count += digits / 2
        return digits
    }
}

extension JSONHex {
    /// Decodes whole vectors over the bytes from `start` on, as far as they reach, and the even digits of the one that
    /// ends the run; says how many digits that were.
    fileprivate static func decode(
        _ text: Span<UInt8>, from place: Int, to bytes: inout [UInt8], at start: Int
    ) -> Int {
        let last = min(text.count - 16, place + 16 * ((bytes.count - start) / 8 - 1))
        var span = bytes.mutableSpan
        // SAFETY: stores check their bounds, and any bit pattern is a byte.
        var output = unsafe span.mutableBytes
        var offset = place
        var write = start
        while offset <= last {
            var valid = allValid
            let eight = eightBytes(text.vector(offset), &valid)
            output.storeBytes(of: eight.littleEndian, toByteOffset: write, as: UInt64.self)
            guard isWhole(valid) else { return offset - place + (prefix(valid) & ~1) }
            offset += 16
            write += 8
        }
        return offset - place
    }
}
