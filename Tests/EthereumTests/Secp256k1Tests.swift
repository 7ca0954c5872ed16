@testable import Ethereum
import Testing
import TestSupport

@Suite struct Secp256k1Tests {
    private static let key = [UInt8](repeating: 0x11, count: 32)
    private static let address = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"

    @Test func keysHaveAddresses() throws {
        #expect(try Secp256k1.PrivateKey(bytes: Self.key).address.checksummed == Self.address)
        // The key 1, whose public key is the generator of the group.
        let one = try Secp256k1.PrivateKey(
            hex: UInt256.one.bigEndianBytes.reduce("") { $0 + Hex.encode([$1]).dropFirst(2) })
        #expect(one.address.checksummed == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")
    }

    @Test func keysOutsideTheGroupAreRefused() {
        for word in [UInt256.zero, Secp256k1.order, .max] {
            #expect(throws: Secp256k1Error.invalidKey) { try Secp256k1.PrivateKey(bytes: word.bigEndianBytes) }
        }
        for count in [0, 31, 33] {
            #expect(throws: Secp256k1Error.invalidKey) {
                try Secp256k1.PrivateKey(bytes: [UInt8](repeating: 1, count: count))
            }
        }
        #expect(throws: Secp256k1Error.invalidKey) { try Secp256k1.PrivateKey(hex: "0x11zz") }
    }

    @Test(arguments: Seed.sweep(16)) func signaturesAreRecoveredAndCanonical(seed: Seed) throws {
        var generator = seed.generator
        let key = Secp256k1.PrivateKey.random(using: &generator)
        let digest = Hash32(word: UInt256.random(using: &generator))
        let signature = try key.sign(digest)
        #expect(signature.s <= Secp256k1.halfOrder)
        #expect(try key.sign(digest) == signature)
        #expect(try Secp256k1.recover(signature, over: digest) == key.address)
        #expect(Secp256k1.verify(signature, over: digest, by: key.address))
        #expect(!Secp256k1.verify(signature, over: digest, by: Address.zero))
        #expect(!Secp256k1.verify(signature, over: Hash32(word: digest.word ^ 1), by: key.address))
        #expect(try Secp256k1.Signature(bytes: signature.bytes) == signature)
    }

    @Test func theSecondFormIsRefusedUnlessAskedFor() throws {
        let key = try Secp256k1.PrivateKey(bytes: Self.key)
        let digest = Keccak256.hash("plimsoll".utf8)
        let signature = try key.sign(digest)
        let mirrored = try Secp256k1.Signature(
            r: signature.r, s: Secp256k1.order &- signature.s, v: signature.v == 27 ? 28 : 27)
        #expect(throws: Secp256k1Error.highS) { try Secp256k1.recover(mirrored, over: digest) }
        #expect(try Secp256k1.recover(mirrored, over: digest, allowHighS: true) == key.address)
        #expect(!Secp256k1.verify(mirrored, over: digest, by: key.address))
    }

    @Test func malformedSignaturesAreRefused() throws {
        let good = try Secp256k1.PrivateKey(bytes: Self.key).sign(.zero)
        for count in [0, 64, 66] {
            #expect(throws: Secp256k1Error.invalidSignature) {
                try Secp256k1.Signature(bytes: (good.bytes + [0]).prefix(count))
            }
        }
        for v: UInt8 in [0, 1, 26, 29, 37, 255] {
            #expect(throws: Secp256k1Error.invalidRecoveryByte(v)) {
                try Secp256k1.Signature(r: good.r, s: good.s, v: v)
            }
        }
        for (r, s) in [(0, good.s), (good.r, 0), (Secp256k1.order, good.s), (good.r, Secp256k1.order), (.max, .max)] {
            #expect(throws: Secp256k1Error.invalidSignature) { try Secp256k1.Signature(r: r, s: s, v: 27) }
        }
        // 5 is the x-coordinate of no point of the curve.
        #expect(throws: Secp256k1Error.noSuchKey) {
            try Secp256k1.recover(Secp256k1.Signature(r: 5, s: 1, v: 27), over: .zero)
        }
    }

    @Test func secretsAreNotPrinted() throws {
        let key = try Secp256k1.PrivateKey(bytes: Self.key)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("1111"))
            #expect(!text.contains("17, 17"))
        }
    }

    @Test func manyThreadsShareTheContext() async throws {
        let key = try Secp256k1.PrivateKey(bytes: Self.key)
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 as Range<UInt64> {
                group.addTask {
                    let digest = Hash32(word: UInt256(index))
                    do { return try Secp256k1.recover(key.sign(digest), over: digest) == key.address } catch {
                        return false
                    }
                }
            }
            for await isSound in group { #expect(isSound) }
        }
    }
}
