import JSONRPC

/// Sends many requests in as few HTTP exchanges as the endpoint takes, and never loses one: each has an answer or an
/// error.
struct Requester: Sendable {
    let client: any RPCCalling
    let batches: Bool
    /// Exchanges under way at once.
    var concurrency = 4

    /// The answers in the order of the requests; `sizes` says how many consecutive requests share one exchange.
    func perform(_ requests: [RPCRequest], sizes: [Int]) async -> [Result<RPCResult, RPCError>] {
        guard batches else {
            return await mapConcurrently(requests, limit: concurrency) { await single($0) }
        }
        var parts: [ArraySlice<RPCRequest>] = []
        var start = 0
        for size in sizes {
            parts.append(requests[start..<start + size])
            start += size
        }
        precondition(start == requests.count, "every request belongs to one exchange")
        return await mapConcurrently(parts, limit: concurrency) { await exchange($0) }.flatMap { $0 }
    }

    /// The answers in the order of the requests, `size` of them in one exchange.
    func perform(_ requests: [RPCRequest], each size: Int) async -> [Result<RPCResult, RPCError>] {
        let full = requests.count / size
        let rest = requests.count % size
        return await perform(requests, sizes: [Int](repeating: size, count: full) + (rest > 0 ? [rest] : []))
    }

    private func single(_ request: RPCRequest) async -> Result<RPCResult, RPCError> {
        do throws(RPCError) {
            return .success(try await client.call(request))
        } catch {
            return .failure(error)
        }
    }

    /// One exchange; a batch that is refused for its size is halved until it passes.
    private func exchange(_ requests: ArraySlice<RPCRequest>) async -> [Result<RPCResult, RPCError>] {
        do throws(RPCError) {
            return try await client.batch(Array(requests))
        } catch {
            guard requests.count > 1, error.asksForSmallerBatch else {
                return requests.map { _ in .failure(error) }
            }
            let middle = requests.startIndex + requests.count / 2
            return await exchange(requests[..<middle]) + exchange(requests[middle...])
        }
    }
}
