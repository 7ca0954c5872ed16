import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks
import Protocols
import TestSupport
import Testing

/// The numbers behind every position, proven against real storage; and lies about them, each of them found.
@Suite(.serialized) struct StateProofTests {
    /// One endpoint's view of a development chain.
    struct View {
        let node: DevChain
        let snapshot: Snapshot
        let market: any LendingMarket
        let header: VerifiedHeader
        let accounts: [Account]

        init(_ node: DevChain, mostSlots: Int = .max) async throws {
            self.node = node
            let network = try NetworkFile().load(path: node.networkFile)
            let client = Narrow(
                base: try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport()),
                mostSlots: mostSlots)
            snapshot = try await Snapshot(
                of: client, chainId: network.chainId, at: .latest, multicall: network.multicall3)
            market = try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
            header = try await snapshot.verifiedHeader()
            let truth = try await node.call("dev_truth", ["latest"])
            accounts = try #require(truth["accounts"]?.object).keys.map { try #require(Address(hex: $0)) }.sorted()
                .map { Account($0) }
        }

        func read() async throws -> [Position] {
            try await market.read(accounts, debtless: true, known: AccountRows(), on: snapshot).positions
        }

        func prove(_ positions: [Position]) async throws -> [StateProof] {
            try await StateVerifier(snapshot, header: header).prove(positions, of: market)
        }
    }

    /// An endpoint whose proofs of many slots are too large to be read.
    struct Narrow: RPCCalling {
        let base: RPCClient
        let mostSlots: Int
        var name: String { base.name }

        func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult { try await base.call(request) }

        func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
            let isWide = requests.contains { request in
                // The address is quoted too, and the pinned block's hash and its names.
                request.method == "eth_getProof"
                    && request.params.count { $0 == UInt8(ascii: "x") } - 2 > mostSlots
            }
            if isWide { throw .tooLarge(endpoint: name, limit: 1) }
            return try await base.batch(requests)
        }
    }

    private static func chain(_ rules: String) throws -> DevChain {
        try DevChain(["--rules", rules, "--borrowers", "60", "--seed", "11"])
    }

    private static func slot(_ slot: ProvableSlot) -> JSONObject {
        JSONObject([("address", .string(slot.contract.hex)), ("slot", .string(Hex.quantity(slot.slot)))])
    }

    @Test(arguments: ["3.0", "3.2"])
    func everyBorrowerIsProven(rules: String) async throws {
        let view = try await View(Self.chain(rules))
        let positions = try await view.read()
        #expect(positions.count > 50)
        try await view.node.call("dev_resetStats")
        let proofs = try await view.prove(positions)
        for (position, proof) in zip(positions, proofs) {
            guard case .proven(let slots) = proof else {
                Issue.record("\(position.account.address): \(proof)")
                continue
            }
            #expect(slots >= 5)
        }
        // What accounts share is asked for once: no more requests than contracts, and few more for the pool.
        let asked = try await view.node.call("dev_stats")["methods"]?["eth_getProof"]?.int
        #expect(try #require(asked) < 80)
    }

    /// Every kind of slot behind one account that uses much is misstated in turn, where calls see it and proofs do not.
    @Test(arguments: ["3.0", "3.2"])
    func aMisstatedSlotContradicts(rules: String) async throws {
        let view = try await View(Self.chain(rules))
        let positions = try await view.read()
        let claims = try await view.market.claims(of: positions, on: view.snapshot)
        let busiest = try #require(
            claims.accounts.indices.max { claims.accounts[$0].slots.count < claims.accounts[$1].slots.count })
        let stable = claims.accounts.indices.first { index in
            claims.accounts[index].slots.contains { $0.what.hasPrefix("time of the stable") }
        }
        let inCategory = claims.accounts.indices.first { index in
            claims.accounts[index].slots.contains { $0.what.hasPrefix("terms of category") }
        }
        #expect((stable != nil) == (rules == "3.0"))
        var found: [String: Int] = [:]
        for index in Set([busiest, stable, inCategory].compactMap(\.self)).sorted() {
            for slot in claims.accounts[index].slots {
                guard let change = Self.change(of: slot), found[change.kind, default: 0] < 2 else { continue }
                found[change.kind, default: 0] += 1
                var lie = Self.slot(slot)
                lie["xor"] = .string(Hex.quantity(change.xor))
                try await view.node.call("dev_setFaults", ["lieStorage": .object(lie)])
                let lied = try await View(view.node)
                let told = try await lied.read()
                let proofs = try await lied.prove(told)
                try await view.node.call("dev_clearFaults")
                guard case .contradicted(let contradictions) = proofs[index] else {
                    Issue.record("\(slot.what): \(proofs[index])")
                    continue
                }
                let isFound = contradictions.contains {
                    guard case .slot(let one, let proven, let evidence) = $0 else { return false }
                    return one.contract == slot.contract && one.slot == slot.slot && evidence != nil
                        && proven & slot.mask == slot.expected && one.expected != slot.expected
                }
                #expect(isFound, "\(slot.what): \(contradictions)")
                // Only those who stand on the slot are concerned.
                for (other, proof) in proofs.enumerated() {
                    let stands = claims.accounts[other].slots.contains {
                        $0.contract == slot.contract && $0.slot == slot.slot
                    }
                    switch proof {
                    case .proven: #expect(!stands, "\(slot.what) of another: \(other)")
                    case .contradicted: #expect(stands, "\(slot.what) of another: \(other)")
                    case .notProven(let reasons): Issue.record("\(slot.what): \(reasons)")
                    }
                }
            }
        }
        #expect(found.count >= (rules == "3.0" ? 10 : 8), "\(found)")
    }

    /// A change to a slot that leaves the market readable; `nil` where calls would only fail.
    private static func change(of slot: ProvableSlot) -> (kind: String, xor: UInt256)? {
        let low: UInt256 = 1 << 20
        let changes: [(String, UInt256)] = [
            ("configuration of 0x", 1), ("category of 0x", 3), ("supply of", low), ("variable debt in", low),
            ("stable debt in", low), ("time of the stable", 4), ("configuration of", 1 << 20),
            ("liquidity index", low), ("borrow index", low << 128), ("update time", 1 << 132),
            ("terms of category", 1 << 20), ("answer of", low),
        ]
        return changes.first { slot.what.hasPrefix($0.0) }
    }

    @Test func aForgedProofIsShown() async throws {
        let view = try await View(Self.chain("3.2"))
        let positions = try await view.read()
        let claims = try await view.market.claims(of: positions, on: view.snapshot)
        let index = 7
        let slot = try #require(claims.accounts[index].slots.first { $0.what.hasPrefix("variable debt in") })
        var lie = Self.slot(slot)
        lie["value"] = "0x0"
        lie["proof"] = "forged"
        try await view.node.call("dev_setFaults", ["lieStorage": .object(lie)])
        let lied = try await View(view.node)
        let proofs = try await lied.prove(try await lied.read())
        for (other, proof) in proofs.enumerated() {
            switch proof {
            case .proven: #expect(other != index)
            case .notProven(let reasons): Issue.record("\(reasons)")
            case .contradicted(let contradictions):
                #expect(other == index)
                guard case .proof(let one, let error, let evidence)? = contradictions.first else {
                    Issue.record("\(contradictions)")
                    continue
                }
                #expect(one.slot == slot.slot && error.isContradiction)
                let answer = try JSONValue(parsing: evidence.result)
                #expect(answer["storageProof"]?.array?.isEmpty == false)
                #expect(String(decoding: evidence.params, as: UTF8.self).contains(slot.contract.hex))
            }
        }
    }

    /// A pool that tells another health factor, another configuration or another balance than it stores proves nothing.
    @Test func aLyingFunctionIsNeverProven() async throws {
        let view = try await View(Self.chain("3.2"))
        let honest = try await view.read()
        let index = try #require(honest.firstIndex { $0.debt.count > 0 && $0.collateral.count > 0 })
        let user = view.accounts[index].address
        let pool = try #require(view.market.contracts.first { $0.role == "pool" }).address
        // getUserConfiguration(address): nothing is owed any more.
        let lie: JSONValue = [
            "to": .string(pool.hex), "selector": "0x4417a583", "argument": .string(Hex.quantity(user.word)),
            "value": "0x2",
        ]
        try await view.node.call("dev_setFaults", ["lieStorage": lie])
        let lied = try await View(view.node)
        let told = try await lied.read()
        #expect(told[index].debt.isEmpty)
        guard case .contradicted = try await lied.prove(told)[index] else {
            Issue.record("a debt that is not told was not missed")
            return
        }
    }

    @Test func anAnswerThatIsTooLargeIsAskedForInParts() async throws {
        let view = try await View(Self.chain("3.2"), mostSlots: 3)
        for proof in try await view.prove(try await view.read()) {
            guard case .proven = proof else {
                Issue.record("\(proof)")
                continue
            }
        }
    }

    /// A fork that states a revision of Aave's and stores its tokens elsewhere tells no lie, and is not proven.
    @Test func anotherLayoutIsNoContradiction() async throws {
        let view = try await View(Self.chain("3.2"))
        let positions = try await view.read()
        let pool = try #require(view.market.contracts.first { $0.role == "pool" }).address
        var claims = try await view.market.claims(of: positions, on: view.snapshot)
        func moved(_ slots: [ProvableSlot]) -> [ProvableSlot] {
            slots.map { slot in
                var slot = slot
                if slot.contract == pool { slot.slot = slot.slot &+ 1_000 }
                return slot
            }
        }
        for index in claims.accounts.indices { claims.accounts[index].slots = moved(claims.accounts[index].slots) }
        let honest = claims.witnesses[pool]
        claims.witnesses[pool] = honest.map(moved)
        for proof in try await StateVerifier(view.snapshot, header: view.header).prove(claims) {
            guard case .notProven(let reasons) = proof else {
                Issue.record("\(proof)")
                continue
            }
            #expect(reasons.count == 1 && reasons[0].contains("not laid out"), "\(reasons)")
        }
        // Where the layout is shown to be the known one, the same slots are contradictions.
        claims.witnesses[pool] = honest
        for proof in try await StateVerifier(view.snapshot, header: view.header).prove(claims) {
            guard case .contradicted = proof else {
                Issue.record("\(proof)")
                continue
            }
        }
    }

    @Test func withoutProofsNothingIsProvenOrContradicted() async throws {
        let view = try await View(Self.chain("3.0"))
        let positions = try await view.read()
        try await view.node.call("dev_setFaults", ["noProof": true])
        for proof in try await view.prove(positions) {
            guard case .notProven(let reasons) = proof else {
                Issue.record("\(proof)")
                continue
            }
            #expect(reasons.contains { $0.contains("no proof") })
        }
        try await view.node.call("dev_clearFaults")
        // Other numbers than those that are proven: they were read at another time, or made up.
        var changed = positions
        changed[3].debtValue = .one
        guard case .notProven = try await view.prove(changed)[3] else {
            Issue.record("a position that nobody told is proven")
            return
        }
        // Another block's header proves nothing of this one.
        try await view.node.call("dev_mine", ["blocks": 1])
        let later = try await View(view.node)
        await #expect(throws: LendingError.self) {
            try await StateVerifier(later.snapshot, header: view.header).prove(positions, of: later.market)
        }
    }
}
