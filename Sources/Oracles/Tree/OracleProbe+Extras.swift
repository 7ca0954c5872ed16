import Chain
import Ethereum

extension OracleProbe {
    /// What a contract says besides its answer: the vault that it is, the rate in its price, the factor that it holds.
    func extras(_ node: inout OracleNode) {
        switch node.kind {
        case .vault:
            node.vaultAsset = self["asset"].contract()
            guard let assets = self["totalAssets"].word().value, let shares = self["totalSupply"].word().value,
                let decimals = node.decimals
            else { return }
            node.vault = ObservationExtras.Vault(assets: assets, shares: shares, shareDecimals: decimals)
            // Its decimal places cancel out of every change of it, and changes are what it is read for.
            node.rate = ExactPrice.ratio(assets, .one, over: shares, decimals: 0)
        case .ratioCap:
            node.rate = self["getRatio"].positive().price(decimals: 18).value
        case .morpho:
            guard let factor = self["SCALE_FACTOR"].word().value, !factor.isZero,
                let base = self["BASE_VAULT_CONVERSION_SAMPLE"].word().value, !base.isZero,
                let quote = self["QUOTE_VAULT_CONVERSION_SAMPLE"].word().value, !quote.isZero
            else { return }
            node.scale = OracleNode.Scale(factor: factor, baseSample: base, quoteSample: quote)
        default: return
        }
    }

    /// What has to be asked of a contract by itself: it answers the one who asks, and who comes through another contract
    /// is not admitted.
    ///
    /// Source: smartcontractkit/libocr `contract/SimpleReadAccessController.sol@0a5e2f9` (the origin of a transaction is
    /// admitted), chronicleprotocol/scribe `src/Scribe.sol@12ff06c` (most know the zero address).
    func alone(_ node: OracleNode) -> [String] {
        guard node.price == nil else { return [] }
        switch node.kind {
        case .aggregator: return ["latestRoundData()", "decimals()"]
        case .chronicle: return ["latestRoundData()", "decimals()"]
        default: return []
        }
    }
}

extension OracleForest {
    /// The factor of a composition as it is stored, and as the decimal places of tokens and feeds make it; `nil` where it
    /// has none, or one of the places is not known.
    ///
    /// Source: morpho-org/morpho-blue-oracles `src/morpho-chainlink/MorphoChainlinkOracleV2.sol@01dd291`:
    /// `10 ** (36 + dQ + fQ1 + fQ2 - dB - fB1 - fB2) * quoteSample / baseSample`.
    ///
    /// - Parameters:
    ///   - base: decimal places of the token that is priced.
    ///   - quote: those of the token that it is priced in.
    func scale(of address: Address, base: Int, quote: Int) -> ObservationExtras.Scale? {
        guard let node = nodes[address], node.kind == .morpho, let scale = node.scale else { return nil }
        var exponent = 36
        var (dB, dQ) = (base, quote)
        for edge in node.children {
            guard let child = nodes[edge.address] else { return nil }
            switch edge.role {
            case "BASE_FEED_1", "BASE_FEED_2":
                guard let decimals = child.decimals else { return nil }
                exponent -= decimals
            case "QUOTE_FEED_1", "QUOTE_FEED_2":
                guard let decimals = child.decimals else { return nil }
                exponent += decimals
            case "BASE_VAULT":
                guard let decimals = child.assetDecimals else { return nil }
                dB = decimals
            case "QUOTE_VAULT":
                guard let decimals = child.assetDecimals else { return nil }
                dQ = decimals
            default: return nil
            }
        }
        exponent += dQ - dB
        guard (0...77).contains(exponent) else { return nil }
        do throws(MathError) {
            let power = try UInt256.powerOfTen(exponent)
            return ObservationExtras.Scale(
                stored: scale.factor, recomputed: try UInt256.mulDiv(power, scale.quoteSample, scale.baseSample, .down))
        } catch {
            return nil
        }
    }
}
