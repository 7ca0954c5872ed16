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

/// Other prices: at the oracle's own, the verdict is the execution's; at none, there is no verdict.
@Suite(.serialized) struct CompoundV2RevaluationTests {
    @Test func atItsOwnPricesAVerdictIsTheSame() async throws {
        for kind in ["truncating", "half-up", "isolated", "venus"] {
            let node = try DevChain.compound(["--kind", kind, "--seed", "21", "--borrowers", "120"])
            try await node.call("dev_mine", ["blocks": 40, "seconds": 12])
            let text = try Data(contentsOf: URL(filePath: node.networkFile))
            let network = try NetworkFile().parse(Array(text), file: "chain.json")
            let client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
            let snapshot = try await Snapshot(
                of: client, chainId: 31_337, at: .latest, multicall: network.multicall3)
            let market = try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
            let accounts = try await BorrowerFinder(market, on: snapshot).find().accounts
            let reading = try await market.read(accounts, debtless: true, known: AccountRows(), on: snapshot)
            #expect(reading.positions.count == accounts.count)
            var turned = 0
            for position in reading.positions {
                let verdict = try #require(market.revalue(position, at: [:]))
                let isSame = verdict == position.execution?.verdict
                #expect(isSame, "\(kind): \(position.account.address)")
                guard let leg = position.debt.first(where: { $0.source.kind != .base }) else { continue }
                let higher = market.revalue(position, at: [leg.asset: leg.priceRaw &* 1_000])
                if !verdict.liquidatable, higher?.liquidatable == true { turned += 1 }
                #expect(market.revalue(position, at: [leg.asset: .zero]) == nil)
            }
            #expect(turned > 0)
        }
    }
}
