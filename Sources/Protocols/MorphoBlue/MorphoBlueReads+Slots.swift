import Bindings
import Chain
import Ethereum
import Lending

extension MorphoBlue {
    /// Whether the singleton answers `extSloads`, and what its getters say lies where it is known to lie.
    ///
    /// - Throws: `.noCode`; `.unreadable` where it has no `owner()` or does not answer.
    static func readsSlots(
        of morpho: Address, _ name: String, on snapshot: Snapshot
    ) async throws(LendingError) -> Bool {
        let answers: [Reading<[UInt8]>]
        do throws(ChainError) {
            answers = try await snapshot.read([
                Reader.call(morpho, MorphoBlueMorpho.Owner.selector),
                Reader.call(morpho, MorphoBlueMorpho.FeeRecipient.selector),
                Reader.sloads(morpho, [Layout.owner, Layout.feeRecipient]),
            ])
        } catch {
            throw .chain(error)
        }
        var getters: [UInt256] = []
        for (answer, what) in zip(answers, ["owner()", "feeRecipient()"]) {
            switch Reader.word(answer) {
            case .known(let word): getters.append(word)
            case .unknown(.noCode): throw .noCode(market: name, role: "morpho", morpho)
            case .unknown(let reason): throw .unreadable(market: name, what: what, at: morpho, reason)
            }
        }
        switch Reader.slots(answers[2], count: 2) {
        case .known(let slots): return slots == getters
        case .unknown(.failed(let why)):
            throw .unreadable(market: name, what: "extSloads", at: morpho, .failed(why))
        case .unknown: return false
        }
    }
}

extension MorphoBlue.Reader {
    /// Slots in one call, at first and where that is too much.
    private static let sizes = [500, 60, 6]

    static func sloads(_ morpho: Address, _ slots: [UInt256]) -> Call {
        call(morpho, MorphoBlueMorpho.ExtSloads.selector, [32, UInt256(UInt64(slots.count))] + slots)
    }

    static func slots(_ answer: Reading<[UInt8]>, count: Int) -> Reading<[UInt256]> {
        switch words(answer, count + 2) {
        case .unknown(let reason): .unknown(reason)
        case .known(let words):
            words[0] == 32 && words[1] == UInt256(UInt64(count))
                ? .known(Array(words.dropFirst(2))) : .unknown(.malformed("extSloads answers another list"))
        }
    }

    /// Storage slots of the singleton; unknown altogether where its storage is not read.
    func sloads(_ slots: [UInt256]) async throws(LendingError) -> [Reading<UInt256>] {
        var readings = [Reading<UInt256>](repeating: .unknown(.failed("its storage is not read")), count: slots.count)
        guard market.readsSlots else { return readings }
        var open = Array(slots.indices)
        for size in Self.sizes where !open.isEmpty {
            let parts = stride(from: 0, to: open.count, by: size).map { open[$0..<min($0 + size, open.count)] }
            let answers: [Reading<[UInt8]>]
            do throws(ChainError) {
                answers = try await snapshot.read(parts.map { part in Self.sloads(morpho, part.map { slots[$0] }) })
            } catch {
                throw .chain(error)
            }
            open = []
            var isAnswered = false
            for (part, answer) in zip(parts, answers) {
                switch Self.slots(answer, count: part.count) {
                case .known(let words):
                    isAnswered = true
                    for (index, word) in zip(part, words) { readings[index] = .known(word) }
                case .unknown(let reason):
                    open += part
                    for index in part { readings[index] = .unknown(reason) }
                }
            }
            // The first answer may be too long for the endpoint; the second is not.
            if !isAnswered, size != Self.sizes[0] { break }
        }
        return readings
    }

    /// The slot with borrow shares and collateral of each holder.
    func holdings(_ holders: [(address: Address, id: Hash32)]) async throws(LendingError) -> [Reading<UInt256>] {
        var positions: [Hash32: UInt256] = [:]
        let slots = holders.map { holder -> UInt256 in
            let mapping = positions[holder.id] ?? MorphoBlue.Layout.positions(of: holder.id)
            positions[holder.id] = mapping
            return MorphoBlue.Layout.holding(of: holder.address, in: mapping)
        }
        var readings = try await sloads(slots)
        let missing = readings.indices.filter { readings[$0].value == nil }
        let answers = try await readPacked(
            missing.map {
                Self.call(
                    morpho, MorphoBlueMorpho.Position.selector, [holders[$0].id.word, holders[$0].address.word])
            })
        for (index, answer) in zip(missing, answers) {
            switch Self.words(answer, 3) {
            case .unknown(let reason): readings[index] = .unknown(reason)
            case .known(let words):
                readings[index] =
                    words[1].high == 0 && words[2].high == 0
                    ? .known(words[1] | words[2] << 128)
                    : .unknown(.malformed("position() has more than 128 bits"))
            }
        }
        return readings
    }

    /// The markets as they are stored.
    func states(of ids: [Hash32]) async throws(LendingError) -> [MorphoBlue.MarketState] {
        let slots = ids.flatMap { MorphoBlue.Layout.totals(of: $0) + MorphoBlue.Layout.params(of: $0) }
        let readings = try await sloads(slots)
        var words = ids.indices.map { index -> [UInt256]? in
            let part = readings[index * 8..<index * 8 + 8].compactMap(\.value)
            return part.count == 8 ? part : nil
        }
        let missing = ids.indices.filter { words[$0] == nil }
        var reasons: [Int: Reason] = [:]
        let answers = try await readPacked(
            missing.flatMap {
                [
                    Self.call(morpho, MorphoBlueMorpho.Market.selector, [ids[$0].word]),
                    Self.call(morpho, MorphoBlueMorpho.IdToMarketParams.selector, [ids[$0].word]),
                ]
            })
        for (place, index) in missing.enumerated() {
            switch (Self.words(answers[2 * place], 6), Self.words(answers[2 * place + 1], 5)) {
            case (.known(let six), .known(let five)) where six.allSatisfy({ $0.high == 0 }):
                words[index] =
                    [six[0] | six[1] << 128, six[2] | six[3] << 128, six[4] | six[5] << 128] + five
            case (.known, .known): reasons[index] = .malformed("market() has more than 128 bits")
            case (.unknown(let reason), _), (_, .unknown(let reason)): reasons[index] = reason
            }
        }
        return ids.indices.map { index in
            guard let eight = words[index] else {
                let reason = reasons[index] ?? .failed("it was not read")
                return MorphoBlue.MarketState(id: ids[index], params: .unknown(reason), totals: .unknown(reason))
            }
            return Self.state(ids[index], eight)
        }
    }

    /// One market from its eight words; the five values have to hash to its id.
    private static func state(_ id: Hash32, _ words: [UInt256]) -> MorphoBlue.MarketState {
        let totals = MorphoBlue.Totals(slots: (words[0], words[1], words[2]))
        var state = MorphoBlue.MarketState(
            id: id, params: .unknown(.malformed("no such market was created")), totals: .known(totals))
        if totals.lastUpdate.isZero {
            state.totals = .unknown(.malformed("no such market was created"))
        } else if let params = MorphoBlue.MarketParams(words: Array(words[3...])), params.id == id {
            state.params = .known(params)
        } else {
            state.params = .unknown(.malformed("its values do not hash to its id"))
        }
        return state
    }
}
