/// Changes valid inputs in the ways that decoders are known to stumble over.
enum Mutator {
    /// `input` after one to four changes; one input in sixteen stays as it is.
    static func mutate(_ input: [UInt8], with other: [UInt8], words: [[UInt8]], _ random: inout FuzzRandom) -> [UInt8] {
        var bytes = input
        guard random.below(16) > 0 else { return bytes }
        for _ in 0...random.below(4) { change(&bytes, other, words, &random) }
        return bytes
    }

    private static func change(_ bytes: inout [UInt8], _ other: [UInt8], _ words: [[UInt8]], _ random: inout FuzzRandom)
    {
        guard !bytes.isEmpty else {
            bytes = random.bytes(random.below(64))
            return
        }
        let at = random.below(bytes.count)
        switch random.below(9) {
        case 0: bytes[at] ^= 1 << UInt8(random.below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeSubrange(at...)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(40)))
        case 4: bytes.insert(contentsOf: random.pick(words), at: at)
        case 5: overwrite(&bytes, at, random.pick(words))
        case 6:
            // The same piece twice, as shared tails and doubled members are.
            bytes.insert(contentsOf: Array(bytes[at..<min(bytes.count, at + 1 + random.below(96))]), at: at)
        case 7:
            guard !other.isEmpty else { return }
            bytes = Array(bytes[..<at]) + other[random.below(other.count)...]
        default:
            // A whole word from elsewhere: offsets and lengths change places.
            let from = random.below(bytes.count) & ~31
            overwrite(&bytes, at & ~31, Array(bytes[from..<min(bytes.count, from + 32)]))
        }
        if bytes.count > 1 << 13 { bytes.removeSubrange((1 << 13)...) }
    }

    private static func overwrite(_ bytes: inout [UInt8], _ at: Int, _ word: [UInt8]) {
        for (offset, byte) in word.enumerated() where at + offset < bytes.count { bytes[at + offset] = byte }
    }
}
