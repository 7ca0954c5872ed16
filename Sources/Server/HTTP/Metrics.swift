internal import JSON
internal import Keeper

/// Metrics as Prometheus reads them (text format 0.0.4). Labels are streams and states: never positions.
struct Metrics {
    /// What the server itself counts.
    struct Service: Sendable {
        var requests: [Int: UInt64] = [:]
    }

    let feeds: [Feed]
    let seen: [String: FeedObserver.Seen]
    let service: Service
    /// What was last found of prices.
    let prices: [PriceBoard.Page]
    /// Milliseconds since 1970.
    let now: UInt64

    var text: [UInt8] {
        var page = MetricPage()
        let seen = seen.sorted { $0.key < $1.key }
        page.family("plimsoll_head_block", "gauge", "The last block that is done.")
        for (stream, seen) in seen {
            page.sample("plimsoll_head_block", ["stream": stream], seen.block.map { "\($0)" })
        }
        page.family("plimsoll_head_age_seconds", "gauge", "Seconds since the last block's own time.")
        for (stream, seen) in seen {
            page.sample(
                "plimsoll_head_age_seconds", ["stream": stream],
                seen.blockTime.map { time in
                    let at = time.multipliedReportingOverflow(by: 1_000)
                    return MetricPage.seconds(at.overflow || at.partialValue > now ? 0 : now - at.partialValue)
                })
        }
        page.family("plimsoll_positions", "gauge", "Accounts by state; unknown ones are also among open or watch.")
        for (stream, seen) in seen {
            for (state, count) in seen.counts {
                page.sample("plimsoll_positions", ["stream": stream, "state": state], "\(count)")
            }
        }
        page.family("plimsoll_verify_mismatch_total", "counter", "Answers of a contract that differ from ours.")
        for (stream, seen) in seen {
            page.sample(
                "plimsoll_verify_mismatch_total", ["stream": stream, "field": "hfProtocol"], "\(seen.mismatches)")
        }
        page.family("plimsoll_retracted_blocks_total", "counter", "Blocks with messages that were taken back.")
        for (stream, seen) in seen {
            page.sample("plimsoll_retracted_blocks_total", ["stream": stream], "\(seen.retractedBlocks)")
        }
        page.family("plimsoll_gaps_total", "counter", "How often continuity was lost.")
        for (stream, seen) in seen { page.sample("plimsoll_gaps_total", ["stream": stream], "\(seen.gaps)") }
        page.family("plimsoll_open_age_blocks", "gauge", "Blocks for which the oldest opportunity has been open.")
        for (stream, seen) in seen {
            let age = seen.block.map { block in seen.opened.values.min().map { block >= $0 ? block - $0 : 0 } ?? 0 }
            page.sample("plimsoll_open_age_blocks", ["stream": stream], age.map { "\($0)" })
        }
        page.family("plimsoll_live", "gauge", "Whether the stream is live.")
        for (stream, seen) in seen {
            page.sample("plimsoll_live", ["stream": stream], seen.status == "live" ? "1" : "0")
        }
        latency(&page, seen)
        judged(&page)
        page.family("plimsoll_feed_seq", "gauge", "The number of the last message.")
        for feed in feeds { page.sample("plimsoll_feed_seq", ["stream": feed.stream], "\(feed.current.seq)") }
        page.family("plimsoll_consumers", "gauge", "Who listens.")
        for feed in feeds { page.sample("plimsoll_consumers", ["stream": feed.stream], "\(feed.consumers)") }
        let backlogs = feeds.map { ($0.stream, $0.backlog) }
        page.family("plimsoll_feed_backlog_messages", "gauge", "The most messages that wait for one consumer.")
        for (stream, most) in backlogs {
            page.sample("plimsoll_feed_backlog_messages", ["stream": stream], "\(most.messages)")
        }
        page.family("plimsoll_feed_backlog_bytes", "gauge", "The most bytes that wait for one consumer.")
        for (stream, most) in backlogs {
            page.sample("plimsoll_feed_backlog_bytes", ["stream": stream], "\(most.bytes)")
        }
        page.family("plimsoll_http_responses_total", "counter", "Answers by status.")
        for (status, count) in service.requests.sorted(by: { $0.key < $1.key }) {
            page.sample("plimsoll_http_responses_total", ["status": "\(status)"], "\(count)")
        }
        return Array(page.text.utf8)
    }

    /// Prices by verdict, and when their sources were read.
    private func judged(_ page: inout MetricPage) {
        page.family("plimsoll_oracle_verdict", "gauge", "Prices of the market by verdict.")
        for one in prices.sorted(by: { $0.stream < $1.stream }) {
            for verdict in ["ok", "suspect", "reject", "unknown"] {
                let count = one.prices.count { $0["verdict"]?.string == verdict }
                page.sample("plimsoll_oracle_verdict", ["stream": one.stream, "verdict": verdict], "\(count)")
            }
        }
        page.family("plimsoll_oracle_block", "gauge", "The block at which sources of prices were last read.")
        for one in prices.sorted(by: { $0.stream < $1.stream }) {
            page.sample("plimsoll_oracle_block", ["stream": one.stream], "\(one.block)")
        }
    }

    private func latency(_ page: inout MetricPage, _ seen: [(key: String, value: FeedObserver.Seen)]) {
        let name = "plimsoll_block_to_verdict_seconds"
        page.family(name, "histogram", "From a block to everything that it brought.")
        for (stream, seen) in seen {
            for (bound, count) in zip(MillisecondHistogram.bounds, seen.latency.counts) {
                page.sample(name + "_bucket", ["stream": stream, "le": MetricPage.seconds(bound)], "\(count)")
            }
            page.sample(name + "_bucket", ["stream": stream, "le": "+Inf"], "\(seen.latency.count)")
            page.sample(name + "_sum", ["stream": stream], MetricPage.seconds(seen.latency.sum))
            page.sample(name + "_count", ["stream": stream], "\(seen.latency.count)")
        }
    }
}

/// A page of metrics that is being written.
struct MetricPage {
    private(set) var text = ""

    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    /// A sample; none where nothing is known: it is not zero.
    mutating func sample(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: String?) {
        guard let value else { return }
        let list = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name){\(list)} \(value)\n"
    }

    /// Milliseconds as seconds, exactly.
    static func seconds(_ milliseconds: UInt64) -> String {
        let rest = "\(milliseconds % 1_000)"
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
