import Chain
import Ethereum
import JSON
import JSONRPC
import Testing
import TestSupport

/// A node that builds its blocks by code of its own: everything that it says of them is proven.
@Suite(.serialized) struct VerificationDifferentialTests {
    private static func result(
        _ node: DevChain, _ method: String, _ params: JSONValue
    ) async throws -> RPCResult {
        try await node.control.call(RPCRequest(method: method, params: params.serialized(), kind: .receipts))
    }

    private static func logs(_ value: JSONValue) throws -> [Log] {
        try #require(value.array).map { log in
            Log(
                address: try #require(Address(hex: log["address"]?.string ?? "")),
                topics: try #require(log["topics"]?.array).map { try #require(Hash32(hex: $0.string ?? "")) },
                data: try Hex.decode(log["data"]?.string ?? ""),
                blockNumber: try #require(Hex.parseQuantity(log["blockNumber"]?.string ?? "")),
                blockHash: try #require(Hash32(hex: log["blockHash"]?.string ?? "")),
                logIndex: try #require(Hex.parseQuantity(log["logIndex"]?.string ?? "")))
        }
    }

    @Test(arguments: ["london", "shanghai", "cancun", "prague"])
    func everyBlockOfTheDevelopmentChain(fork: String) async throws {
        let node = try DevChain(["--borrowers", "60", "--seed", "5", "--fork", fork])
        let head = try #require(try await Self.result(node, "eth_blockNumber", []).quantity().asUInt64())
        let pool = try #require(Address(hex: node.info["pool"]?.string ?? ""))
        var parent: BlockHeader?
        var absent = 0
        var found = 0
        for number in 0...head {
            let told = try await Self.result(
                node, "eth_getBlockByNumber", [.string(Hex.quantity(number)), .bool(false)])
            let header = try #require(try BlockHeader.decode(told))
            let verified = try header.verify()
            try header.checkGas()
            if let parent {
                try header.checkFollows(parent)
                try header.checkBaseFee(after: parent)
            }
            parent = header
            let receipts = try ProvenReceipts(
                try await Self.result(node, "eth_getBlockReceipts", [.string(Hex.quantity(number))]), header: verified)
            let filter: JSONValue = ["blockHash": .string(header.hash.hex), "address": [.string(pool.hex)]]
            let claimed = try Self.logs(try await Self.result(node, "eth_getLogs", [filter]).json())
            let proof = LogProof(LogQuery(addresses: [pool], topics: []))
            let presence = try proof.check(claimed, in: verified)
            if presence == .absent {
                absent += 1
                #expect(claimed.isEmpty)
            }
            try proof.check(claimed, with: receipts)
            found += claimed.count
        }
        #expect(found > 100)
        #expect(absent > 0)
    }

    @Test func storageOfTheDevelopmentChain() async throws {
        let node = try DevChain(["--borrowers", "60", "--seed", "5"])
        let told = try await Self.result(node, "eth_getBlockByNumber", ["latest", .bool(false)])
        let header = try #require(try BlockHeader.decode(told)).verify()
        let pool = try #require(Address(hex: node.info["pool"]?.string ?? ""))
        let slots = (0..<64).map { UInt256(UInt64($0)) } + [.max]
        let block = JSONValue.string(Hex.quantity(header.number))
        let answer = try await Self.result(
            node, "eth_getProof", [.string(pool.hex), .array(slots.map { .string(Hex.quantity($0)) }), block])
        let account = try AccountProof(answer, slots: slots.count).verify(pool, slots: slots, in: header)
        for slot in slots {
            let value = try await Self.result(
                node, "eth_getStorageAt", [.string(pool.hex), .string(Hex.quantity(slot)), block]
            ).word()
            #expect(account.storage[slot] == value)
        }
        try account.checkCode(try await Self.result(node, "eth_getCode", [.string(pool.hex), block]).hexData())
        #expect(account.storage.values.contains { !$0.isZero } && account.storage.values.contains { $0.isZero })
    }
}
