import Chain
import Ethereum
import Networks

/// A price that Pyth's network signed and somebody brought to the chain, whatever its age.
///
/// Source: pyth-network/pyth-crosschain `target_chains/ethereum/sdk/solidity/PythStructs.sol@7c915eb`.
struct PythSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let pyth: Address
    let id: UInt256
    /// How far ahead of the block a publisher's clock may be.
    static let ahead: UInt64 = 60

    init(_ source: PriceSourceConfiguration, pyth: Address, id: UInt256) {
        self.source = source
        self.pyth = pyth
        self.id = id
    }

    var calls: [Call] { [Call(pyth, "getPriceUnsafe(bytes32)", id)] }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .pull, roots: [OracleRoot("pyth", Hash32(word: id).hex)])
        let answer = answers[0]
        guard let exponent = answer.word(2).value.flatMap({ Int256(bits: $0).asInt64() }),
            (-77...24).contains(exponent), let published = answer.word(3).value?.asUInt64()
        else {
            reading.price = .unknown(answer.word(3).reason ?? .malformed("its exponent or time is none"))
            return reading
        }
        guard published <= block.timestamp + Self.ahead else {
            reading.price = .unknown(.malformed("it was published at \(published), after the pinned block"))
            return reading
        }
        reading.updatedAt = min(published, block.timestamp)
        func price(_ index: Int) -> Reading<ExactPrice> {
            switch answer.positive(index) {
            case .unknown(let reason): return .unknown(reason)
            case .known(let number):
                let power = (try? UInt256.powerOfTen(Int(max(0, exponent)))) ?? .one
                let (mantissa, overflow) = number.multipliedReportingOverflow(by: power)
                return overflow
                    ? .unknown(.malformed("it is no price"))
                    : Reading.known(mantissa).price(decimals: Int(max(0, -exponent)))
            }
        }
        reading.price = price(0)
        reading.confidence = price(1).value
        return reading
    }
}

/// A value that Chronicle's feeds signed together.
///
/// Contracts of this kind answer whom they know; most know the zero address, which a lone `eth_call` comes from.
/// Source: chronicleprotocol/scribe `src/Scribe.sol@12ff06c`.
struct ChronicleSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let feed: Address

    init(_ source: PriceSourceConfiguration, feed: Address) {
        self.source = source
        self.feed = feed
    }

    var calls: [Call] { [Call(feed, "tryReadWithAge()"), Call(feed, "decimals()"), Call(feed, "wat()")] }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        let name = answers[2].text ?? ""
        var reading = SourceReading(
            source, .push, roots: [name.isEmpty ? OracleRoot("chronicle", feed) : OracleRoot("chronicle", name)])
        guard let ok = answers[0].word(0).value, let age = answers[0].word(2).value?.asUInt64() else {
            reading.price = .unknown(answers[0].word(2).reason ?? .malformed("its time is none"))
            return reading
        }
        guard ok == .one, age <= block.timestamp else {
            reading.price = .unknown(.malformed(ok == .one ? "it is of \(age), after the block" : "it has no value"))
            return reading
        }
        reading.price = answers[0].positive(1).price(decimals: answers[1].number(below: 78) ?? 18)
        reading.updatedAt = age
        return reading
    }
}
