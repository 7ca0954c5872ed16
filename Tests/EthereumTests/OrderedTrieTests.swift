import Ethereum
import JSON
import Testing
import TestSupport

@Suite struct OrderedTrieTests {
    @Test(arguments: try Vectors.load("ethereum/ordered-trie")) func publishedVectors(vector: JSONValue) throws {
        let values = try #require(vector["values"]?.array).map { try Hex.decode($0.string ?? "") }
        #expect(OrderedTrie.root(of: values).hex == (try vector.text("root")))
        #expect(OrderedTrie.root(of: Array(values.dropLast())).hex != (try vector.text("root")))
    }

    /// Around every length at which keys grow by a byte, and around the place of the key of zero.
    @Test(arguments: Array(0...40) + [126, 127, 128, 129, 130, 143, 144, 200, 255, 256, 257, 258, 300, 1_000, 2_000])
    func agreesWithTheDefinition(count: Int) {
        var generator = Seed(UInt64(count) + 1).generator
        let values = (0..<count).map { _ in
            generator.bytes([0, 1, 5, 28, 29, 30, 31, 32, 33, 55, 56, 120, 300].randomElement(using: &generator) ?? 1)
        }
        #expect(OrderedTrie.root(of: values) == ReferenceTrie(ordered: values).root)
    }

    @Test func proofsOfItsEntries() throws {
        let values = (0..<300).map { [UInt8](repeating: UInt8($0 & 255), count: 1 + $0 % 90) }
        let trie = ReferenceTrie(ordered: values)
        let root = OrderedTrie.root(of: values)
        for (index, value) in values.enumerated() {
            let key = RLP.quantity(UInt256(UInt64(index))).encoded()
            #expect(try MerkleProof.verify(root: root, key: key, nodes: trie.proof(key)) == .present(value))
        }
        let beyond = RLP.quantity(300).encoded()
        #expect(try MerkleProof.verify(root: root, key: beyond, nodes: trie.proof(beyond)) == .absent)
    }

    @Test func orderMatters() {
        let values = (0..<20).map { [UInt8](repeating: UInt8($0), count: 40) }
        var swapped = values
        swapped.swapAt(3, 4)
        #expect(OrderedTrie.root(of: values) != OrderedTrie.root(of: swapped))
    }
}
