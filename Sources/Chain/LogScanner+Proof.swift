import Ethereum
import JSONRPC

extension LogScanner {
    /// Proves that a page holds all logs of its blocks that the query wants, and no others.
    ///
    /// Every header is hashed and linked to the one before it. Where a block's filter admits a wanted log, the block's
    /// receipts are read and hashed too. The caller links pages to one another and the last to the pinned block.
    ///
    /// - Returns: the hash of the block before the first.
    /// - Throws: `.contradicted` with what shows it; `.unproven` where something has a form that is not known here.
    func prove(_ page: Page, _ query: LogQuery) async throws(LogFailure) -> Hash32 {
        let headers = try await headers(of: page)
        let proof = LogProof(
            query, hasLogsOutsideBlooms: LogProof.chainsWithLogsOutsideBlooms.contains(snapshot.chainId))
        var claimed: [UInt64: [Log]] = [:]
        for log in page.logs { claimed[log.blockNumber, default: []].append(log) }
        var doubtful: [VerifiedHeader] = []
        for header in headers {
            do throws(VerificationError) {
                let presence = try proof.check(claimed[header.header.number] ?? [], in: header)
                if presence == .needsReceipts { doubtful.append(header) }
            } catch {
                throw failure(error, by: page.source)
            }
        }
        let requests = doubtful.map { header in
            RPCRequest(
                method: "eth_getBlockReceipts", params: Array("[\"\(header.header.hash.hex)\"]".utf8), kind: .receipts,
                needs: RPCNeeds(height: header.header.number))
        }
        let answers = await snapshot.requester.perform(requests, each: 20)
        for (place, header) in doubtful.enumerated() {
            let answer = try success(answers[place])
            let receipts: ProvenReceipts
            do throws(VerificationError) {
                receipts = try ProvenReceipts(answer, header: header)
            } catch {
                throw failure(error, by: Source(answer, requests[place]))
            }
            do throws(VerificationError) {
                try proof.check(claimed[header.header.number] ?? [], with: receipts)
            } catch {
                throw failure(error, by: page.source)
            }
        }
        return headers[0].header.parentHash
    }

    /// The headers of a page's blocks, each proven and linked to the one before it.
    private func headers(of page: Page) async throws(LogFailure) -> [VerifiedHeader] {
        let requests = page.range.map { Probe.block(.number($0)) }
        let answers = await snapshot.requester.perform(requests, each: 100)
        var headers: [VerifiedHeader] = []
        headers.reserveCapacity(requests.count)
        for (place, number) in page.range.enumerated() {
            let answer = try success(answers[place])
            do throws(VerificationError) {
                guard let header = try BlockHeader.decode(answer), header.number == number else {
                    throw .malformed("no block \(number) where one was told of")
                }
                if let last = headers.last, header.parentHash != last.header.hash { throw .malformed("a broken chain") }
                headers.append(try header.verify())
            } catch {
                throw failure(error, by: Source(answer, requests[place]))
            }
        }
        guard headers.last?.header.hash == page.end.hash else { throw .behind(page.end.number) }
        return headers
    }

    private func success(_ answer: Result<RPCResult, RPCError>) throws(LogFailure) -> RPCResult {
        do {
            return try answer.get()
        } catch {
            throw .refused(error)
        }
    }

    private func failure(_ error: VerificationError, by source: Source) -> LogFailure {
        guard error.isContradiction else { return .unproven(error) }
        return .contradicted(
            Contradiction(endpoint: source.endpoint, error: error, request: source.request, response: source.response))
    }

    /// Who said what to which question.
    struct Source: Sendable {
        let endpoint: String
        let request: RPCRequest
        let response: [UInt8]

        init(_ result: RPCResult, _ request: RPCRequest) {
            endpoint = result.endpointName
            self.request = request
            response = result.bytes
        }
    }
}
