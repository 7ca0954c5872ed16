import Ethereum
import Testing
import TestSupport

@Suite struct MerkleProofTests {
    private typealias Outcome = MerkleProof.Outcome

    /// Keys of one length with random values; short keys lie close together, so that nodes stand inside their parents.
    private static func entries(
        _ count: Int, keyBytes: Int, using generator: inout SeededGenerator
    ) -> [[UInt8]: [UInt8]] {
        var entries: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<count {
            let length = [1, 2, 20, 32, 33, 70].randomElement(using: &generator) ?? 1
            entries[generator.bytes(keyBytes)] = generator.bytes(length)
        }
        return entries
    }

    private static func outcome(_ root: Hash32, _ key: [UInt8], _ nodes: [[UInt8]]) -> Outcome? {
        do { return try MerkleProof.verify(root: root, key: key, nodes: nodes) } catch { return nil }
    }

    @Test(arguments: [1, 2, 3, 16, 17, 100, 500, 2_000], [2, 3, 32])
    func randomTries(count: Int, keyBytes: Int) throws {
        var generator = Seed(UInt64(1_000 * count + keyBytes)).generator
        let entries = Self.entries(count, keyBytes: keyBytes, using: &generator)
        let trie = ReferenceTrie(entries)
        var proofs: [([UInt8], Outcome, [[UInt8]])] = []
        for (key, value) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).prefix(40) {
            proofs.append((key, .present(value), trie.proof(key)))
        }
        for _ in 0..<40 {
            let key = generator.bytes(keyBytes)
            proofs.append((key, entries[key].map { .present($0) } ?? .absent, trie.proof(key)))
        }
        for (key, expected, nodes) in proofs {
            #expect(try MerkleProof.verify(root: trie.root, key: key, nodes: nodes) == expected)
            for length in 0..<nodes.count {
                #expect(throws: MerkleProofError.truncated(nodes: length)) {
                    try MerkleProof.verify(root: trie.root, key: key, nodes: Array(nodes[..<length]))
                }
            }
            #expect(throws: MerkleProofError.trailingNodes(used: nodes.count, count: nodes.count + 1)) {
                try MerkleProof.verify(root: trie.root, key: key, nodes: nodes + [nodes[0]])
            }
        }
    }

    /// Whatever nodes of a trie are sent for a key, in whatever order: an error or the truth.
    @Test(arguments: Seed.sweep(20)) func neverContradictsTheTrie(seed: Seed) throws {
        var generator = seed.generator
        let keyBytes = [2, 3, 32].randomElement(using: &generator) ?? 2
        let entries = Self.entries(200, keyBytes: keyBytes, using: &generator)
        let trie = ReferenceTrie(entries)
        let keys =
            entries.keys.sorted { $0.lexicographicallyPrecedes($1) } + (0..<50).map { _ in generator.bytes(keyBytes) }
        for _ in 0..<500 {
            let key = try #require(keys.randomElement(using: &generator))
            var nodes = trie.proof(try #require(keys.randomElement(using: &generator)))
            if Bool.random(using: &generator) {
                nodes += trie.proof(try #require(keys.randomElement(using: &generator)))
            }
            nodes.removeAll { _ in Int.random(in: 0..<8, using: &generator) == 0 }
            if Int.random(in: 0..<4, using: &generator) == 0 { nodes.shuffle(using: &generator) }
            if let got = Self.outcome(trie.root, key, nodes) {
                #expect(got == entries[key].map { .present($0) } ?? .absent)
            }
        }
    }

    @Test(arguments: Seed.sweep(4)) func everyChangedByteIsNoticed(seed: Seed) {
        var generator = seed.generator
        let entries = Self.entries(60, keyBytes: 2, using: &generator)
        let trie = ReferenceTrie(entries)
        let key = entries.keys.min { $0.lexicographicallyPrecedes($1) } ?? []
        var nodes = trie.proof(key)
        for node in nodes.indices {
            for offset in nodes[node].indices {
                let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
                nodes[node][offset] ^= bit
                #expect(Self.outcome(trie.root, key, nodes) == nil)
                nodes[node][offset] ^= bit
            }
        }
    }

    @Test func emptyTrie() throws {
        let root = MerkleProof.emptyRoot
        #expect(root.hex == "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
        #expect(try MerkleProof.verify(root: root, key: [1], nodes: []) == .absent)
        #expect(try MerkleProof.verify(root: root, key: [1], nodes: [[0x80]]) == .absent)
        #expect(throws: MerkleProofError.shape(node: 0)) {
            try MerkleProof.verify(root: root, key: [1], nodes: [[0x80], [0x80]])
        }
        #expect(throws: MerkleProofError.truncated(nodes: 0)) {
            try MerkleProof.verify(root: .zero, key: [1], nodes: [])
        }
        #expect(throws: MerkleProofError.self) { try MerkleProof.verify(root: .zero, key: [1], nodes: [[0x80]]) }
    }

    @Test func limits() throws {
        let node = [UInt8](repeating: 0, count: 600)
        #expect(throws: MerkleProofError.tooManyNodes(count: 17, limit: 16)) {
            try MerkleProof.verify(
                root: .zero, key: [1], nodes: [[UInt8]](repeating: [], count: 17), limits: .account)
        }
        #expect(throws: MerkleProofError.nodeTooLong(node: 1, bytes: 601, limit: 600)) {
            try MerkleProof.verify(root: .zero, key: [1], nodes: [node, node + [0]])
        }
        #expect(throws: MerkleProofError.proofTooLong(bytes: 120, limit: 119)) {
            try MerkleProof.verify(
                root: .zero, key: [1], nodes: [[UInt8](repeating: 0, count: 60), [UInt8](repeating: 0, count: 60)],
                limits: MerkleProof.Limits(nodes: 2, totalBytes: 119))
        }
    }
}
