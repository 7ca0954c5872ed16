import JSONRPC

/// Sends many requests in as few HTTP exchanges as the endpoint takes, and never loses one: each has an answer or an
/// error.
struct Requester: Sendable {
    let client: any RPCCalling
    let batches: Bool
    /// Exchanges under way at once.
    var concurrency = 4

    /// Whom requests are sent in step with; `nil` where they are sent at once.
    var rounds: (rounds: ReadRounds, reader: Int)?

    /// Requests that one exchange holds where nothing is known of what they cost.
    private static let usual = 100

    /// The answers in the order of the requests.
    ///
    /// - Parameters:
    ///   - sizes: how many consecutive requests share one exchange.
    ///   - weights: how much of what one exchange may cost each of these takes, in thousandths.
    func perform(
        _ requests: [RPCRequest], sizes: [Int], weights: [Int]? = nil
    ) async -> [Result<RPCResult, RPCError>] {
        guard batches else {
            return await mapConcurrently(requests, limit: concurrency) { await single($0) }
        }
        var parts: [ReadRounds.Part] = []
        var start = 0
        for (index, size) in sizes.enumerated() {
            parts.append(
                ReadRounds.Part(
                    requests: requests[start..<start + size],
                    weight: weights?[index] ?? (1_000 * size + Self.usual - 1) / Self.usual))
            start += size
        }
        precondition(start == requests.count, "every request belongs to one exchange")
        if let rounds { return await rounds.rounds.perform(parts, for: rounds.reader) }
        return await send(parts)
    }

    /// Sends each part as one exchange, now.
    func send(_ parts: [ReadRounds.Part]) async -> [Result<RPCResult, RPCError>] {
        await mapConcurrently(parts, limit: concurrency) { await exchange($0.requests) }.flatMap { $0 }
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
