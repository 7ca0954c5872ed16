import Chain
import Ethereum
import Networks

/// Reads one kind of source: which calls it needs at the pinned block, and what their answers say.
protocol PriceSourceReader: Sendable {
    /// What is asked first.
    var calls: [Call] { get }
    /// What has to be asked once the first answers are there; none for most.
    func further(_ answers: [Reading<[UInt8]>]) -> [Call]
    /// Contracts that the first answers name and that its price comes from: their roots are its roots. None for most.
    func contracts(_ answers: [Reading<[UInt8]>]) -> [Address]
    /// What the answers say. Whatever is wrong with them makes this source unknown, and nothing else.
    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading
}

extension PriceSourceReader {
    func further(_ answers: [Reading<[UInt8]>]) -> [Call] { [] }
    func contracts(_ answers: [Reading<[UInt8]>]) -> [Address] { [] }
}

/// The kinds of sources that a network file may name.
enum PriceSourceKinds {
    /// The reader of a source on the chain; `nil` for a venue, which is not asked here.
    ///
    /// - Parameter payload: what a server of signed updates sent for it.
    static func reader(
        _ source: PriceSourceConfiguration, feeds: FeedFacts, payload: Reading<[UInt8]>? = nil
    ) -> (any PriceSourceReader)? {
        func contract(_ role: String) -> Address? { source.contracts[role] }
        let reader: (any PriceSourceReader)?
        switch source.kind {
        case "chainlink", "redstone":
            reader = contract("feed").map { ChainlinkSource(source, feed: $0, feeds: feeds) }
        case "chronicle": reader = contract("feed").map { ChronicleSource(source, feed: $0) }
        case "pyth":
            reader = contract("pyth").flatMap { pyth in word(source).map { PythSource(source, pyth: pyth, id: $0) } }
        case "hermes":
            reader = contract("pyth").flatMap { pyth in
                word(source).map {
                    HermesSource(source, pyth: pyth, id: $0, payload: payload ?? .unknown(.failed("it was not asked")))
                }
            }
        case "uniswap-v2": reader = contract("pool").map { UniswapV2Source(source, pair: $0) }
        case "uniswap-v3": reader = contract("pool").map { UniswapV3Source(source, pool: $0) }
        case "uniswap-v4":
            reader = contract("stateView").flatMap { view in
                word(source).map { UniswapV4Source(source, view: view, id: $0) }
            }
        case "curve": reader = contract("pool").map { CurveSource(source, pool: $0) }
        case "euler": reader = contract("router").map { EulerSource(source, router: $0) }
        case "erc4626": reader = contract("vault").map { VaultSource(source, vault: $0) }
        case "balancer-rate": reader = contract("provider").map { RateSource(source, provider: $0, getter: "getRate") }
        case "rate":
            reader = contract("provider").flatMap { provider in
                RateSource.getters[source.id ?? "getRate"] == nil
                    ? nil : RateSource(source, provider: provider, getter: source.id ?? "getRate")
            }
        case let kind where Venue.named(kind) != nil: return nil
        default:
            return Misnamed(source: source, why: "no kind of source is called \"\(source.kind)\"")
        }
        return reader ?? Misnamed(source: source, why: "the network file does not name what \(source.kind) needs")
    }

    /// The id as 32 bytes.
    static func word(_ source: PriceSourceConfiguration) -> UInt256? {
        guard let id = source.id else { return nil }
        let digits = id.hasPrefix("0x") ? id.dropFirst(2) : id[...]
        return digits.utf8.count == 64 ? UInt256(hex: digits) : nil
    }
}

/// A source that cannot be read as it is described.
private struct Misnamed: PriceSourceReader {
    let source: PriceSourceConfiguration
    let why: String
    var calls: [Call] { [] }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        SourceReading(source, .push, because: .failed(why))
    }
}
