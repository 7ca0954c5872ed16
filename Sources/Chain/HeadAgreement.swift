import Ethereum
public import JSONRPC

/// The block that endpoints agree on, and who has it.
public struct AgreedBlock: Sendable {
    /// The block.
    public let block: Block
    /// The endpoints that have it under this hash, in the order they were given.
    public let holders: [String]
    /// What was said that differs, or was not said; a line each.
    public let notices: [String]
}

/// Finds a block on which the endpoints of a pool agree by its hash.
///
/// The height is the second highest that is claimed where two or more endpoints answer, the highest that as many claim
/// as have to agree: one endpoint alone can neither hold the others back nor send them ahead. Source: rpc.md §7.6, §8.1.
public struct HeadAgreement: Sendable {
    private let pool: EndpointPool
    private let chainId: UInt64

    /// How many blocks to go back where endpoints disagree about the newest: it may be changing.
    private static let mostSteps: UInt64 = 8

    /// Asks the endpoints of `pool`.
    public init(_ pool: EndpointPool, chainId: UInt64) {
        self.pool = pool
        self.chainId = chainId
    }

    private enum Claim: Sendable {
        case block(Block)
        case failure(ChainError)
    }

    /// The block that `selector` names, as `quorum` endpoints agree; as many as answer where there are fewer and
    /// `isStrict` is false.
    ///
    /// - Throws: why no endpoint can be used; `.disagreement` where too few agree.
    public func find(
        _ selector: BlockSelector, quorum: Int, isStrict: Bool
    ) async throws(ChainError) -> AgreedBlock {
        let names = pool.endpointNames
        let claims = await mapConcurrently(names, limit: names.count) { name -> Claim in
            guard let client = pool.only(name) else { return .failure(.cancelled) }
            var probe = Probe(client: client)
            do throws(ChainError) {
                return .block(try await probe.pin(selector, chainId: chainId))
            } catch {
                return .failure(error)
            }
        }
        var notices: [String] = []
        var heads: [(name: String, block: Block)] = []
        for (name, claim) in zip(names, claims) {
            switch claim {
            case .block(let block): heads.append((name, block))
            case .failure(let error): notices.append("\(error)")
            }
        }
        guard !heads.isEmpty else { throw Self.worst(claims) }
        let needed = isStrict ? quorum : min(quorum, heads.count)
        guard heads.count >= needed else {
            throw .disagreement("\(needed) endpoints have to agree on a block, and \(heads.count) answered")
        }
        var height = heads.map(\.block.number).sorted(by: >)[needed - 1]
        for step in 0...Self.mostSteps {
            let asked = heads.filter { $0.block.number != height }.map(\.name)
            var found = heads.filter { $0.block.number == height }.map { ($0.name, $0.block) }
            found += await blocks(at: height, of: asked)
            let groups = Dictionary(grouping: found, by: \.1.hash).sorted { $0.value.count > $1.value.count }
            if let best = groups.first, best.value.count >= needed,
                groups.count == 1 || groups[1].value.count < best.value.count
            {
                let holders = names.filter { name in best.value.contains { $0.0 == name } }
                for (hash, others) in groups.dropFirst() {
                    let who = others.map(\.0).joined(separator: ", ")
                    notices.append("\(who): block \(height) is \(hash.hex) there, and \(best.key.hex) for the others")
                }
                for (name, block) in heads where block.number < height && !holders.contains(name) {
                    notices.append("\(name) is behind: its head is \(block.number), not \(height)")
                }
                return AgreedBlock(block: best.value[0].1, holders: holders, notices: notices)
            }
            // A named block is this one or none.
            guard step < Self.mostSteps, height > 0, selector.isMoving else { break }
            height -= 1
        }
        throw .disagreement("no \(needed) endpoints agree on the hash of block \(height)")
    }

    /// The block at a height, of those who have one there.
    private func blocks(at height: UInt64, of names: [String]) async -> [(String, Block)] {
        await mapConcurrently(names, limit: max(1, names.count)) { name -> (String, Block)? in
            guard let client = pool.only(name) else { return nil }
            do {
                let result = try await client.call(Probe.block(.number(height)))
                guard let block = try Block.decode(result, endpoint: name), block.number == height else { return nil }
                return (name, block)
            } catch {
                return nil
            }
        }.compactMap { $0 }
    }

    /// The failure to report where all failed: a wrong chain everywhere is a mistake of the file, not of the endpoints.
    private static func worst(_ claims: [Claim]) -> ChainError {
        var failures: [ChainError] = []
        for case .failure(let error) in claims { failures.append(error) }
        let isWrongChain = failures.map { if case .wrongChain = $0 { true } else { false } }
        if let place = isWrongChain.firstIndex(of: false) { return failures[place] }
        return failures.first ?? .cancelled
    }
}

extension BlockSelector {
    /// Whether the block that it names changes with time.
    var isMoving: Bool {
        switch self {
        case .latest, .safe, .finalized: true
        case .number, .hash: false
        }
    }
}
