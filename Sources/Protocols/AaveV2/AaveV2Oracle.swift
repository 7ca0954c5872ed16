import Bindings
import Chain
import Ethereum
import Lending

extension AaveV2 {
    /// What prices are stated in.
    struct Base: Sendable {
        /// The asset whose price is one unit; zero where there is none.
        let currency: Address
        /// Base units in one unit of the currency.
        let unit: UInt256
        /// The same as a name and decimal places.
        let valueUnit: ValueUnit
    }

    /// The address that stands for the US dollar in V2 deployments: no token is there.
    ///
    /// Source: aave/protocol-v2 `markets/avalanche/commons.ts@ce53c4a8`, `ProtocolGlobalParams.UsdAddress`.
    static let dollar = Address(a: 0x10F7_FC1F_91BA_351F, b: 0x9C62_9C59_47AD_69BD, c: 0x03C0_5B96)
}

extension Aave.Opening {
    /// What the oracle states prices in: its base currency, or ether where it is older and names its WETH.
    ///
    /// Source: aave/protocol-v2 `AaveOracle.sol@ce53c4a8` and @12d17179 (prices in wei, `WETH()` costs one ether).
    func base(of oracle: Address, _ answers: [Reading<[UInt8]>]) async throws(LendingError) -> AaveV2.Base {
        let currency = try optional(Aave.decode(AaveOracle.BaseCurrency.self, answers[0]), "BASE_CURRENCY()", oracle)
        let unit = try optional(
            Aave.decode(AaveOracle.BaseCurrencyUnit.self, answers[1]), "BASE_CURRENCY_UNIT()", oracle)
        guard let currency, let unit else {
            guard let weth = try optional(Aave.decode(AaveV2Oracle.Weth.self, answers[2]), "WETH()", oracle) else {
                return AaveV2.Base(
                    currency: .zero, unit: .one, valueUnit: ValueUnit(symbol: "base", decimals: 0))
            }
            return AaveV2.Base(currency: weth, unit: .wad, valueUnit: ValueUnit(symbol: "ETH", decimals: 18))
        }
        guard let decimals = Aave.exponentOfTen(unit) else {
            return AaveV2.Base(currency: currency, unit: unit, valueUnit: ValueUnit(symbol: "base", decimals: 0))
        }
        if currency.isZero || currency == AaveV2.dollar {
            return AaveV2.Base(currency: currency, unit: unit, valueUnit: ValueUnit(symbol: "USD", decimals: decimals))
        }
        let symbol = Aave.symbol(try await ask([Call(target: currency, data: ERC20.symbol().encode())])[0])
        // Prices of one WETH are prices of one ether.
        let name = symbol == "WETH" ? "ETH" : symbol ?? currency.checksummed
        return AaveV2.Base(currency: currency, unit: unit, valueUnit: ValueUnit(symbol: name, decimals: decimals))
    }
}
