import Chain
import Ethereum
import JSON
import Testing
import TestSupport

@Suite struct LogProofTests {
    private static func topic(_ number: UInt64) -> Hash32 { Hash32(word: UInt256(number)) }

    /// Whatever the check throws about the logs.
    private static func dishonesty(_ body: () throws -> Void) throws -> LogDishonesty {
        do {
            try body()
        } catch VerificationError.logs(let dishonesty) {
            return dishonesty
        }
        throw MissingVector(description: "nothing was found dishonest")
    }

    private static func changed(
        _ log: Log, address: Address? = nil, topics: [Hash32]? = nil, data: [UInt8]? = nil, number: UInt64? = nil,
        hash: Hash32? = nil, index: UInt64? = nil
    ) -> Log {
        Log(
            address: address ?? log.address, topics: topics ?? log.topics, data: data ?? log.data,
            blockNumber: number ?? log.blockNumber, blockHash: hash ?? log.blockHash,
            logIndex: index ?? log.logIndex)
    }

    @Test func mainnetDeposits() throws {
        let proven = try ProvenReceipts.mainnet().proven
        let contract = try #require(Address(hex: "0x00000000219ab540356cbb839cbe05303d7705fa"))
        let event = Hash32(hex: "0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5")
        let proof = LogProof(LogQuery(addresses: [contract], topics: [[try #require(event)]]))
        #expect(proof.presence(in: proven.header) == .needsReceipts)
        let logs = proof.logs(in: proven)
        #expect(logs.map(\.logIndex) == [0xFB])
        #expect(try proof.check(logs, in: proven.header) == .needsReceipts)
        try proof.check(logs, with: proven)
        #expect(try Self.dishonesty { try proof.check([], with: proven) } == .omitted(logs[0]))
        // The block's bloom lacks most of what is not there.
        var generator = Seed(3).generator
        var absent = 0
        for _ in 0..<1_000 {
            let address = Address(word: .random(bits: 150...160, using: &generator))
            let stranger = LogProof(LogQuery(addresses: [address], topics: [[]]))
            if stranger.presence(in: proven.header) == .absent { absent += 1 }
        }
        #expect(absent > 700 && absent < 1_000)
    }

    /// Every log of a block, asked for by its own address and topics, is found, and its omission noticed.
    @Test func everyLogOfMainnet() throws {
        let proven = try ProvenReceipts.mainnet().proven
        for log in proven.logs {
            let proof = LogProof(LogQuery(addresses: [log.address], topics: log.topics.map { [$0] }))
            var logs = proof.logs(in: proven)
            #expect(logs.contains(log))
            #expect(try proof.check(logs, in: proven.header) == .needsReceipts)
            try proof.check(logs, with: proven)
            logs.removeAll { $0 == log }
            #expect(try Self.dishonesty { try proof.check(logs, with: proven) } == .omitted(log))
        }
    }

    /// A block of ten logs: even ones are asked for.
    private static func block() throws -> (LogProof, ProvenReceipts, [Log]) {
        let events = (0..<10).map { index in
            ReferenceReceipt.Event(
                address: Address(word: UInt256(UInt64(100 + index % 2))), topics: [topic(1), topic(UInt64(index))],
                data: [UInt8(index)])
        }
        let receipts = [
            ReferenceReceipt(type: 2, status: true, gas: 1, events: Array(events[..<3])),
            ReferenceReceipt(type: 0, status: true, gas: 2, events: []),
            ReferenceReceipt(type: 2, status: true, gas: 3, events: Array(events[3...])),
        ]
        let header = try HeaderFixture.of(receipts)
        let proven = try ProvenReceipts(json: .array(receipts.map(\.json)), header: header)
        let proof = LogProof(LogQuery(addresses: [Address(word: 100)], topics: [[topic(1)]]))
        return (proof, proven, proof.logs(in: proven))
    }

    @Test func whatWasDoneToThem() throws {
        let (proof, proven, logs) = try Self.block()
        #expect(logs.map(\.logIndex) == [0, 2, 4, 6, 8])
        try proof.check(logs, with: proven)
        func check(_ change: (inout [Log]) -> Void) throws -> LogDishonesty {
            var claimed = logs
            change(&claimed)
            return try Self.dishonesty { try proof.check(claimed, with: proven) }
        }
        for index in logs.indices {
            #expect(try check { $0.remove(at: index) } == .omitted(logs[index]))
            let data = Self.changed(logs[index], data: [99])
            #expect(try check { $0[index] = data } == .altered(claimed: data, proven: logs[index]))
            let topics = Self.changed(logs[index], topics: [Self.topic(1), Self.topic(77)])
            #expect(try check { $0[index] = topics } == .altered(claimed: topics, proven: logs[index]))
            #expect(try check { $0.insert(logs[index], at: index) } == .disordered(logs[index]))
        }
        #expect(try check { $0.swapAt(1, 2) } == .disordered(logs[1]))
        // In the place of a log that was not asked for, and after the last one.
        let inside = Self.changed(logs[0], index: 3)
        #expect(try check { $0.insert(inside, at: 2) } == .invented(inside))
        let after = Self.changed(logs[0], index: 10)
        #expect(try check { $0.append(after) } == .invented(after))
        let far = Self.changed(logs[0], index: .max)
        #expect(try check { $0.append(far) } == .invented(far))
        let shifted = Self.changed(logs[2], index: 5)
        #expect(try check { $0[2] = shifted } == .omitted(logs[2]))
        let foreign = Self.changed(logs[0], address: Address(word: 101))
        #expect(try check { $0[0] = foreign } == .foreign(foreign))
        let number = Self.changed(logs[0], number: 99)
        #expect(try check { $0[0] = number } == .wrongBlock(number))
        let hash = Self.changed(logs[0], hash: .zero)
        #expect(try check { $0[0] = hash } == .wrongBlock(hash))
    }

    @Test func theHeaderAlone() throws {
        let (proof, proven, logs) = try Self.block()
        let header = proven.header
        #expect(try proof.check(logs, in: header) == .needsReceipts)
        let invented = Self.changed(logs[0], topics: [Self.topic(1), Self.topic(123_456)])
        #expect(try Self.dishonesty { _ = try proof.check([invented], in: header) } == .invented(invented))

        let nowhere = LogProof(LogQuery(addresses: [Address(word: 5)], topics: []))
        #expect(nowhere.presence(in: header) == .absent)
        #expect(try nowhere.check([], in: header) == .absent)
        let never = LogProof(LogQuery(addresses: [Address(word: 100)], topics: [[Self.topic(999)]]))
        #expect(never.presence(in: header) == .absent)
        // Each position counts, and any of its alternatives will do.
        let second = LogProof(LogQuery(addresses: [Address(word: 100)], topics: [[], [Self.topic(999)]]))
        #expect(second.presence(in: header) == .absent)
        let either = LogProof(
            LogQuery(
                addresses: [Address(word: 5), Address(word: 100)], topics: [[Self.topic(999), Self.topic(1)]]))
        #expect(either.presence(in: header) == .needsReceipts)
        // A bloom that lacks what is claimed: the claim is the lie.
        let lie = Log(
            address: Address(word: 5), topics: [], data: [], blockNumber: 100, blockHash: header.hash, logIndex: 0)
        #expect(try Self.dishonesty { _ = try nowhere.check([lie], in: header) } == .invented(lie))
    }

    /// Where logs of system calls are in no bloom, a bloom proves no absence, and a strange log is no proof of a lie.
    @Test func logsThatNoHeaderCovers() throws {
        let (_, proven, _) = try Self.block()
        let proof = LogProof(LogQuery(addresses: [Address(word: 5)], topics: []), hasLogsOutsideBlooms: true)
        #expect(proof.presence(in: proven.header) == .needsReceipts)
        let log = Log(
            address: Address(word: 5), topics: [], data: [], blockNumber: 100, blockHash: proven.header.hash,
            logIndex: 10)
        #expect(try proof.check([log], in: proven.header) == .needsReceipts)
        #expect(try Self.dishonesty { try proof.check([log], with: proven) } == .invented(log))
        #expect(LogProof.chainsWithLogsOutsideBlooms.contains(137))
    }
}
