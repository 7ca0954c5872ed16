import Ethereum
import JSONRPC

extension Snapshot {
    /// Slots in one request. A slot of a large contract takes some 9 KB, and the largest answer read is 1 MiB.
    private static let mostSlots = 64
    /// Slots in one exchange.
    private static let mostSlotsTogether = 256
    /// Requests in one exchange.
    private static let mostTogether = 16
    /// Requests that are made before their answers are checked and let go.
    private static let mostInWave = 64

    /// Asks for proofs of storage at the pinned block and checks them under its header.
    ///
    /// - Parameters:
    ///   - header: the pinned block's.
    ///   - isKept: whether the answer that proved an account is kept beside its values; refuted answers always are.
    /// - Throws: where nothing can be asked: another header, a block that the endpoint cannot name any more. A request
    ///   that fails leaves its slots unanswered.
    public func proofs(
        _ queries: [StorageQuery], in header: VerifiedHeader,
        keeping isKept: (ProvenAccount) -> Bool = { _ in false }
    ) async throws(ChainError) -> StorageProofs {
        guard header.hash == block.hash else {
            throw .wrongBlock(endpoint: endpoint, expected: block.hash, got: header.hash.hex)
        }
        var waiting = Self.parts(of: queries)[...]
        var proofs = StorageProofs()
        while !waiting.isEmpty {
            let wave = Array(waiting.prefix(Self.mostInWave))
            waiting = waiting.dropFirst(wave.count)
            let requests = wave.map(proofRequest)
            let answers = await requester.perform(requests, sizes: Self.exchanges(wave))
            try await confirm()
            for (index, part) in wave.enumerated() {
                if case .failure(let error) = answers[index], part.slots.count > 1, error.failure == .resultTooLarge {
                    waiting += part.halves
                    continue
                }
                proofs.take(check(answers[index], part, requests[index], header, isKept), for: part)
            }
        }
        return proofs
    }

    /// The queries as requests of limited size; each slot once, for a slot that is asked twice may be answered twice.
    private static func parts(of queries: [StorageQuery]) -> [StorageQuery] {
        var slots: [Address: Set<UInt256>] = [:]
        for query in queries { slots[query.contract, default: []].formUnion(query.slots) }
        return slots.sorted { $0.key < $1.key }.flatMap { contract, slots in
            let sorted = slots.sorted()
            return stride(from: 0, to: max(1, sorted.count), by: mostSlots).map { start in
                StorageQuery(contract, slots: Array(sorted[start..<min(start + mostSlots, sorted.count)]))
            }
        }
    }

    /// How many consecutive requests share an exchange.
    private static func exchanges(_ parts: [StorageQuery]) -> [Int] {
        var sizes: [Int] = []
        var slots = 0
        for part in parts {
            if let last = sizes.last, last < mostTogether, slots + part.slots.count <= mostSlotsTogether {
                sizes[sizes.count - 1] += 1
                slots += part.slots.count
            } else {
                sizes.append(1)
                slots = part.slots.count
            }
        }
        return sizes
    }

    private func proofRequest(_ part: StorageQuery) -> RPCRequest {
        let keys = part.slots.map { "\"\(Hash32(word: $0).hex)\"" }.joined(separator: ",")
        let pin = Parameters.pin(block, byHash: capabilities.pinsByHash)
        return RPCRequest(
            method: "eth_getProof", params: Array("[\"\(part.contract.hex)\",[\(keys)],\(pin)]".utf8), kind: .proof,
            needs: RPCNeeds(
                features: capabilities.pinsByHash ? [.blockByHash] : [], height: block.number, state: block.number))
    }

    private func check(
        _ answer: Result<RPCResult, RPCError>, _ part: StorageQuery, _ request: RPCRequest,
        _ header: VerifiedHeader, _ isKept: (ProvenAccount) -> Bool
    ) -> StorageProofs.Part {
        let result: RPCResult
        switch answer {
        case .success(let success): result = success
        case .failure(let error): return .unanswered(.failed("\(error)"))
        }
        func evidence() -> ProofEvidence {
            ProofEvidence(
                endpoint: result.endpointName, params: request.params, result: Array(result.bytes[result.range]))
        }
        do throws(VerificationError) {
            let proof = try AccountProof(result, slots: part.slots.count)
            let (account, refuted) = try proof.verifyEach(part.contract, slots: part.slots, in: header)
            return .answered(account, refuted: refuted, refuted.isEmpty && !isKept(account) ? nil : evidence())
        } catch {
            return error.isContradiction ? .refuted(error, evidence()) : .unanswered(.malformed("\(error)"))
        }
    }
}

extension StorageQuery {
    /// The same in two queries.
    fileprivate var halves: [StorageQuery] {
        let middle = slots.count / 2
        return [
            StorageQuery(contract, slots: Array(slots[..<middle])),
            StorageQuery(contract, slots: Array(slots[middle...])),
        ]
    }
}
