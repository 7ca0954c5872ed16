public import Chain
import Ethereum
import JSON
public import JSONRPC
public import Networks

/// Asks venues outside the chain: each by itself, so that one that is slow, down or lying harms no other.
public struct VenueReader: Sendable {
    /// What a venue may cost and how old its word may be.
    public struct Options: Sendable {
        /// Bytes of one answer.
        public var maximumBytes = 64 << 10
        /// Longest wait for one answer.
        public var timeout = Duration.seconds(5)
        /// Seconds after which a quote is no quote of now.
        public var mostAge: UInt64 = 30
        /// The widest spread that is a price, in basis points.
        public var widestSpreadBps = 100
        /// Seconds between the pinned block and now beyond which a quote of now says nothing about the block.
        public var mostLag: UInt64 = 300

        /// The options of the house.
        public init() {}
    }

    private let transport: any Transport
    private let options: Options
    private let now: UInt64

    /// Asks over `transport`, at `now` seconds since 1970.
    public init(over transport: any Transport, now: UInt64, options: Options = Options()) {
        self.transport = transport
        self.now = now
        self.options = options
    }

    /// What recordings call whom these requests go to: an endpoint that is no node.
    public static let endpointPrefix = "GET "

    /// Whether the network file names this source for venues.
    public static func isVenue(_ source: PriceSourceConfiguration) -> Bool { Venue.named(source.kind) != nil }

    /// Whether it is asked outside the chain: venues, and servers of signed updates.
    public static func isOffChain(_ source: PriceSourceConfiguration) -> Bool {
        isVenue(source) || source.kind == "hermes"
    }

    /// Where Pyth's own server is.
    private static let hermes = "https://hermes.pyth.network"

    /// The signed updates that servers have for these sources, in order.
    public func updates(of sources: [PriceSourceConfiguration]) async -> [Reading<[UInt8]>] {
        await withTaskGroup(of: (Int, Reading<[UInt8]>).self) { group in
            for (index, source) in sources.enumerated() { group.addTask { (index, await update(of: source)) } }
            var updates = sources.map { _ in Reading<[UInt8]>.unknown(.failed("it was never answered")) }
            for await (index, update) in group { updates[index] = update }
            return updates
        }
    }

    private func update(of source: PriceSourceConfiguration) async -> Reading<[UInt8]> {
        guard let id = PriceSourceKinds.word(source) else { return .unknown(.failed("its id is not 32 bytes")) }
        do throws(RPCError) {
            let endpoint = try Endpoint(url: source.url?.secretURL ?? Self.hermes)
            let response = try await transport.send(
                HTTPRequest(
                    get: HermesSource.path(id), of: endpoint.renamed(Self.endpointPrefix + endpoint.name),
                    maximumBytes: options.maximumBytes, timeout: options.timeout))
            guard response.status == 200 else { return .unknown(.failed("the server answers HTTP \(response.status)")) }
            let answer: JSONValue
            do throws(JSONError) {
                answer = try JSONValue(parsing: response.body)
            } catch {
                return .unknown(.malformed("the server does not answer JSON"))
            }
            return HermesSource.payload(in: answer).map { .known($0) }
                ?? .unknown(.malformed("the server sends no update"))
        } catch {
            return .unknown(.failed("\(error)"))
        }
    }

    /// The quotes of these sources, in order.
    public func read(_ sources: [PriceSourceConfiguration], at block: Block) async -> [SourceReading] {
        await withTaskGroup(of: (Int, SourceReading).self) { group in
            for (index, source) in sources.enumerated() {
                group.addTask { (index, await read(source, at: block)) }
            }
            var readings = sources.map { SourceReading($0, .venue) }
            for await (index, reading) in group { readings[index] = reading }
            return readings
        }
    }

    private func read(_ source: PriceSourceConfiguration, at block: Block) async -> SourceReading {
        var reading = SourceReading(source, .venue, because: .failed("no venue is called \"\(source.kind)\""))
        guard let venue = Venue.named(source.kind) else { return reading }
        reading.evidence = venue.gathers ? .aggregator : .venue
        reading.roots = [OracleRoot("venue", venue.name)]
        guard let product = source.id else {
            reading.price = .unknown(.failed("the network file does not name the venue's product"))
            return reading
        }
        guard now <= block.timestamp + options.mostLag, block.timestamp <= now + options.mostLag else {
            reading.price = .unknown(.failed("it quotes now, and the pinned block is of \(block.timestamp)"))
            return reading
        }
        do throws(RPCError) {
            let endpoint = try Endpoint(url: source.url?.secretURL ?? venue.url)
            let response = try await transport.send(
                HTTPRequest(
                    get: venue.path(product), of: endpoint.renamed(Self.endpointPrefix + endpoint.name),
                    maximumBytes: options.maximumBytes, timeout: options.timeout))
            reading = take(response, of: venue, product, reading)
        } catch {
            reading.price = .unknown(.failed("\(error)"))
        }
        return reading
    }

    private func take(
        _ response: HTTPResponse, of venue: Venue, _ product: String, _ reading: SourceReading
    ) -> SourceReading {
        var reading = reading
        guard response.status == 200 else {
            reading.price = .unknown(.failed("\(venue.name) answers HTTP \(response.status)"))
            return reading
        }
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONValue(parsing: response.body)
        } catch {
            reading.price = .unknown(.malformed("\(venue.name) does not answer JSON"))
            return reading
        }
        guard let quote = venue.quote(answer, product) else {
            reading.price = .unknown(.malformed("\(venue.name) does not quote \(product)"))
            return reading
        }
        if let time = quote.time {
            guard time <= now + options.mostAge, time + options.mostAge >= now || venue.gathers else {
                reading.price = .unknown(.malformed("\(venue.name) quotes of \(time), and now is \(now)"))
                return reading
            }
            reading.updatedAt = time
        }
        guard quote.ask.deviationBps(from: quote.bid) <= options.widestSpreadBps,
            let middle = quote.bid.plus(quote.ask)?.divided(by: 2)
        else {
            reading.price = .unknown(.malformed("\(venue.name)'s spread is too wide for a price"))
            return reading
        }
        reading.price = .known(middle)
        return reading
    }
}

extension ExactPrice {
    /// The sum, with the more decimal places of the two; `nil` where it does not fit.
    func plus(_ other: ExactPrice) -> ExactPrice? {
        let places = max(decimals, other.decimals)
        do throws(MathError) {
            return ExactPrice.checked(
                try mantissa * .powerOfTen(places - decimals) + other.mantissa * .powerOfTen(places - other.decimals),
                decimals: places)
        } catch {
            return nil
        }
    }
}
