import Chain
import Ethereum
import Lending

extension CompoundV2 {
    /// Asks one snapshot, and takes answers apart.
    ///
    /// Answers are read by their words, since the generations of these contracts answer more words or fewer to the same
    /// question, and a fallback that takes every call answers nothing at all.
    struct Chain: Sendable {
        /// The deployment's name, for messages.
        let market: String
        /// The block.
        let snapshot: Snapshot

        func read(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
            guard !calls.isEmpty else { return [] }
            do throws(ChainError) {
                return try await snapshot.read(calls)
            } catch {
                throw .chain(error)
            }
        }

        func read(
            _ groups: [CallGroup], and calls: [Call] = []
        ) async throws(LendingError) -> (groups: [GroupAnswers], calls: [Reading<[UInt8]>]) {
            do throws(ChainError) {
                return try await snapshot.read(groups, and: calls)
            } catch {
                throw .chain(error)
            }
        }

        /// The value of a reading on which the whole market depends.
        func required<Value>(
            _ reading: Reading<Value>, _ what: String, _ at: Address
        ) throws(LendingError) -> Value {
            switch reading {
            case .known(let value): return value
            case .unknown(let reason): throw .unreadable(market: market, what: what, at: at, reason)
            }
        }

        /// A word of what may not be there; `nil` where the contract has no such function.
        func optional(
            _ answer: Reading<[UInt8]>, word: Int = 0, _ what: String, _ at: Address
        ) throws(LendingError) -> UInt256? {
            switch CompoundV2.presence(answer, word: word) {
            case .known(let value): return value
            case .unknown(let reason): throw .unreadable(market: market, what: what, at: at, reason)
            }
        }
    }

    /// A word of an answer.
    static func word(_ answer: Reading<[UInt8]>, _ index: Int = 0) -> Reading<UInt256> {
        switch answer {
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            guard !bytes.isEmpty else { return .unknown(.noCode) }
            guard bytes.count >= 32 * (index + 1), let word = UInt256(bigEndian: bytes.span, at: 32 * index) else {
                return .unknown(.malformed("\(bytes.count) bytes, where word \(index) is wanted"))
            }
            return .known(word)
        }
    }

    /// A word of an answer; known to be `nil` where the contract has no such function, or answers less.
    static func presence(_ answer: Reading<[UInt8]>, word index: Int = 0) -> Reading<UInt256?> {
        switch word(answer, index) {
        case .known(let word): .known(word)
        case .unknown(.reverted), .unknown(.noCode), .unknown(.malformed): .known(nil)
        case .unknown(let reason): .unknown(reason)
        }
    }

    /// The last word of an answer: the first rate models answer an error code before the rate.
    static func lastWord(_ answer: Reading<[UInt8]>) -> Reading<UInt256> {
        guard let bytes = answer.value, bytes.count >= 64, bytes.count % 32 == 0 else { return word(answer) }
        return word(answer, bytes.count / 32 - 1)
    }

    /// The addresses of an `address[]`, which is all that the answer holds.
    static func addresses(_ answer: Reading<[UInt8]>) -> Reading<[Address]> {
        guard case .known(let bytes) = answer else { return .unknown(answer.reason ?? .noCode) }
        guard !bytes.isEmpty else { return .unknown(.noCode) }
        guard bytes.count >= 64, word(answer).value == 32, let count = word(answer, 1).value?.asInt(),
            count <= (bytes.count - 64) / 32
        else { return .unknown(.malformed("\(bytes.count) bytes are no list of addresses")) }
        var list: [Address] = []
        for index in 0..<count {
            guard let address = word(answer, 2 + index).value.flatMap({ Address(checkedWord: $0) }) else {
                return .unknown(.malformed("word \(2 + index) is no address"))
            }
            list.append(address)
        }
        return .known(list)
    }
}
