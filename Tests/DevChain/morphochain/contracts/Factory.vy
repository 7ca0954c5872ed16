# pragma version 0.4.3
# Tells of pre-liquidation contracts and of oracles, as the real factories do.

struct Terms:
    preLltv: uint256
    preLCF1: uint256
    preLCF2: uint256
    preLIF1: uint256
    preLIF2: uint256
    preLiquidationOracle: address

event CreatePreLiquidation:
    preLiquidation: indexed(address)
    id: bytes32
    preLiquidationParams: Terms

isMorphoChainlinkOracleV2: public(HashMap[address, bool])


@external
def tell(contract: address, id: bytes32, terms: Terms):
    log CreatePreLiquidation(preLiquidation=contract, id=id, preLiquidationParams=terms)


@external
def add(oracle: address):
    self.isMorphoChainlinkOracleV2[oracle] = True
