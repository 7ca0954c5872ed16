import Chain
import Ethereum
import Networks

/// What an issuer says that a share is worth in the token behind it: no market price.
struct RateSource: PriceSourceReader {
    /// The getters by name, with the argument that some take; all answer a wad.
    ///
    /// Source: bgd-labs/aave-capo `src/contracts/lst-adapters/@2c280ef`.
    static let getters: [String: (signature: String, argument: UInt256?)] = [
        "getRate": ("getRate()", nil),
        "stEthPerToken": ("stEthPerToken()", nil),
        "getPooledEthByShares": ("getPooledEthByShares(uint256)", .wad),
        "getExchangeRate": ("getExchangeRate()", nil),
        "exchangeRate": ("exchangeRate()", nil),
        "rsETHPrice": ("rsETHPrice()", nil),
        "convertToAssets": ("convertToAssets(uint256)", .wad),
        "getRatio": ("getRatio()", nil),
        "pricePerShare": ("pricePerShare()", nil),
    ]

    let source: PriceSourceConfiguration
    let provider: Address
    let getter: String

    init(_ source: PriceSourceConfiguration, provider: Address, getter: String) {
        self.source = source
        self.provider = provider
        self.getter = getter
    }

    var calls: [Call] {
        guard let getter = Self.getters[getter] else { return [] }
        guard let argument = getter.argument else { return [Call(provider, getter.signature)] }
        return [Call(provider, getter.signature, argument)]
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .rate, roots: [OracleRoot("rate", provider)])
        reading.price = (answers.first ?? .unknown(.failed("no getter"))).positive().price(decimals: 18)
        return reading
    }
}

/// An ERC-4626 vault's own rate, for one whole share.
struct VaultSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let vault: Address

    init(_ source: PriceSourceConfiguration, vault: Address) {
        self.source = source
        self.vault = vault
    }

    var calls: [Call] {
        [
            Call(vault, "asset()"), Call(vault, "decimals()"), Call(vault, "totalAssets()"),
            Call(vault, "totalSupply()"), Call(vault, "convertToAssets(uint256)", .wad),
        ]
    }

    func further(_ answers: [Reading<[UInt8]>]) -> [Call] {
        guard let asset = answers[0].contract(), let decimals = answers[1].number(below: 37),
            let unit = try? UInt256.powerOfTen(decimals)
        else { return [] }
        return [Call(asset, "decimals()"), Call(vault, "convertToAssets(uint256)", unit)]
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .rate, roots: [OracleRoot("rate", vault)])
        guard further.count == 2 else {
            reading.price = .unknown(answers[0].word().reason ?? .malformed("it is no vault of an asset"))
            return reading
        }
        if case .asset(let quote) = source.quote, answers[0].contract() != quote {
            reading.price = .unknown(.malformed("its asset is not the quote"))
            return reading
        }
        reading.price = further[1].positive().price(decimals: further[0].number(below: 78))
        if let assets = answers[2].word().value, let shares = answers[3].word().value,
            let decimals = answers[1].number(below: 37)
        {
            reading.vault = ObservationExtras.Vault(assets: assets, shares: shares, shareDecimals: decimals)
        }
        if let supply = answers[3].word().value, let decimals = answers[1].number(below: 37),
            let few = try? UInt256.powerOfTen(decimals + 3), supply < few
        {
            reading.notes.append("fewer than a thousand shares: a donation moves its rate")
        }
        return reading
    }
}
