import Ethereum

/// Proves that the logs claimed for a query are exactly those of a block: none altered, invented or left out.
///
/// The header alone is enough where its bloom lacks what the query wants; otherwise the block's receipts are needed.
public struct LogProof: Sendable {
    /// What a header alone says.
    public enum Presence: Hashable, Sendable {
        /// The block has no log that the query wants.
        case absent
        /// It may have some: the receipts tell.
        case needsReceipts
    }

    /// What is looked for.
    public let query: LogQuery
    /// Whether the chain emits logs that neither blooms nor receipts cover; nothing is then proven absent.
    public let hasLogsOutsideBlooms: Bool
    private let addresses: [LogsBloom.Bits]
    private let topics: [[LogsBloom.Bits]]

    /// Chain ids whose nodes tell logs of system calls that no header covers: Polygon and its test network, whose
    /// older blocks are so.
    public static let chainsWithLogsOutsideBlooms: Set<UInt64> = [137, 80_002]

    /// Makes a proof for a query, on a chain that is in ``chainsWithLogsOutsideBlooms`` or not.
    public init(_ query: LogQuery, hasLogsOutsideBlooms: Bool = false) {
        self.query = query
        self.hasLogsOutsideBlooms = hasLogsOutsideBlooms
        addresses = query.addresses.map { LogsBloom.Bits($0) }
        topics = query.topics.map { $0.map { LogsBloom.Bits($0) } }
    }

    /// Whether the block can have a log that the query wants: one of the addresses, and for each position one topic.
    public func presence(in header: VerifiedHeader) -> Presence {
        guard !hasLogsOutsideBlooms else { return .needsReceipts }
        let bloom = header.header.logsBloom
        guard addresses.contains(where: { bloom.mayContain($0) }) else { return .absent }
        for alternatives in topics where !alternatives.isEmpty {
            guard alternatives.contains(where: { bloom.mayContain($0) }) else { return .absent }
        }
        return .needsReceipts
    }

    /// Checks what was claimed against the header alone.
    ///
    /// - Returns: `.absent` where nothing was claimed and nothing is there: the answer is proven complete.
    /// - Throws: `.logs` where a claimed log cannot be one of the block's.
    public func check(_ claimed: [Log], in header: VerifiedHeader) throws(VerificationError) -> Presence {
        try checkForm(claimed, header)
        if !hasLogsOutsideBlooms {
            let bloom = header.header.logsBloom
            for log in claimed {
                guard bloom.mayContain(log.address), log.topics.allSatisfy({ bloom.mayContain($0) }) else {
                    throw .logs(.invented(log))
                }
            }
        }
        return presence(in: header)
    }

    /// Checks that what was claimed is exactly what the block has.
    ///
    /// - Throws: `.logs` that says which log was altered, left out or invented; `.unsupported` where a claimed log can
    ///   be one of those that no receipt covers.
    public func check(_ claimed: [Log], with receipts: ProvenReceipts) throws(VerificationError) {
        try checkForm(claimed, receipts.header)
        var wanted = logs(in: receipts)[...]
        for log in claimed {
            if let next = wanted.first, next.logIndex < log.logIndex { throw .logs(.omitted(next)) }
            guard wanted.first == log else {
                guard log.logIndex < UInt64(receipts.logs.count) else {
                    guard receipts.outside == 0 else {
                        throw .unsupported("log \(log.logIndex) of block \(log.blockNumber) is one of a system call")
                    }
                    throw .logs(.invented(log))
                }
                let proven = receipts.logs[Int(log.logIndex)]
                // A log in the place of one that was not asked for is as good as invented.
                throw .logs(query.matches(proven) ? .altered(claimed: log, proven: proven) : .invented(log))
            }
            wanted = wanted.dropFirst()
        }
        if let next = wanted.first { throw .logs(.omitted(next)) }
    }

    /// The proven logs that the query wants, in order.
    public func logs(in receipts: ProvenReceipts) -> [Log] {
        receipts.logs.filter { query.matches($0) }
    }

    /// Every claimed log was asked for, is of the block, and comes after the one before it.
    private func checkForm(_ claimed: [Log], _ header: VerifiedHeader) throws(VerificationError) {
        var last: UInt64?
        for log in claimed {
            guard query.matches(log) else { throw .logs(.foreign(log)) }
            guard log.blockNumber == header.number, log.blockHash == header.hash else { throw .logs(.wrongBlock(log)) }
            if let last, log.logIndex <= last { throw .logs(.disordered(log)) }
            last = log.logIndex
        }
    }
}
