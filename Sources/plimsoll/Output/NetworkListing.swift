import Ethereum
import JSON
import Networks

/// Networks and their markets in each of the formats.
enum NetworkListing {
    static func text(_ networks: [Network], format: Format, terminal: Terminal) -> String {
        switch format {
        case .table: TableRenderer(terminal: terminal).render(table(networks))
        case .json: JSONValue.array(networks.map(record)).description + "\n"
        case .ndjson: networks.map { record($0).description + "\n" }.joined()
        case .csv:
            CSVWriter.row(["network", "chainId", "market", "protocol", "deployBlock", "contract", "address", "source"])
                + networks.flatMap(rows).map(CSVWriter.row).joined()
        }
    }

    private static func table(_ networks: [Network]) -> Table {
        var table = Table(columns: [
            Table.Column(title: "NETWORK"), Table.Column(title: "CHAIN ID", right: true), Table.Column(title: "MARKET"),
            Table.Column(title: "PROTOCOL"), Table.Column(title: "FROM BLOCK", right: true, expendable: 2),
            Table.Column(title: "ENTRY POINT", expendable: 1),
        ])
        for network in networks {
            for (index, market) in network.markets.enumerated() {
                let contract = market.contracts.min { $0.key < $1.key }?.value.checksummed ?? "–"
                table.rows.append([
                    Table.Cell(index == 0 ? network.name : "", .bold),
                    Table.Cell(index == 0 ? String(network.chainId) : ""),
                    Table.Cell(market.id, .cyan), Table.Cell(market.protocol),
                    Table.Cell(FixedPointText.grouped(market.deployBlock)),
                    Table.Cell(contract, .dim, short: contract.prefix(8) + "…" + contract.suffix(6)),
                ])
            }
            if network.markets.isEmpty {
                table.rows.append(
                    [Table.Cell(network.name, .bold), Table.Cell(String(network.chainId))]
                        + [Table.Cell](repeating: Table.Cell("–", .dim), count: 4))
            }
        }
        return table
    }

    private static func rows(_ network: Network) -> [[String]] {
        network.markets.flatMap { market in
            market.contracts.sorted { $0.key < $1.key }.map { name, address in
                [
                    network.name, String(network.chainId), market.id, market.protocol, String(market.deployBlock), name,
                    address.checksummed, market.source ?? "",
                ]
            }
        }
    }

    private static func record(_ network: Network) -> JSONValue {
        [
            "name": .string(network.name), "chainId": .integer(network.chainId),
            "nativeSymbol": .string(network.nativeSymbol), "blockTimeMs": .integer(network.blockTime),
            "multicall3": network.multicall3.map { .string($0.checksummed) } ?? .null,
            "markets": .array(network.markets.map(record)),
        ]
    }

    private static func record(_ market: MarketConfiguration) -> JSONValue {
        let contracts = market.contracts.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.string($0.value.checksummed))
        }
        return [
            "id": .string(market.id), "protocol": .string(market.protocol), "deployBlock": .integer(market.deployBlock),
            "contracts": .object(JSONObject(contracts)), "source": market.source.map { .string($0) } ?? .null,
        ]
    }
}
