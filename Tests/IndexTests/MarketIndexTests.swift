import Chain
import Ethereum
import Foundation
import Index
import JSON
import Lending
import TestSupport
import Testing

/// What an index keeps, gives back and takes back; what it does with a damaged file.
@Suite struct MarketIndexTests {
    private func folder() -> String { NSTemporaryDirectory() + "plimsoll-index-\(UUID().uuidString)" }

    private func account(_ number: UInt64) -> Account { Account(Address(a: 0, b: number, c: 7)) }

    private func checkpoint(_ number: UInt64, side: UInt64 = 0) -> Checkpoint {
        Checkpoint(number: number, hash: Hash32(word: UInt256(words: number, side, 0, 1)))
    }

    private func page(
        _ from: UInt64, _ end: UInt64, side: UInt64 = 0, borrowers: [UInt64] = [], touched: [UInt64] = []
    ) -> LedgerPage {
        var touches = AccountTouches()
        touches.borrowers = borrowers.map { (account($0), end) }
        touches.touched = (borrowers + touched).map(account)
        return LedgerPage(from: from, end: checkpoint(end, side: side), logs: borrowers.count, touches: touches)
    }

    @Test func whatIsCommittedIsThereInTheNextRun() throws {
        let folder = folder()
        do {
            let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder), chainId: 1))
            #expect(try ledger.checkpoints().isEmpty)
            try ledger.commit(page(0, 10, borrowers: [3, 1, 2]))
            try ledger.commit(page(11, 20, borrowers: [2, 4]))
        }
        let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder), chainId: 1))
        #expect(try ledger.checkpoints() == [checkpoint(20), checkpoint(10)])
        #expect(try ledger.borrowers(upTo: 100) == [1, 2, 3, 4].map(account))
        #expect(try ledger.borrowers(upTo: 10) == [1, 2, 3].map(account))
        // Another first block is another market.
        let other = try MarketIndex(of: StubMarket(from: 5), in: ledgerIndex(ledger, folder))
        #expect(try other.checkpoints().isEmpty)
    }

    private func ledgerIndex(_ ledger: MarketIndex, _ folder: String) throws -> Index {
        // The folder is taken as long as the first index lives: one of its own here.
        try Index(in: StateDirectory(folder + "-2"), chainId: 1)
    }

    @Test func aPageThatDoesNotFollowIsRefused() throws {
        let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder()), chainId: 1))
        try ledger.commit(page(0, 10))
        #expect(throws: LedgerError.self) { try ledger.commit(page(12, 20)) }
        #expect(try ledger.checkpoints() == [checkpoint(10)])
    }

    @Test func twoProcessesCannotHaveOneFolder() throws {
        let folder = folder()
        let first = try StateDirectory(folder)
        #expect {
            _ = try StateDirectory(folder)
        } throws: { error in
            if case LedgerError.inUse = error { true } else { false }
        }
        _ = first.path
    }

    @Test func rowsHoldUntilTheirAccountIsTouched() throws {
        let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder()), chainId: 1))
        let print = Hash32(word: 9)
        try ledger.commit(page(0, 10, borrowers: [1, 2, 3]))
        let rows = AccountRows(
            rows: [account(1): [1], account(2): [2, 2], account(3): []],
            answers: [
                account(1): [7, 7],
                Account(account(9).address, accountId: "vault 5"): [UInt8](repeating: 1, count: 700),
            ])
        // Not at the cursor: not kept.
        try ledger.keep(rows, fingerprint: print, at: checkpoint(9))
        #expect(try ledger.rows(fingerprint: print, answeredAt: checkpoint(10)).rows.isEmpty)
        try ledger.keep(rows, fingerprint: print, at: checkpoint(10))
        let kept = try ledger.rows(fingerprint: print, answeredAt: checkpoint(10))
        #expect(kept.rows == rows.rows && kept.answers == rows.answers)
        #expect(try ledger.rows(fingerprint: print, answeredAt: checkpoint(11)).answers.isEmpty)
        #expect(try ledger.rows(fingerprint: Hash32(word: 8), answeredAt: checkpoint(10)).rows.isEmpty)
        try ledger.commit(page(11, 20, touched: [2, 50]))
        #expect(
            try ledger.rows(fingerprint: print, answeredAt: checkpoint(20)).rows == [account(1): [1], account(3): []])
        try ledger.keep(AccountRows(rows: [account(2): [9]]), fingerprint: print, at: checkpoint(20))
        try ledger.commit(page(21, 30, touched: [1, 2]))
        // Back to 20, then to 10: what held there holds again.
        try ledger.rollBack(to: checkpoint(20))
        #expect(
            try ledger.rows(fingerprint: print, answeredAt: checkpoint(20)).rows
                == [account(1): [1], account(2): [9], account(3): []])
        try ledger.rollBack(to: checkpoint(10))
        #expect(try ledger.rows(fingerprint: print, answeredAt: checkpoint(10)).rows == rows.rows)
        try ledger.rollBack(to: nil)
        #expect(try ledger.rows(fingerprint: print, answeredAt: checkpoint(10)).rows.isEmpty)
        #expect(try ledger.borrowers(upTo: .max).isEmpty)
    }

    /// Random pages and random ways back: at every moment the index equals one built from nothing.
    @Test(arguments: Seed.sweep(20))
    func everyWayBackEqualsABeginningFromNothing(seed: Seed) throws {
        var random = seed.generator
        let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder()), chainId: 1))
        let print = Hash32(word: 9)
        var history: [(page: LedgerPage, rows: [Account: [UInt8]])] = []
        var current: [Account: [UInt8]] = [:]
        for step in 0..<60 as Range<UInt64> {
            if !history.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
                let depth = Int.random(in: 1...min(history.count, 12), using: &random)
                history.removeLast(depth)
                try ledger.rollBack(to: history.last?.page.end)
                current = history.last?.rows ?? [:]
            } else {
                let from = history.last.map { $0.page.end.number + 1 } ?? 0
                let some = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    UInt64.random(in: 1...30, using: &random)
                }
                let page = page(
                    from, from + UInt64.random(in: 0...5, using: &random), side: step,
                    borrowers: some.filter { $0 % 2 == 0 }, touched: some)
                try ledger.commit(page)
                for account in page.touches.touched { current[account] = nil }
                var fresh = AccountRows()
                for number in 1...30 as ClosedRange<UInt64>
                where current[account(number)] == nil && Bool.random(using: &random) {
                    fresh.rows[account(number)] = [UInt8(number), UInt8(step)]
                }
                try ledger.keep(fresh, fingerprint: print, at: page.end)
                current.merge(fresh.rows) { $1 }
                history.append((page, current))
            }
            let expected = Set(history.flatMap { $0.page.touches.borrowers.map(\.account) }).sorted()
            #expect(try ledger.borrowers(upTo: .max) == expected)
            #expect(try ledger.checkpoints() == history.reversed().map(\.page.end))
            let known = try ledger.rows(fingerprint: print, answeredAt: checkpoint(0))
            #expect(known.rows == current, "\(seed), step \(step)")
        }
    }

    @Test func aDamagedFileIsSetAsideAndBuiltAnew() throws {
        let folder = folder()
        do {
            let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder), chainId: 1))
            try ledger.commit(page(0, 10, borrowers: Array(1...500)))
        }
        let file = folder + "/chain-1.sqlite"
        try Data("this is no database, and long enough to be looked at as one".utf8).write(to: URL(filePath: file))
        let index = try Index(in: StateDirectory(folder), chainId: 1)
        #expect(index.repaired?.contains("set aside as \(file).damaged-1") == true)
        #expect(FileManager.default.fileExists(atPath: file + ".damaged-1"))
        #expect(try MarketIndex(of: StubMarket(), in: index).checkpoints().isEmpty)
    }

    /// Any byte of the file changed, or its end cut off: what is read is what was stored, or is refused as damaged.
    @Test(arguments: Seed.sweep(60))
    func aFlippedByteIsNeverBelieved(seed: Seed) throws {
        var random = seed.generator
        let folder = folder()
        let expected = (1...300 as ClosedRange<UInt64>).map(account).sorted()
        do {
            let ledger = try MarketIndex(of: StubMarket(), in: Index(in: StateDirectory(folder), chainId: 1))
            try ledger.commit(page(0, 10, borrowers: Array(1...300)))
        }
        let file = URL(filePath: folder + "/chain-1.sqlite")
        var bytes = [UInt8](try Data(contentsOf: file))
        if Int.random(in: 0..<5, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        } else {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
        }
        try Data(bytes).write(to: file)
        do {
            let index = try Index(in: StateDirectory(folder), chainId: 1)
            let ledger = try MarketIndex(of: StubMarket(), in: index)
            let borrowers = try ledger.borrowers(upTo: .max)
            let isNew = try ledger.checkpoints().isEmpty && borrowers.isEmpty
            #expect(borrowers == expected || isNew, "\(seed)")
        } catch {
            guard case .damaged = error else { throw error }
        }
    }

    @Test func limitsOfAnEndpointAreKept() throws {
        let folder = folder()
        do {
            let index = try Index(in: StateDirectory(folder), chainId: 1)
            #expect(try index.limits(of: Hash32(word: 4)) == nil)
            try index.keep(limits: ["range": 500], of: Hash32(word: 4))
            try index.keep(limits: ["range": 400], of: Hash32(word: 4))
        }
        let index = try Index(in: StateDirectory(folder), chainId: 1)
        #expect(try index.limits(of: Hash32(word: 4)) == ["range": 400])
    }
}

/// A market of which only the name and the logs matter.
private struct StubMarket: LendingMarket {
    var from: UInt64 = 0
    let id = MarketID(chainId: 1, network: "test", family: "stub", protocol: "stub-v1", deployment: "core")
    let contracts = [(role: "pool", address: Address(a: 0, b: 0, c: 1))]
    var events: MarketEvents {
        let query = LogQuery(addresses: [contracts[0].address], topics: [])
        return MarketEvents(from: from, opening: query, touching: query) { _, _ in }
    }
    let fingerprint = Hash32(word: 9)

    func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading { MarketReading(positions: [], coverage: [], notices: []) }

    func answers(about accounts: [Account], on snapshot: Snapshot) async throws(LendingError) -> [Reading<[UInt8]>] {
        []
    }

    func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        throw .unknownProtocol(market: "stub", protocol: "stub", known: [])
    }
    func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? { nil }
}
