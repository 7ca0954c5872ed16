import Ethereum
import JSON
import Oracles
import TestSupport
import Testing

@Suite struct RedStonePayloadTests {
    private func threshold(_ vector: Vector) throws -> Int {
        try vector.list("feeds").map { try $0.list("values").count }.min() ?? 0
    }

    @Test func realPayloadsVerify() throws {
        for vector in try Vector.all("redstone") {
            let payload = try RedStonePayload(parsing: vector.bytes("payload"))
            #expect(payload.packages.count == (try vector.number("packages")))
            let policy = try RedStonePolicy(
                signers: Set(vector.addresses("signers")), threshold: threshold(vector))
            let feeds = try vector.list("feeds")
            let prices = try payload.verify(by: policy, feeds: feeds.map { RedStonePayload.feed(try $0.text("id")) })
            for (price, feed) in zip(prices, feeds) {
                let values = try feed.list("values")
                #expect(price.votes.map(\.signer) == (try values.map { try $0.address("signer") }))
                #expect(price.votes.map(\.value) == (try values.map { try $0.word("value") }))
                #expect(
                    price.timestampMilliseconds == (try values.map { try $0.word("timestampMilliseconds").word0 }.min())
                )
                let sorted = price.votes.map(\.value).sorted()
                #expect(price.value >= sorted[0] && price.value <= sorted[sorted.count - 1])
                if sorted.count % 2 == 1 { #expect(price.value == sorted[sorted.count / 2]) }
            }
            let embedded = [0xAB, 0xCD, 0x12, 0x34] + (try vector.bytes("payload"))
            #expect(try RedStonePayload(parsing: embedded, isEmbedded: true).packages == payload.packages)
            #expect(throws: SignedDataError.trailingBytes) { try RedStonePayload(parsing: embedded) }
        }
    }

    @Test func anyFlippedBitIsRefused() throws {
        for vector in try Vector.all("redstone") {
            let policy = try RedStonePolicy(
                signers: Set(vector.addresses("signers")), threshold: threshold(vector))
            let name = try vector.text("name")
            var accepted: [Int] = []
            forEachFlip(of: try vector.bytes("payload")) { bytes, bit in
                do {
                    _ = try RedStonePayload(parsing: bytes).verify(by: policy)
                    accepted.append(bit)
                } catch {}
            }
            #expect(accepted.isEmpty, "bits \(accepted.prefix(10)) of \(name)")
        }
    }

    @Test func timesAndThresholdsCount() throws {
        let vector = try some(try Vector.all("redstone").first)
        let payload = try RedStonePayload(parsing: vector.bytes("payload"))
        let signers = Set(try vector.addresses("signers"))
        let policy = try RedStonePolicy(signers: signers, threshold: 3)
        let seconds = payload.packages[0].timestampMilliseconds / 1000
        for (now, isGood) in [
            (seconds - 61, false), (seconds - 60, true), (seconds + 180, true), (seconds + 181, false),
        ] {
            let verdict = Result { try payload.verify(by: policy, now: now) }
            #expect(((try? verdict.get()) != nil) == isGood, "at \(now)")
        }
        #expect(throws: SignedDataError.belowThreshold(found: 3, needed: 4)) {
            try payload.verify(by: RedStonePolicy(signers: signers, threshold: 4))
        }
        #expect(throws: SignedDataError.belowThreshold(found: 0, needed: 3)) {
            try payload.verify(by: policy, feeds: [RedStonePayload.feed("BTC")])
        }
        #expect(throws: SignedDataError.self) {
            try payload.verify(by: RedStonePolicy(signers: [Address(a: 1, b: 1, c: 1)], threshold: 1))
        }
        #expect(throws: SignedDataError.self) { try RedStonePolicy(signers: signers, threshold: 0) }
        #expect(throws: SignedDataError.self) { try RedStonePolicy(signers: signers, threshold: signers.count + 1) }
    }

    @Test func ownPackagesAreReadAndASignerCountsOnce() throws {
        // The package and its signature under the key 0x11…: packages/protocol/test/redstone-payload.test.ts@b9dea4ff.
        let package: [UInt8] = try Hex.decode(
            "4254430000000000000000000000000000000000000000000000000000000000"
                + "000000000000000000000000000000000000000000000000000003d1e3821000"
                + "4554480000000000000000000000000000000000000000000000000000000000"
                + "0000000000000000000000000000000000000000000000000000002e90edd000"
                + "01812f2590c000000020000002")
        let signatures = try [
            "c1296a449f5d353c8b04eb389f33a583ee79449cca6e366900042f19f2521e722a410929223231905839c00865af68738f1a202478d87dc33675ea5824f343901b",
            "dbbf8a0e6b1c9a56a4a0ef7089ef2a3f74fbd21fbd5c7c8192b70084004b4f6d37427507c4fff835f74fd4d000b6830ed296e207f49831b96f90a4f4e60820ee1c",
        ].map { try Hex.decode($0) }
        let keys = try [0x11, 0x22].map { try Secp256k1.PrivateKey(bytes: Array(repeating: $0, count: 32)).address }
        func payload(_ order: [Int]) throws -> RedStonePayload {
            let metadata = Array("1.1.2#test-data-feed".utf8)
            let packages = order.flatMap { package + signatures[$0] }
            return try RedStonePayload(
                parsing: packages + [0, UInt8(order.count)] + metadata + [0, 0, 20] + [
                    0, 0, 2, 0xED, 0x57, 1, 0x1E, 0, 0,
                ])
        }
        let policy = try RedStonePolicy(signers: Set(keys), threshold: 2)
        let prices = try payload([0, 1]).verify(by: policy)
        #expect(prices.map(\.value) == [4_200_000_000_000, 200_000_000_000])
        #expect(prices.allSatisfy { $0.timestampMilliseconds == 1_654_353_400_000 })
        #expect(try payload([0, 1]).unsignedMetadata == Array("1.1.2#test-data-feed".utf8))
        #expect(throws: SignedDataError.belowThreshold(found: 1, needed: 2)) { try payload([0, 0]).verify(by: policy) }
        #expect(throws: SignedDataError.unauthorisedSigner(keys[1])) {
            try payload([0, 1]).verify(by: RedStonePolicy(signers: [keys[0]], threshold: 1))
        }
        // The other form of a signature is refused.
        let high = UInt256(bigEndian: signatures[0][32..<64]).map { Secp256k1.order &- $0 }
        let twisted = package + signatures[0].prefix(32) + (try some(high)).bigEndianBytes + [0x1c]
        let malleated = try RedStonePayload(parsing: twisted + [0, 1, 0, 0, 0] + [0, 0, 2, 0xED, 0x57, 1, 0x1E, 0, 0])
        #expect(throws: SignedDataError.invalidSignature(index: 0)) {
            try malleated.verify(by: RedStonePolicy(signers: Set(keys), threshold: 1))
        }
    }

    @Test(arguments: Seed.sweep(200)) func hostileBytesEndInAnError(_ seed: Seed) throws {
        var generator = seed.generator
        let tail: [UInt8] = [0, 0, 2, 0xED, 0x57, 1, 0x1E, 0, 0]
        let bytes = generator.bytes(Int(generator.next() % 300)) + [0, UInt8(generator.next() % 4), 0, 0, 0] + tail
        #expect(throws: SignedDataError.self) { try RedStonePayload(parsing: bytes) }
        #expect(throws: SignedDataError.self) { try PythUpdate(parsing: [0x50, 0x4e, 0x41, 0x55, 1, 0, 0, 0] + bytes) }
        #expect(throws: SignedDataError.self) { try OCRTransmission(calldata: [0xb1, 0xdc, 0x65, 0xa4] + bytes) }
        #expect(throws: SignedDataError.self) { try OpenPriceMessage(message: bytes) }
    }
}
