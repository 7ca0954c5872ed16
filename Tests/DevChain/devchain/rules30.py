"""Deployment steps of Aave v3.0: stable and variable debt, a rate strategy per reserve, eMode as a config byte."""

from .hashing import ZERO_ADDRESS

POOL, CONFIGURATOR = "Pool", "PoolConfigurator"
A_TOKEN, VARIABLE_DEBT, STABLE_DEBT = "AToken", "VariableDebtToken", "StableDebtToken"
PROTOCOL, EMODE_PRICES = "aave-v3", True
BORROW_TOPIC = bytes.fromhex("b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")
TREASURY = "0x7ea5000000000000000000000000000000000001"
_RAY_PERCENT = 10**25


def implementations(deployer, addresses: dict) -> dict:
    """Token implementations."""
    return {key: deployer.create(name, addresses["pool"]) for key, name in
            (("a", A_TOKEN), ("v", VARIABLE_DEBT), ("s", STABLE_DEBT))}


def list_reserve(deployer, addresses: dict, found: dict, spec, asset: str) -> None:
    """Initialise a reserve with a rate strategy of its own (percents as rays)."""
    usd = spec.kind == "usd"
    percents = (90 if usd else 75, 1, 5 if usd else 7, 60 if usd else 200, 1, 80, 2, 8, 20)
    strategy = deployer.create("DefaultReserveInterestRateStrategy", addresses["poolAddressesProvider"],
                               *(p * _RAY_PERCENT for p in percents))
    name, symbol = f"DevChain {spec.symbol}", spec.symbol
    row = (found["a"], found["s"], found["v"], spec.decimals, strategy, asset, TREASURY, ZERO_ADDRESS,
           f"Aave {name}", f"a{symbol}", f"Aave variable debt {name}", f"vd{symbol}",
           f"Aave stable debt {name}", f"sd{symbol}", b"")
    deployer.send(CONFIGURATOR, addresses["poolConfigurator"], "initReserves", [row])


def finish_reserve(configure, spec) -> None:
    """Allow stable debt where the spec does."""
    if spec.stable and spec.borrowable:
        configure("setReserveStableRateBorrowing", True)


def add_emode(deployer, configurator: str, category, members: list, price_asset: str) -> None:
    """A category and its members; a member belongs to the last category that claims it."""
    deployer.send(CONFIGURATOR, configurator, "setEModeCategory", category.id, category.ltv, category.threshold,
                  category.bonus, price_asset, category.label)
    for asset in members:
        deployer.send(CONFIGURATOR, configurator, "setAssetEModeCategory", asset, category.id)
