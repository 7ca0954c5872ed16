"""Deployment of Aave v2: a LendingPool with stable and variable debt, in ether or dollars, without eModes.

Chains from even seeds price in ether, against the market's own WETH; those from odd seeds in dollars, which no token
stands for. The last asset is a token that answers neither `decimals()` nor `symbol()`.
"""

from . import assembly
from .hashing import ZERO_ADDRESS

POOL, CONFIGURATOR = "LendingPool", "LendingPoolConfigurator"
A_TOKEN, VARIABLE_DEBT, STABLE_DEBT = "AToken", "VariableDebtToken", "StableDebtToken"
PROTOCOL = "aave-v2"
BORROW_TOPIC = bytes.fromhex("c6a898309e823ee50bac64e45ca8adba6690e99e7841c45d754e2a38e9019d9b")
LIBRARIES = ("ReserveLogic", "GenericLogic", "ValidationLogic")
PROVIDER = "LendingPoolAddressesProvider"
ADMIN = "0xad00000000000000000000000000000000000001"
TREASURY = "0x7ea5000000000000000000000000000000000001"
# Stands for the dollar in deployments of this version; there is no code.
DOLLAR = "0x10f7fc1f91ba351f9c629c5947ad69bd03c05b96"
ETHER_PRICE = 2345_67891234
_RAY_PERCENT = 10**25


def core(deployer, seed: int) -> dict:
    """Provider, pool, configurator, collateral manager and oracles."""
    provider = deployer.create(PROVIDER, "Plimsoll DevChain")
    block = deployer.chain.head.number + 1
    for library in LIBRARIES:
        deployer.libraries[library] = deployer.create(library)

    def name(function: str, address: str) -> None:
        deployer.send(PROVIDER, provider, function, address)

    name("setPoolAdmin", ADMIN)
    name("setEmergencyAdmin", ADMIN)
    name("setLendingPoolImpl", deployer.create(POOL))
    name("setLendingPoolConfiguratorImpl", deployer.create(CONFIGURATOR))
    name("setLendingPoolCollateralManager", deployer.create("LendingPoolCollateralManager"))
    rates = deployer.create("LendingRateOracle")
    name("setLendingRateOracle", rates)
    weth = deployer.create("MintableERC20", "DevChain WETH", "WETH", 18)
    base = (weth, 10**18) if seed % 2 == 0 else (DOLLAR, 10**8)
    oracle = deployer.create("AaveOracle", [], [], ZERO_ADDRESS, *base)
    name("setPriceOracle", oracle)
    return {"poolAddressesProvider": provider, "pool": deployer.read(PROVIDER, provider, "getLendingPool"),
            "poolConfigurator": deployer.read(PROVIDER, provider, "getLendingPoolConfigurator"), "oracle": oracle,
            "rateOracle": rates, "weth": weth, "baseCurrency": base[0], "zeroOracle": deployer.create("PriceOracle"),
            "block": block}


def price(addresses: dict, spec) -> int:
    """The spec's price in the market's unit."""
    return max(1, spec.price * 10**18 // ETHER_PRICE) if addresses["baseCurrency"] == addresses["weth"] else spec.price


def dollar(addresses: dict) -> float:
    """How many base units a dollar is."""
    return 10**26 / ETHER_PRICE if addresses["baseCurrency"] == addresses["weth"] else 10**8


def token(deployer, addresses: dict, spec, is_last: bool) -> str:
    """The asset: the market's WETH for its name, a silent token at the end, else a usual one."""
    if spec.symbol == "WETH":
        return addresses["weth"]
    asset = deployer.create("MintableERC20", f"DevChain {spec.symbol}", spec.symbol, spec.decimals)
    return deployer.create_code(assembly.silent_token_creation_code(asset), "silent token") if is_last else asset


def implementations(deployer, addresses: dict) -> dict:
    """Token implementations."""
    return {key: deployer.create(name) for key, name in (("a", A_TOKEN), ("v", VARIABLE_DEBT), ("s", STABLE_DEBT))}


def list_reserve(deployer, addresses: dict, found: dict, spec, asset: str) -> None:
    """Initialise a reserve with a rate strategy and a stable base rate of its own (percents as rays)."""
    usd = spec.kind == "usd"
    deployer.send("LendingRateOracle", addresses["rateOracle"], "setMarketBorrowRate", asset, (3 if usd else 5) * _RAY_PERCENT)
    percents = (90 if usd else 75, 1, 5 if usd else 7, 60 if usd else 200, 2, 60)
    strategy = deployer.create("DefaultReserveInterestRateStrategy", addresses["poolAddressesProvider"],
                               *(p * _RAY_PERCENT for p in percents))
    name, symbol = f"DevChain {spec.symbol}", spec.symbol
    row = (found["a"], found["s"], found["v"], spec.decimals, strategy, asset, TREASURY, ZERO_ADDRESS, symbol,
           f"Aave {name}", f"a{symbol}", f"Aave variable debt {name}", f"vd{symbol}",
           f"Aave stable debt {name}", f"sd{symbol}", b"")
    deployer.send(CONFIGURATOR, addresses["poolConfigurator"], "batchInitReserve", [row])


def configure(configure, spec) -> None:
    """Risk parameters, of which there are fewer than later."""
    if spec.threshold:
        configure("configureReserveAsCollateral", spec.ltv, spec.threshold, spec.bonus)
    if spec.borrowable:
        configure("enableBorrowingOnReserve", spec.stable)
    configure("setReserveFactor", spec.factor)


def tokens(data) -> tuple:
    """aToken, variable and stable debt token of `getReserveData`."""
    return data[7], data[9], data[8]
