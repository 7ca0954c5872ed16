import ABI
import Chain
import Ethereum
import JSON
import Networks

/// A price that Pyth's network signed and nobody brought to the chain yet: what a server of its updates has, checked against
/// the guardians and data sources that the chain's own contract believes.
///
/// Source: pyth-network/pyth-crosschain `target_chains/ethereum/contracts/contracts/pyth/Pyth.sol@7c915eb` (`wormhole`,
/// `isValidDataSource`, `getUpdateFee`, `getValidTimePeriod`, `updatePriceFeeds`), wormhole-receiver
/// `ReceiverGetters.sol@7c915eb` (`getGuardianSet`).
struct HermesSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let pyth: Address
    let id: UInt256
    /// What the server sent; the update in it is believed once it is verified.
    let payload: Reading<[UInt8]>
    private let update: Reading<PythUpdate>

    init(_ source: PriceSourceConfiguration, pyth: Address, id: UInt256, payload: Reading<[UInt8]>) {
        self.source = source
        self.pyth = pyth
        self.id = id
        self.payload = payload
        switch payload {
        case .unknown(let reason): update = .unknown(reason)
        case .known(let bytes):
            do throws(SignedDataError) {
                update = .known(try PythUpdate(parsing: bytes))
            } catch {
                update = .unknown(.malformed("the update: \(error)"))
            }
        }
    }

    /// Where a server has the latest update of a feed, and as which path.
    static func path(_ id: UInt256) -> String {
        "/v2/updates/price/latest?ids%5B%5D=\(Hash32(word: id).hex)&encoding=hex&parsed=false"
    }

    /// The update in a server's answer.
    static func payload(in answer: JSONValue) -> [UInt8]? {
        guard answer["binary"]?["encoding"]?.string == "hex", let all = answer["binary"]?["data"]?.array,
            all.count == 1,
            let text = all[0].string, text.utf8.count <= 64 << 10
        else { return nil }
        do throws(HexError) { return try Hex.decode(text) } catch { return nil }
    }

    var calls: [Call] {
        guard case .known(let update) = update, case .known(let bytes) = payload,
            let fee = Self.call(pyth, "getUpdateFee", bytes)
        else { return [] }
        return [
            Call(pyth, "wormhole()"), Call(pyth, "getValidTimePeriod()"), fee,
            Call(
                pyth, "isValidDataSource(uint16,bytes32)", UInt256(UInt64(update.message.emitterChain)),
                update.message.emitter.word),
        ]
    }

    func further(_ answers: [Reading<[UInt8]>]) -> [Call] {
        guard case .known(let update) = update, let wormhole = answers.first?.contract() else { return [] }
        return [Call(wormhole, "getGuardianSet(uint32)", UInt256(UInt64(update.message.guardianSetIndex)))]
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .pull, roots: [OracleRoot("pyth", Hash32(word: id).hex)])
        let update: PythUpdate
        switch self.update {
        case .unknown(let reason):
            reading.price = .unknown(reason)
            return reading
        case .known(let known): update = known
        }
        guard answers.count == 4, let answer = further.first else {
            let reason = answers.lazy.compactMap { $0.word().reason }.first
            reading.price = .unknown(reason ?? .failed("the contract does not say whom it believes"))
            return reading
        }
        do throws(SignedDataError) {
            let set = try Self.guardians(answer, update.message.guardianSetIndex)
            let emitter = PythDataSource(chain: update.message.emitterChain, emitter: update.message.emitter)
            _ = try update.verify(
                by: set, sources: answers[3].word().value == .one ? [emitter] : [], now: block.timestamp)
        } catch {
            reading.price = .unknown(.malformed("the update: \(error)"))
            return reading
        }
        guard let price = update.prices.first(where: { $0.id.word == id }) else {
            reading.price = .unknown(.malformed("the update is of other feeds"))
            return reading
        }
        guard price.publishTime <= block.timestamp + PythSource.ahead else {
            reading.price = .unknown(.malformed("it was published at \(price.publishTime), after the pinned block"))
            return reading
        }
        take(price, answers, &reading, at: block)
        return reading
    }

    private func take(
        _ price: PythPrice, _ answers: [Reading<[UInt8]>], _ reading: inout SourceReading, at block: Block
    ) {
        let words = [Int256(price.price).bits, UInt256(price.confidence), Int256(Int64(price.exponent)).bits]
        // The same rules as for a price that is on the chain.
        let shape = PythSource(source, pyth: pyth, id: id).reading(
            [.known((words + [UInt256(price.publishTime)]).flatMap(\.bigEndianBytes))], [], at: block)
        reading.price = shape.price
        reading.confidence = shape.confidence
        reading.updatedAt = shape.updatedAt
        guard case .known(let bytes) = payload, shape.price.value != nil else { return }
        guard let period = answers[1].word().value?.asUInt64(), let fee = answers[2].word().value,
            let call = Self.call(pyth, "updatePriceFeeds", bytes)
        else {
            reading.notes.append("what bringing it costs is not known")
            return
        }
        let (until, overflow) = price.publishTime.addingReportingOverflow(period)
        guard !overflow, until >= block.timestamp else {
            reading.notes.append("it is older than the contract takes for recent")
            return
        }
        reading.update = SignedUpdate(
            to: pyth, data: call.data, value: fee, publishTime: price.publishTime, validUntil: until)
    }

    /// A call of a function that takes one array of updates.
    static func call(_ pyth: Address, _ name: String, _ update: [UInt8]) -> Call? {
        do throws(ABIError) {
            let arguments = try ABICoder.encode([.array([.bytes(update)])], as: [.array(.bytes)])
            return Call(target: pyth, data: Selector(signature: name + "(bytes[])").bytes + arguments)
        } catch {
            return nil
        }
    }

    /// A set as the receiver stores it; one of no keys does not exist.
    private static func guardians(
        _ answer: Reading<[UInt8]>, _ index: UInt32
    ) throws(SignedDataError) -> GuardianSet {
        // (address[] keys, uint32 expirationTime) in a tuple.
        guard answer.word(0).value == 32, answer.word(1).value == 64, let count = answer.number(3, below: 256),
            let expiration = answer.word(2).value?.asUInt64()
        else { throw .invalidSignerSet("the chain does not state set \(index)") }
        var keys: [Address] = []
        for place in 0..<count {
            guard let key = answer.contract(4 + place) else { throw .invalidSignerSet("a guardian that is no address") }
            keys.append(key)
        }
        return try GuardianSet(index: index, guardians: keys, expiration: expiration == 0 ? nil : expiration)
    }
}
