import Ethereum
import JSON
import Keeper
import Testing

@testable import Server

extension ServeWorld {
    fileprivate func ids(_ target: String) async throws -> [String] {
        try await get(target).json["records"]?.array?.compactMap { $0["id"]?.string } ?? ["?"]
    }
}

@Suite(.timeLimit(.minutes(2))) struct RoutesTests {
    @Test func whatIsOpenIsListed() async throws {
        let world = try await ServeWorld()
        try world.publish(3)
        let all = try await world.get("/v1/positions")
        #expect(all.status == 200)
        #expect(try all.json["count"]?.int == 4)
        let records = try #require(all.json["records"]?.array)
        #expect(records.map { $0["id"]?.string } == (0..<4).map { ServeWorld.id($0) }.sorted().map(\.hex))
        // Byte for byte as published.
        for entry in world.feed.current.entries.values {
            let line = String(decoding: try #require(entry.line), as: UTF8.self)
            #expect(String(decoding: all.body, as: UTF8.self).contains(line))
        }
        let etag = try #require(all.headers["etag"])
        let again = try await world.get("/v1/positions", headers: ["If-None-Match: \(etag)"])
        #expect(again.status == 304 && again.body.isEmpty)
        try world.publish(1)
        #expect(try await world.get("/v1/positions", headers: ["If-None-Match: \(etag)"]).status == 200)
        await world.end()
    }

    @Test func filtersAndPages() async throws {
        let world = try await ServeWorld()
        try world.publish(2)
        let id = { (index: Int) in ServeWorld.id(index).hex }
        #expect(try await Set(world.ids("/v1/positions?state=open")) == [id(0), id(2)])
        #expect(try await Set(world.ids("/v1/positions?state=watch")) == [id(1), id(3)])
        #expect(try await world.ids("/v1/positions?state=unknown") == [id(3)])
        #expect(try await world.ids("/v1/positions?account=\(ServeWorld.account(1))") == [id(1)])
        // What is not known may be as low as anything.
        #expect(try await world.ids("/v1/positions?maxHealth=0.95&sort=health") == [id(3), id(0), id(1)])
        #expect(try await world.ids("/v1/positions?maxHealth=0.949999999999999999&sort=health") == [id(3), id(0)])
        #expect(try await world.ids("/v1/opportunities") == [id(2), id(0)])
        #expect(try await world.ids("/v1/opportunities?minNetWei=6") == [id(2)])
        #expect(try await world.ids("/v1/opportunities?verdict=unknown") == [id(0)])
        let first = try await world.get("/v1/positions?sort=health&limit=3").json
        let cursor = try #require(first["cursor"]?.string)
        #expect(try await world.ids("/v1/positions?sort=health&limit=3&cursor=\(cursor)") == [id(2)])
        let seq = world.feed.current.seq
        #expect(try await world.get("/v1/positions?stream=1/*&sinceSeq=\(seq)").status == 304)
        #expect(try await world.ids("/v1/positions?sinceSeq=\(seq - 2)").count == 1)
        let one = try await world.get("/v1/positions/\(id(1))")
        #expect(one.status == 200)
        #expect(one.body == world.feed.current.entries[ServeWorld.id(1)]?.line)
        await world.end()
    }

    @Test func theSnapshotIsTheState() async throws {
        let world = try await ServeWorld()
        try world.publish(2)
        let snapshot = try await world.get("/v1/snapshot").json
        #expect(snapshot["streams"]?.array?.first?["snapshotSeq"]?.uint64 == world.feed.current.seq)
        let ids = snapshot["records"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(ids) == Set(world.feed.current.entries.keys.map(\.hex)))
        await world.end()
    }

    @Test(arguments: [
        ("GET", "/v1/positions?nonsense=1", 400), ("GET", "/v1/positions?state=nearly", 400),
        ("GET", "/v1/positions?limit=0", 400), ("GET", "/v1/positions?limit=1001", 400),
        ("GET", "/v1/positions?maxHealth=1e3", 400), ("GET", "/v1/positions?cursor=0x00", 400),
        ("GET", "/v1/positions?state=open&state=watch", 400), ("GET", "/v1/positions?account=%zz", 400),
        ("GET", "/v1/positions?stream=2/*", 404), ("GET", "/v1/positions/0x12", 400),
        ("GET", "/v1/positions/" + String(repeating: "0", count: 64), 404), ("GET", "/", 404),
        ("GET", "/v1/../health", 404), ("GET", "/v1/%2e%2e/health", 404), ("GET", "//health", 404),
        ("GET", "/v1/positions/../../etc/passwd", 404), ("GET", "/v1/oracles", 501), ("GET", "/v1/ws", 426),
        ("GET", "/v1/stream?resume=1/aave-v3/core:99", 409), ("GET", "/v1/stream?resume=2/x:1", 400),
        ("GET", "/v1/stream?types=everything", 400), ("HEAD", "/v1/stream", 405), ("POST", "/v1/positions", 405),
        ("DELETE", "/v1/positions", 405), ("OPTIONS", "/v1/positions", 405), ("TRACE", "/", 405),
    ])
    func refusals(method: String, target: String, status: Int) async throws {
        let world = try await ServeWorld()
        let answer = try await world.get(target, method: method, headers: ["Origin: https://example.org"])
        #expect(answer.status == status)
        if method != "HEAD" {
            let error = try answer.json["error"]
            #expect(error?["status"]?.int == status)
            #expect(error?["what"]?.string?.isEmpty == false && error?["expected"]?.string?.isEmpty == false)
        }
        #expect(!answer.headers.keys.contains { $0.hasPrefix("access-control") })
        await world.end()
    }

    /// The description names every route that is there, and each says what the server does.
    @Test func openAPIIsTheRoutes() async throws {
        let world = try await ServeWorld()
        try world.publish(1)
        let document = try await world.get("/openapi.json").json
        let paths = try #require(document["paths"]?.object)
        #expect(Set(paths.keys) == Set(Route.all.map(\.path)))
        #expect(Set(Route.all.map(\.kind)) == Set(Route.Kind.allCases))
        for (path, item) in paths.members where path != "/v1/stream" {
            let target = path.replacing("{id}", with: ServeWorld.id(0).hex)
            let statuses = item["get"]?["responses"]?.object?.keys ?? []
            let answer = try await world.get(target)
            #expect(statuses.contains("\(answer.status)"), "\(path)")
            for parameter in item["get"]?["parameters"]?.array ?? [] where parameter["in"]?.string == "query" {
                // Known: refused for its value at most, and never for its name.
                let name = try #require(parameter["name"]?.string)
                let refusal = try await world.get("\(target)?\(name)=%7B")
                let error = refusal.status == 304 ? nil : try refusal.json["error"]
                #expect(refusal.status < 400 || error != nil)
                #expect(error?["expected"]?.string?.hasPrefix("one of stream,") != true)
            }
        }
        await world.end()
    }

    @Test func healthFollowsTheWatch() async throws {
        let time = AtomicTime(1_700_000_000_000)
        let world = try await ServeWorld {
            $0.clock = { time.value }
            $0.period = 10
        }
        #expect(try await world.get("/health").status == 503)
        try world.feed.announce(.status, ["status": "live"])
        try world.publish(1)
        var status = 0
        while status != 200 { status = try await world.get("/health").status }
        time.value += 20_000
        #expect(try await world.get("/health").status == 200)
        time.value += 1
        let late = try await world.get("/health")
        #expect(late.status == 503)
        #expect(try late.json["streams"]?.array?.first?["stream"]?.string == ServeWorld.stream)
        await world.end()
    }

    @Test func metricsAreOfStreamsAlone() async throws {
        let world = try await ServeWorld()
        try world.feed.announce(.status, ["status": "live"])
        try world.publish(2)
        var text = ""
        while !text.contains("plimsoll_head_block{stream=\"1/aave-v3/core\"} 2\n") {
            let answer = try await world.get("/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            text = String(decoding: answer.body, as: UTF8.self)
        }
        for sample in [
            "plimsoll_positions{stream=\"1/aave-v3/core\",state=\"open\"} 2",
            "plimsoll_positions{stream=\"1/aave-v3/core\",state=\"safe\"} 6",
            "plimsoll_block_to_verdict_seconds_bucket{stream=\"1/aave-v3/core\",le=\"0.250\"} 2",
            "plimsoll_block_to_verdict_seconds_sum{stream=\"1/aave-v3/core\"} 0.240",
            "plimsoll_open_age_blocks{stream=\"1/aave-v3/core\"} 1",
            "plimsoll_feed_seq{stream=\"1/aave-v3/core\"} \(world.feed.current.seq)",
            "plimsoll_live{stream=\"1/aave-v3/core\"} 1",
        ] { #expect(text.contains(sample + "\n"), "\(sample)") }
        #expect(!text.contains("0x"))
        await world.end()
    }
}
