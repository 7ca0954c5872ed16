import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Lending
import Networks
import Protocols
import TestSupport
import Testing

/// A market's comparison at other prices, against the contract.
@Suite(.serialized) struct RevaluationTests {
    /// With no other price it is the position's own verdict, whoever holds what under whichever rules.
    @Test(arguments: [["3.0"], ["3.2"], ["3.0", "--wild"], ["3.2", "--wild"]])
    func withoutOtherPricesItIsTheVerdict(options: [String]) async throws {
        let file = NSTemporaryDirectory() + "plimsoll-revalue-\(UUID().uuidString).json"
        let node = try DevChain(
            ["--rules", options[0], "--seed", "17", "--borrowers", "300", "--network-out", file] + options.dropFirst())
        let network = try NetworkCatalog().network(file)
        let client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
        let snapshot = try await Snapshot(of: client, chainId: 31337, at: .latest, multicall: network.multicall3)
        let market = try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
        let truth = try await node.truth()
        let accounts = truth.keys.sorted().compactMap { Address(hex: $0) }.map { Account($0) }
        let reading = try await market.read(accounts, debtless: true, known: AccountRows(), on: snapshot)
        var compared = 0
        for position in reading.positions {
            guard let expected = truth[position.account.address.checksummed.lowercased()], expected.isKnown else {
                continue
            }
            let verdict = market.revalue(position, at: [:])
            #expect(verdict?.hfProtocol?.description == expected.health, "\(position.account.address)")
            #expect(verdict?.liquidatable == position.liquidatable)
            compared += 1
        }
        #expect(compared > 250)
        let priced = market.pricedAssets(of: [])
        #expect(priced.count >= 6 && priced.allSatisfy { $0.priceRaw != nil && $0.source.kind == .feed })
    }
}
