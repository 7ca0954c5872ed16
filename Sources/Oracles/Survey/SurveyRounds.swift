import Chain
import Ethereum
import Networks

/// What is asked next, and what became of the answers. Does no I/O.
struct SurveyRounds {
    /// The questions of one round.
    struct Questions {
        var groups: [[Call]] = []
        var alone: [Call] = []
        var isEmpty: Bool { groups.isEmpty && alone.isEmpty }
    }

    /// One source on its way.
    private struct Source {
        var reader: any PriceSourceReader
        var answers: [Reading<[UInt8]>] = []
        var further: [Reading<[UInt8]>] = []
        var furtherCalls: [Call] = []
        var stage = Stage.new
        var retried = false
    }

    private enum Stage { case new, answered, done }

    /// What a group or a lone call of this round belongs to.
    private enum Place {
        case first([(source: Int, count: Int)])
        case further(Int)
        case probe(Address)
        case assetDecimals([Address])
        case sequencer
        case pool
    }

    /// What a contract is asked by itself, with the place of the getter among its answers.
    private struct LonePlace {
        var node: Address
        var getter: String
    }

    private let block: Block
    private let order: [PriceSourceConfiguration]
    private var sources: [Int: Source] = [:]
    private(set) var forest: OracleForest
    private(set) var pools: PoolBook
    private(set) var sequencer: Reading<OracleBook.Sequencer>?
    private var frontier: [Address]
    private var asked: Set<Address> = []
    private var sequencerFeed: Address?
    private var places: [Place] = []
    private var retries: [(source: Int, call: Int)] = []
    /// Vaults whose asset's decimal places are to be asked.
    private var vaults: [Address] = []
    private var lonely: [LonePlace] = []
    /// Which of the lone calls of this round are of contracts.
    private var asking: [LonePlace] = []
    private var probes: [Address: OracleProbe] = [:]

    /// Calls that share one `eth_call`.
    private static let together = 60
    /// Lone calls of one round.
    private static let mostRetries = 50

    init(
        sources list: [PriceSourceConfiguration], updates: [Int: Reading<[UInt8]>] = [:], facts: FeedFacts,
        tops: [Address], limits: OracleForest.Limits, block: Block
    ) {
        order = list
        self.block = block
        pools = PoolBook(list)
        forest = OracleForest(limits: limits)
        frontier = tops
        sequencerFeed = facts.sequencer
        for (index, source) in list.enumerated() {
            if let reader = PriceSourceKinds.reader(source, feeds: facts, payload: updates[index]) {
                sources[index] = Source(reader: reader)
            }
        }
    }

    /// What to ask now.
    mutating func next() -> Questions {
        var questions = Questions()
        places = []
        retries = []
        askSources(&questions)
        if let feed = sequencerFeed {
            sequencerFeed = nil
            questions.groups.append([Call(feed, "latestRoundData()")])
            places.append(.sequencer)
        }
        let behind = Set(forest.nodes.keys).union(frontier)
        for group in pools.next(isBehind: behind.contains) {
            questions.groups.append(group)
            places.append(.pool)
        }
        var seen = asked
        for address in frontier where asked.count < forest.limits.contracts && seen.insert(address).inserted {
            asked.insert(address)
            questions.groups.append(OracleProbe.calls(address))
            places.append(.probe(address))
        }
        frontier = []
        let assets = vaults.compactMap { vault in forest.nodes[vault]?.vaultAsset.map { (vault, $0) } }
        if !assets.isEmpty {
            questions.groups.append(assets.map { Call($0.1, "decimals()") })
            places.append(.assetDecimals(assets.map(\.0)))
        }
        vaults = []
        asking = Array(lonely.prefix(max(0, Self.mostRetries - questions.alone.count)))
        questions.alone += asking.map { Call($0.node, $0.getter) }
        lonely = []
        return questions
    }

    private mutating func askSources(_ questions: inout Questions) {
        var group: [Call] = []
        var members: [(source: Int, count: Int)] = []
        for index in sources.keys.sorted() {
            guard let source = sources[index] else { continue }
            switch source.stage {
            case .new:
                let calls = source.reader.calls
                if group.count + calls.count > Self.together { flush(&group, &members, &questions) }
                group += calls
                members.append((index, calls.count))
            case .answered:
                let calls = source.reader.further(source.answers)
                sources[index]?.furtherCalls = calls
                if calls.isEmpty {
                    sources[index]?.stage = .done
                } else {
                    questions.groups.append(calls)
                    places.append(.further(index))
                }
                retry(index, &questions)
            case .done: retry(index, &questions)
            }
        }
        flush(&group, &members, &questions)
    }

    private mutating func flush(
        _ group: inout [Call], _ members: inout [(source: Int, count: Int)], _ questions: inout Questions
    ) {
        guard !group.isEmpty else { return }
        questions.groups.append(group)
        places.append(.first(members))
        group = []
        members = []
    }

    /// A source that says nothing is asked again, each call alone: in a group a call may have been refused or starved
    /// for the company it was in.
    private mutating func retry(_ index: Int, _ questions: inout Questions) {
        guard let source = sources[index], !source.retried, reading(source).price.value == nil else { return }
        let failed = source.answers.indices.filter { source.answers[$0].value == nil }
        guard !failed.isEmpty, questions.alone.count + failed.count <= Self.mostRetries else { return }
        sources[index]?.retried = true
        let calls = source.reader.calls
        for call in failed where call < calls.count {
            questions.alone.append(calls[call])
            retries.append((index, call))
        }
    }

    /// Takes the answers to the last questions.
    mutating func take(_ groups: [[Reading<[UInt8]>]], _ alone: [Reading<[UInt8]>]) {
        pools.take(zip(places, groups).filter { if case .pool = $0.0 { true } else { false } }.map(\.1))
        for (place, answers) in zip(places, groups) {
            switch place {
            case .pool: continue
            case .first(let members):
                var start = 0
                for member in members {
                    sources[member.source]?.answers = Array(answers[start..<start + member.count])
                    sources[member.source]?.stage = .answered
                    frontier += sources[member.source].map { $0.reader.contracts($0.answers) } ?? []
                    start += member.count
                }
            case .further(let index):
                sources[index]?.further = answers
                sources[index]?.stage = .done
            case .probe(let address): take(address, answers)
            case .assetDecimals(let vaults):
                for (vault, answer) in zip(vaults, answers) {
                    forest.nodes[vault]?.assetDecimals = answer.number(below: 78)
                }
            case .sequencer: takeSequencer(answers[0])
            }
        }
        for (retry, answer) in zip(retries, alone) {
            sources[retry.source]?.answers[retry.call] = answer
            // What it names has to be asked anew.
            if sources[retry.source]?.further.isEmpty == true { sources[retry.source]?.stage = .answered }
        }
        for (place, answer) in zip(asking, alone.dropFirst(retries.count)) {
            probes[place.node]?.replace(place.getter, with: answer)
        }
        for address in Set(asking.map(\.node)) {
            if let probe = probes[address] { forest.nodes[address] = probe.node() }
        }
    }

    private mutating func take(_ address: Address, _ answers: [Reading<[UInt8]>]) {
        let probe = OracleProbe(address: address, answers: answers, timestamp: block.timestamp)
        let node = probe.node()
        forest.nodes[address] = node
        if node.vaultAsset != nil { vaults.append(address) }
        let alone = probe.alone(node)
        if !alone.isEmpty {
            probes[address] = probe
            lonely += alone.map { LonePlace(node: address, getter: $0) }
        }
        frontier += node.children.prefix(forest.limits.children).map(\.address)
    }

    /// `answer` is 1 where the sequencer is down; `startedAt` is when that last changed.
    private mutating func takeSequencer(_ answer: Reading<[UInt8]>) {
        guard let state = answer.word(1).value, let since = answer.word(2).value?.asUInt64() else {
            sequencer = .unknown(answer.word(2).reason ?? .malformed("its time is none"))
            return
        }
        sequencer = .known(OracleBook.Sequencer(isDown: !state.isZero, since: since))
    }

    private func reading(_ source: Source) -> SourceReading {
        var reading = source.reader.reading(padded(source), source.further, at: block)
        let contracts = source.reader.contracts(source.answers)
        guard !contracts.isEmpty else { return reading }
        // What it asks is what it rests on.
        reading.roots = contracts.reduce(into: []) { $0.formUnion(forest.roots(of: $1)) }
        let oldest = contracts.compactMap { forest.oldest(below: $0) }
            .min { ($0.updatedAt ?? .max) < ($1.updatedAt ?? .max) }
        reading.updatedAt = reading.updatedAt ?? oldest?.updatedAt
        return reading
    }

    /// The answers, each call's: a reader never looks beyond them.
    private func padded(_ source: Source) -> [Reading<[UInt8]>] {
        let missing = source.reader.calls.count - source.answers.count
        return source.answers
            + [Reading<[UInt8]>](repeating: .unknown(.failed("it was never answered")), count: max(0, missing))
    }

    /// What every source says, in the order of the file; `nil` for those that are asked elsewhere.
    var readings: [SourceReading?] {
        order.indices.map { index in sources[index].map { reading($0) } }
    }
}
