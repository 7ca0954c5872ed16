"""Deployment steps of Aave v3.2: variable debt only, one rate strategy, eModes as bitmaps."""

from . import abi
from .hashing import ZERO_ADDRESS

POOL, CONFIGURATOR = "PoolInstance", "PoolConfiguratorInstance"
A_TOKEN, VARIABLE_DEBT = "ATokenInstance", "VariableDebtTokenInstance"
PROTOCOL, EMODE_PRICES = "aave-v3", False
BORROW_TOPIC = bytes.fromhex("b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")
TREASURY = "0x7ea5000000000000000000000000000000000001"


def implementations(deployer, addresses: dict) -> dict:
    """Token implementations and the rate strategy that all reserves share."""
    return {
        "a": deployer.create(A_TOKEN, addresses["pool"]),
        "v": deployer.create(VARIABLE_DEBT, addresses["pool"]),
        "rates": deployer.create("DefaultReserveInterestRateStrategyV2", addresses["poolAddressesProvider"]),
    }


def list_reserve(deployer, addresses: dict, found: dict, spec, asset: str) -> None:
    """Initialise a reserve; rates in basis points: optimal usage, base, slopes below and above it."""
    stable = spec.kind == "usd"
    rates = abi.encode(["uint256"] * 4, [9000 if stable else 7500, 100, 550 if stable else 700, 6000 if stable else 20000])
    name, symbol = f"DevChain {spec.symbol}", spec.symbol
    row = (found["a"], found["v"], True, found["rates"], asset, TREASURY, ZERO_ADDRESS,
           f"Aave {name}", f"a{symbol}", f"Aave variable debt {name}", f"vd{symbol}", b"", rates)
    deployer.send(CONFIGURATOR, addresses["poolConfigurator"], "initReserves", [row])


def finish_reserve(configure, spec) -> None:
    """Nothing more: there is no stable debt."""


def add_emode(deployer, configurator: str, category, members: list, price_asset: str) -> None:
    """A category with all members as collateral, and all of them borrowable but the last."""
    deployer.send(CONFIGURATOR, configurator, "setEModeCategory", category.id, category.ltv, category.threshold,
                  category.bonus, category.label)
    for position, asset in enumerate(members):
        deployer.send(CONFIGURATOR, configurator, "setAssetCollateralInEMode", asset, category.id, True)
        if position == 0 or position < len(members) - 1 or category.id % 2 == 0:
            deployer.send(CONFIGURATOR, configurator, "setAssetBorrowableInEMode", asset, category.id, True)
