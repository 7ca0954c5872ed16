import Ethereum
import Testing

@testable import Keeper

@Suite struct FeedBatchTests {
    private func key() throws -> Secp256k1.PrivateKey {
        try Secp256k1.PrivateKey(bytes: [UInt8](repeating: 0x11, count: 32))
    }

    private func hash(_ byte: UInt8) -> Hash32 {
        Hash32(bytes: [UInt8](repeating: byte, count: 32)) ?? .zero
    }

    private func batch(
        stream: UInt256 = 1, first: UInt64 = 1, last: UInt64 = 2, number: UInt64 = 19_000_000, prev: UInt256 = 0,
        block: UInt8 = 0xAA, root: UInt8 = 0xBB
    ) -> FeedBatch {
        FeedBatch(
            stream: Hash32(word: stream), firstSeq: first, lastSeq: last, blockNumber: number, blockHash: hash(block),
            prevRoot: Hash32(word: prev), root: hash(root))
    }

    @Test func everyStepOfTheDigest() throws {
        let domain = FeedBatch.domain(chainID: 1)
        #expect(domain.typeHash.hex == "0xc2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e")
        #expect(domain.separator.hex == "0xdf946028db98c044c1c7a5da2364a3333e261f3b4ecc6b7a84332f0ca6ab11c6")
        #expect(FeedBatch.typeHash.hex == "0xe373646480bbe02f68bbe69ee91492db67ea60be88ded7cdb4ca8f85c99abdc0")
        #expect(batch().structHash.hex == "0x965bfd46ed97bec5cde8d9eb268624c853bea756ddacd1f829e4ca6070c473b8")
        #expect(batch().digest(chainID: 1).hex == "0xb0b6951be59fb61392e3f2dc1fa05f90738946d93dc1bca5ac0cbaf5fe72a64e")
        let signature = try batch().signature(chainID: 1, by: key())
        #expect(
            signature.hex
                == """
                0xf4effbc095e95e63524c0abe08c77bd19f7ab6a3a87a27285dc595fb299c7f34\
                4cbc070c6e8d37f96de58610f69279316cc4a88e07bcdb5346449c08d313be971c
                """)
        try batch().verify(signature, chainID: 1, by: key().address)
    }

    @Test func agreesWithTheGeneralEncoder() throws {
        let types = try EIP712.Types([
            "FeedBatch": [
                .init("stream", "bytes32"), .init("firstSeq", "uint64"), .init("lastSeq", "uint64"),
                .init("blockNumber", "uint64"), .init("blockHash", "bytes32"), .init("prevRoot", "bytes32"),
                .init("root", "bytes32"),
            ]
        ])
        #expect(try types.encodeType("FeedBatch") == FeedBatch.type)
        let batch = batch(last: .max, prev: 7)
        let value = EIP712.Value.record([
            "stream": .hash(batch.stream), "firstSeq": .uint(1), "lastSeq": .uint(UInt256(UInt64.max)),
            "blockNumber": .uint(19_000_000), "blockHash": .hash(batch.blockHash),
            "prevRoot": .hash(batch.prevRoot), "root": .hash(batch.root),
        ])
        let digest = try EIP712.digest(
            domain: FeedBatch.domain(chainID: 10), types: types, primaryType: "FeedBatch", message: value)
        #expect(digest == batch.digest(chainID: 10))
    }

    @Test func anyChangeIsRefused() throws {
        let publisher = try key().address
        let signature = try batch().signature(chainID: 1, by: key())
        let others = [
            batch(stream: 2), batch(first: 2), batch(last: 3), batch(number: 19_000_001), batch(prev: 1),
            batch(block: 0xAB), batch(root: 0xBA),
        ]
        for other in others {
            #expect(throws: SignatureError.mismatch) { try other.verify(signature, chainID: 1, by: publisher) }
        }
        #expect(throws: SignatureError.mismatch) { try batch().verify(signature, chainID: 10, by: publisher) }
        #expect(throws: SignatureError.mismatch) { try batch().verify(signature, chainID: 1, by: .zero) }
        let mirrored = try Secp256k1.Signature(
            r: signature.r, s: Secp256k1.order &- signature.s, v: signature.v == 27 ? 28 : 27)
        #expect(throws: SignatureError.mismatch) { try batch().verify(mirrored, chainID: 1, by: publisher) }
    }

    @Test func rootsNoticeRemovalAndOrder() {
        let records = (0..<4).map { Array("record \($0)".utf8) }
        let root = FeedBatch.root(of: records, after: .zero)
        #expect(FeedBatch.root(of: records.dropLast(), after: .zero) != root)
        #expect(FeedBatch.root(of: records.reversed(), after: .zero) != root)
        #expect(FeedBatch.root(of: records, after: hash(1)) != root)
        // Two batches in a row end where one batch of all records does.
        let half = FeedBatch.root(of: records.prefix(2), after: .zero)
        #expect(FeedBatch.root(of: records.suffix(2), after: half) == root)
        #expect(FeedBatch.root(of: [], after: half) == half)
    }
}
