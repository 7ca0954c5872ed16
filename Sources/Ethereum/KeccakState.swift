/// The state of Keccak-f[1600]: 25 lanes of 64 bits, lane `x + 5y` in the numbering of FIPS 202.
struct KeccakState: Sendable {
    /// The lanes.
    var lanes = InlineArray<25, UInt64>(repeating: 0)

    /// The 24 constants of the step ι, one a round.
    private static let roundConstants: InlineArray<24, UInt64> = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]

    /// Applies the 24 rounds.
    ///
    /// The lanes live in local variables while it runs: `a` before a round and `n` after it, `b` after θ, ρ and π,
    /// `c` the
    /// parities of the columns, summed as soon as a row is done while its lanes are still in registers. Six lanes are
    /// kept
    /// complemented throughout, which saves 18 of the 25 complements of χ.
    /// Source: FIPS 202, section 3.3; "Keccak implementation overview" 3.2, section 2.2 for the complemented lanes.
    mutating func permute() {
        var (a0, a1, a2, a3, a4) = (lanes[0], ~lanes[1], ~lanes[2], lanes[3], lanes[4])
        var (a5, a6, a7, a8, a9) = (lanes[5], lanes[6], lanes[7], ~lanes[8], lanes[9])
        var (a10, a11, a12, a13, a14) = (lanes[10], lanes[11], ~lanes[12], lanes[13], lanes[14])
        var (a15, a16, a17, a18, a19) = (lanes[15], lanes[16], ~lanes[17], lanes[18], lanes[19])
        var (a20, a21, a22, a23, a24) = (~lanes[20], lanes[21], lanes[22], lanes[23], lanes[24])
        var c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20
        var c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21
        var c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22
        var c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23
        var c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24
        for round in 0..<24 {
            let d0 = c4 ^ rotate(c1, 1)
            let d1 = c0 ^ rotate(c2, 1)
            let d2 = c1 ^ rotate(c3, 1)
            let d3 = c2 ^ rotate(c4, 1)
            let d4 = c3 ^ rotate(c0, 1)
            let b0 = a0 ^ d0
            let b1 = rotate(a6 ^ d1, 44)
            let b2 = rotate(a12 ^ d2, 43)
            let b3 = rotate(a18 ^ d3, 21)
            let b4 = rotate(a24 ^ d4, 14)
            let n0 = b0 ^ (b1 | b2) ^ KeccakState.roundConstants[round]
            let n1 = b1 ^ (~b2 | b3)
            let n2 = b2 ^ (b3 & b4)
            let n3 = b3 ^ (b4 | b0)
            let n4 = b4 ^ (b0 & b1)
            (c0, c1, c2, c3, c4) = (n0, n1, n2, n3, n4)
            let b5 = rotate(a3 ^ d3, 28)
            let b6 = rotate(a9 ^ d4, 20)
            let b7 = rotate(a10 ^ d0, 3)
            let b8 = rotate(a16 ^ d1, 45)
            let b9 = rotate(a22 ^ d2, 61)
            let n5 = b5 ^ (b6 | b7)
            let n6 = b6 ^ (b7 & b8)
            let n7 = b7 ^ (b8 | ~b9)
            let n8 = b8 ^ (b9 | b5)
            let n9 = b9 ^ (b5 & b6)
            (c0, c1, c2, c3, c4) = (c0 ^ n5, c1 ^ n6, c2 ^ n7, c3 ^ n8, c4 ^ n9)
            let b10 = rotate(a1 ^ d1, 1)
            let b11 = rotate(a7 ^ d2, 6)
            let b12 = rotate(a13 ^ d3, 25)
            let b13 = rotate(a19 ^ d4, 8)
            let b14 = rotate(a20 ^ d0, 18)
            let n10 = b10 ^ (b11 | b12)
            let n11 = b11 ^ (b12 & b13)
            let n12 = b12 ^ (~b13 & b14)
            let n13 = ~b13 ^ (b14 | b10)
            let n14 = b14 ^ (b10 & b11)
            (c0, c1, c2, c3, c4) = (c0 ^ n10, c1 ^ n11, c2 ^ n12, c3 ^ n13, c4 ^ n14)
            let b15 = rotate(a4 ^ d4, 27)
            let b16 = rotate(a5 ^ d0, 36)
            let b17 = rotate(a11 ^ d1, 10)
            let b18 = rotate(a17 ^ d2, 15)
            let b19 = rotate(a23 ^ d3, 56)
            let n15 = b15 ^ (b16 & b17)
            let n16 = b16 ^ (b17 | b18)
            let n17 = b17 ^ (~b18 | b19)
            let n18 = ~b18 ^ (b19 & b15)
            let n19 = b19 ^ (b15 | b16)
            (c0, c1, c2, c3, c4) = (c0 ^ n15, c1 ^ n16, c2 ^ n17, c3 ^ n18, c4 ^ n19)
            let b20 = rotate(a2 ^ d2, 62)
            let b21 = rotate(a8 ^ d3, 55)
            let b22 = rotate(a14 ^ d4, 39)
            let b23 = rotate(a15 ^ d0, 41)
            let b24 = rotate(a21 ^ d1, 2)
            let n20 = b20 ^ (~b21 & b22)
            let n21 = ~b21 ^ (b22 | b23)
            let n22 = b22 ^ (b23 & b24)
            let n23 = b23 ^ (b24 | b20)
            let n24 = b24 ^ (b20 & b21)
            (c0, c1, c2, c3, c4) = (c0 ^ n20, c1 ^ n21, c2 ^ n22, c3 ^ n23, c4 ^ n24)
            (a0, a1, a2, a3, a4) = (n0, n1, n2, n3, n4)
            (a5, a6, a7, a8, a9) = (n5, n6, n7, n8, n9)
            (a10, a11, a12, a13, a14) = (n10, n11, n12, n13, n14)
            (a15, a16, a17, a18, a19) = (n15, n16, n17, n18, n19)
            (a20, a21, a22, a23, a24) = (n20, n21, n22, n23, n24)
        }
        (lanes[0], lanes[1], lanes[2], lanes[3], lanes[4]) = (a0, ~a1, ~a2, a3, a4)
        (lanes[5], lanes[6], lanes[7], lanes[8], lanes[9]) = (a5, a6, a7, ~a8, a9)
        (lanes[10], lanes[11], lanes[12], lanes[13], lanes[14]) = (a10, a11, ~a12, a13, a14)
        (lanes[15], lanes[16], lanes[17], lanes[18], lanes[19]) = (a15, a16, ~a17, a18, a19)
        (lanes[20], lanes[21], lanes[22], lanes[23], lanes[24]) = (~a20, a21, a22, a23, a24)
    }
}

/// Rotates towards the high bits by a count from 1 to 63.
@inline(__always)
private func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
}
