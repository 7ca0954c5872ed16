import Chain
import Ethereum
import JSON
import Testing
import TestSupport

extension AccountProof {
    init(json: JSONValue, slots: Int) throws {
        let scanner = try JSONScanner(json.serialized())
        try self.init(scanner, scanner.root, slots: slots)
    }
}

@Suite struct AccountProofTests {
    /// A published proof taken apart.
    private struct Published {
        let address: Address
        let header: VerifiedHeader
        let proof: JSONObject
        let slots: [UInt256]

        init(_ vector: JSONValue) throws {
            header = try BlockHeader.published(vector.text("header"))
            proof = try #require(vector["proof"]?.object)
            address = try #require(Address(hex: proof["address"]?.string ?? ""))
            slots = try #require(proof["storageProof"]?.array).map {
                try #require(UInt256(hex: $0["key"]?.string ?? ""))
            }
        }

        func verify(_ changed: JSONObject? = nil, slots: [UInt256]? = nil) throws -> ProvenAccount {
            let wanted = slots ?? self.slots
            return try AccountProof(json: .object(changed ?? proof), slots: wanted.count)
                .verify(address, slots: wanted, in: header)
        }

        /// The proof with its storage slots changed.
        func storage(_ change: (inout [JSONObject]) -> Void) throws -> JSONObject {
            var slots = try #require(proof["storageProof"]?.array).compactMap(\.object)
            change(&slots)
            var changed = proof
            changed["storageProof"] = .array(slots.map { .object($0) })
            return changed
        }
    }

    @Test(arguments: try Vectors.load("chain/proofs")) func publishedVectors(vector: JSONValue) throws {
        let published = try Published(vector)
        let account = try published.verify()
        #expect(account.exists)
        #expect(account.balance == UInt256(hex: published.proof["balance"]?.string ?? ""))
        for (slot, member) in zip(published.slots, published.proof["storageProof"]?.array ?? []) {
            #expect(account.storage[slot] == UInt256(hex: member["value"]?.string ?? ""))
        }
        #expect(throws: VerificationError.self) { try account.checkCode([1]) }
        // Another account, or the state after another block.
        let proof = try AccountProof(json: .object(published.proof), slots: published.slots.count)
        #expect(throws: VerificationError.self) {
            try proof.verify(.zero, slots: published.slots, in: published.header)
        }
        #expect(throws: VerificationError.self) {
            try proof.verify(published.address, slots: published.slots, stateRoot: .zero)
        }
    }

    /// The trap: the first nodes of a proof of presence prove nothing, above all not that the account or slot is empty.
    @Test(arguments: try Vectors.load("chain/proofs")) func everyFirstPartIsRefused(vector: JSONValue) throws {
        let published = try Published(vector)
        let nodes = try #require(published.proof["accountProof"]?.array)
        for count in 0..<nodes.count {
            var told = published.proof
            told["accountProof"] = .array(Array(nodes[..<count]))
            var denied = told
            for (key, value) in [
                ("nonce", "0x0"), ("balance", "0x0"), ("storageHash", MerkleProof.emptyRoot.hex),
                ("codeHash", Keccak256.hash([]).hex),
            ] { denied[key] = .string(value) }
            for changed in [told, denied] {
                #expect(throws: VerificationError.accountNodes(published.address, .truncated(nodes: count))) {
                    try published.verify(changed)
                }
            }
        }
        var longer = published.proof
        longer["accountProof"] = .array(nodes + [nodes[0]])
        #expect(throws: VerificationError.self) { try published.verify(longer) }
        for (index, slot) in published.slots.enumerated() {
            let nodes = try #require(published.proof["storageProof"]?.array?[index]["proof"]?.array)
            for count in 0..<nodes.count {
                for value in ["0x0", "0x1"] {
                    let changed = try published.storage {
                        $0[index]["proof"] = .array(Array(nodes[..<count]))
                        $0[index]["value"] = .string(value)
                    }
                    #expect(
                        throws: VerificationError.slotNodes(
                            published.address, slot: slot, .truncated(nodes: count))
                    ) { try published.verify(changed) }
                }
            }
        }
    }

    /// One digit of anything changed, at each byte of each node: refused.
    @Test(arguments: try Vectors.load("chain/proofs")) func everyChangeIsRefused(vector: JSONValue) throws {
        let published = try Published(vector)
        let nodes = try #require(published.proof["accountProof"]?.array).map { $0.string ?? "" }
        for (index, node) in nodes.enumerated() {
            // Every eleventh byte of each node, which meets every kind of item.
            for offset in stride(from: 2, to: node.utf8.count, by: 22) {
                var text = Array(node.utf8)
                text[offset] = text[offset] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
                var changed = published.proof
                var all = nodes
                all[index] = String(decoding: text, as: UTF8.self)
                changed["accountProof"] = .array(all.map { .string($0) })
                #expect(throws: VerificationError.self) { try published.verify(changed) }
            }
        }
        for key in ["nonce", "balance", "storageHash", "codeHash"] {
            let text = try #require(published.proof[key]?.string)
            var changed = published.proof
            changed[key] = .string(text.dropLast() + (text.last == "1" ? "2" : "1"))
            #expect(throws: VerificationError.self) { try published.verify(changed) }
        }
        for index in published.slots.indices {
            let changed = try published.storage { $0[index]["value"] = .string("0x39") }
            #expect(throws: VerificationError.slot(published.address, slot: published.slots[index], claimed: 0x39)) {
                try published.verify(changed)
            }
            let zero = try published.storage { $0[index]["value"] = .string("0x0") }
            #expect(throws: VerificationError.self) { try published.verify(zero) }
        }
    }

    @Test func slotsAreThoseAskedFor() throws {
        let published = try Published(
            #require(try Vectors.load("chain/proofs").first { $0["name"]?.string == "execution-apis contract" }))
        let slot = try #require(published.slots.first)
        // However many zeros the key is told with.
        for key in ["0x0", "0x00", Hash32.zero.hex] {
            _ = try published.verify(try published.storage { $0[0]["key"] = .string(key) })
        }
        for value in ["0x38", "0x038", Hash32(word: 0x38).hex] {
            _ = try published.verify(try published.storage { $0[0]["value"] = .string(value) })
        }
        #expect(throws: VerificationError.slots(published.address, "0x1 was not asked for")) {
            try published.verify(try published.storage { $0[0]["key"] = .string("0x1") })
        }
        let twice = try published.storage { $0.append($0[0]) }
        #expect(throws: VerificationError.slots(published.address, "0x0 is answered twice")) {
            try published.verify(twice, slots: [slot, 1])
        }
        #expect(throws: VerificationError.slots(published.address, "0x1 is not answered")) {
            try published.verify(slots: [slot, 1])
        }
        #expect(throws: VerificationError.self) { try published.verify(twice) }
        for key in ["0x", "0", "0x" + String(repeating: "0", count: 65)] {
            #expect(throws: VerificationError.self) {
                try published.verify(try published.storage { $0[0]["key"] = .string(key) })
            }
        }
    }

    /// A state of the tests' own: accounts with storage, proofs of presence and absence.
    @Test(arguments: Seed.sweep(6)) func randomStates(seed: Seed) throws {
        var generator = seed.generator
        let slots = (0..<60).map { _ in UInt256.random(using: &generator) }
        var values: [UInt256: UInt256] = [:]
        for slot in slots.prefix(40) { values[slot] = .random(bits: 1...256, using: &generator) }
        let storage = ReferenceTrie(
            Dictionary(uniqueKeysWithValues: values.map { ($0.key.pathBytes, RLP.quantity($0.value).encoded()) }))
        let address = Address(word: .random(bits: 100...160, using: &generator))
        let nonce = UInt256.random(bits: 0...64, using: &generator)
        let balance = UInt256.random(using: &generator)
        let code = generator.bytes(20)
        var accounts = [[UInt8]: [UInt8]]()
        accounts[Keccak256.hash(address.bytes).bytes] =
            RLP.list([.quantity(nonce), .quantity(balance), .hash(storage.root), .hash(Keccak256.hash(code))]).encoded()
        for _ in 0..<100 { accounts[generator.bytes(32)] = generator.bytes(70) }
        let state = ReferenceTrie(accounts)

        let wanted = Array(Set(slots))
        func answer(
            _ of: Address, _ members: [(String, String)], _ trie: ReferenceTrie, _ values: [UInt256: UInt256]
        ) -> JSONObject {
            var object = JSONObject(members.map { ($0.0, .string($0.1)) })
            object["accountProof"] = .array(
                state.proof(Keccak256.hash(of.bytes).bytes).map { .string(Hex.encode($0)) })
            object["storageProof"] = .array(
                wanted.shuffled(using: &generator).map { slot in
                    .object([
                        "key": .string(Hex.quantity(slot)), "value": .string(Hex.quantity(values[slot] ?? .zero)),
                        "proof": .array(trie.proof(slot.pathBytes).map { .string(Hex.encode($0)) }),
                    ])
                })
            return object
        }
        let members = [
            ("nonce", Hex.quantity(nonce)), ("balance", Hex.quantity(balance)), ("storageHash", storage.root.hex),
            ("codeHash", Keccak256.hash(code).hex),
        ]
        let proof = try AccountProof(json: .object(answer(address, members, storage, values)), slots: wanted.count)
        let account = try proof.verify(address, slots: wanted, stateRoot: state.root)
        #expect(account.exists)
        for slot in wanted { #expect(account.storage[slot] == values[slot] ?? .zero) }
        try account.checkCode(code)

        // An account that is not there: told as nothing, in any of the ways that nodes do.
        let nobody = Address(word: 12)
        let none = ReferenceTrie([:])
        for (storageHash, codeHash) in [
            (MerkleProof.emptyRoot, Keccak256.hash([])), (.zero, .zero), (.zero, Keccak256.hash([])),
        ] {
            let nothing = [
                ("nonce", "0x0"), ("balance", "0x0"), ("storageHash", storageHash.hex), ("codeHash", codeHash.hex),
            ]
            let account = try AccountProof(json: .object(answer(nobody, nothing, none, [:])), slots: wanted.count)
                .verify(nobody, slots: wanted, stateRoot: state.root)
            #expect(!account.exists)
            #expect(account.storageHash == MerkleProof.emptyRoot)
            #expect(account.codeHash == Keccak256.hash([]))
            for (index, value) in [(0, "0x1"), (1, "0x1"), (2, storage.root.hex), (3, Keccak256.hash(code).hex)] {
                var lie = nothing
                lie[index].1 = value
                let proof = try AccountProof(json: .object(answer(nobody, lie, none, [:])), slots: wanted.count)
                #expect(throws: VerificationError.self) {
                    try proof.verify(nobody, slots: wanted, stateRoot: state.root)
                }
            }
            // Storage of an account that is not there, though its nodes are real.
            let haunted = try AccountProof(
                json: .object(answer(nobody, nothing, storage, values)), slots: wanted.count)
            #expect(throws: VerificationError.self) {
                try haunted.verify(nobody, slots: wanted, stateRoot: state.root)
            }
        }
    }

    /// A trie that holds a zero, or a value with a zero in front, is none that the EVM makes.
    @Test func valuesAreCanonical() throws {
        for (stored, told) in [([0x80], "0x0"), ([0x00], "0x0"), ([0x82, 0x00, 0x05], "0x5")] as [([UInt8], String)] {
            let storage = ReferenceTrie([UInt256(1).pathBytes: stored])
            let value = RLP.list([
                .quantity(1), .quantity(2), .hash(storage.root), .hash(Keccak256.hash([])),
            ]).encoded()
            let address = Address(word: 3)
            let state = ReferenceTrie([Keccak256.hash(address.bytes).bytes: value])
            let json: JSONObject = [
                "nonce": .string("0x1"), "balance": .string("0x2"), "storageHash": .string(storage.root.hex),
                "codeHash": .string(Keccak256.hash([]).hex),
                "accountProof": .array(
                    state.proof(Keccak256.hash(address.bytes).bytes).map { .string(Hex.encode($0)) }),
                "storageProof": .array([
                    .object([
                        "key": .string("0x1"), "value": .string(told),
                        "proof": .array(storage.proof(UInt256(1).pathBytes).map { .string(Hex.encode($0)) }),
                    ])
                ]),
            ]
            let proof = try AccountProof(json: .object(json), slots: 1)
            #expect(throws: VerificationError.self) {
                try proof.verify(address, slots: [1], stateRoot: state.root)
            }
        }
    }

    @Test func limits() throws {
        let published = try Published(#require(try Vectors.load("chain/proofs").first))
        let node = JSONValue.string(Hex.encode([UInt8](repeating: 0, count: 601)))
        for nodes in [[JSONValue](repeating: .string("0x80"), count: 17), [node], [.null], [.string("0x8")]] {
            var changed = published.proof
            changed["accountProof"] = .array(nodes)
            let error = #expect(throws: VerificationError.self) {
                try AccountProof(json: .object(changed), slots: published.slots.count)
            }
            #expect(error?.isContradiction == false)
        }
        let many = try published.storage { $0[0]["proof"] = .array([JSONValue](repeating: .string("0x80"), count: 65)) }
        #expect(throws: VerificationError.self) { try published.verify(many) }
        #expect(throws: VerificationError.self) { try AccountProof(json: .object(published.proof), slots: 0) }
        for key in ["nonce", "balance", "storageHash", "codeHash", "accountProof", "storageProof"] {
            var changed = published.proof
            changed[key] = nil
            #expect(throws: VerificationError.self) { try published.verify(changed) }
        }
        for root in [JSONValue.null, .array([]), .string("0x")] {
            #expect(throws: VerificationError.self) { try AccountProof(json: root, slots: 1) }
        }
    }
}

extension UInt256 {
    /// The path of a storage slot.
    fileprivate var pathBytes: [UInt8] { Keccak256.hash(bigEndianBytes).bytes }
}
