"""Deploys the lending market from its real bytecode, with the calls its own deployment scripts make.

What the two rule sets have in common is here; where they differ (tokens, rate strategies, eMode membership) the
steps are in `rules20`, `rules30` and `rules32`.
"""

from dataclasses import dataclass, field

from . import assembly, rules20, rules30, rules32
from .artifacts import Artifacts
from .chain import Chain
from .hashing import ZERO_ADDRESS, address_of, keccak
from .spec import EModeSpec, ReserveSpec

LIBRARIES = ("BorrowLogic", "BridgeLogic", "EModeLogic", "LiquidationLogic", "PoolLogic", "SupplyLogic",
             "ConfiguratorLogic", "FlashLoanLogic")
RULES = {"2.0": rules20, "3.0": rules30, "3.2": rules32}
ADMIN = "0xad00000000000000000000000000000000000001"
TREASURY = "0x7ea5000000000000000000000000000000000001"
MAX = 2**256 - 1


class DeploymentFailed(Exception):
    """A set-up transaction reverted: the market is not what it should be."""


@dataclass
class Reserve:
    """One listed reserve: its spec and its contracts."""

    index: int
    spec: ReserveSpec
    asset: str
    feed: str
    a_token: str
    variable_debt: str
    stable_debt: str
    price: int
    # The asset that prices are stated in has no price of its own.
    fixed: bool = False

    @property
    def unit(self) -> int:
        return 10**self.spec.decimals


@dataclass
class Market:
    """A deployed market."""

    rules: str
    addresses: dict
    functions: dict
    deploy_block: int
    ready_block: int = 0
    reserves: list = field(default_factory=list)
    emodes: list = field(default_factory=list)
    extra_feeds: dict = field(default_factory=dict)
    # Base units in a dollar.
    dollar: float = 10**8

    @property
    def pool(self) -> str:
        return self.addresses["pool"]

    @property
    def is_v2(self) -> bool:
        return self.rules == "2.0"

    @property
    def has_stable_debt(self) -> bool:
        return self.rules in ("2.0", "3.0")

    @property
    def borrow_topic(self) -> bytes:
        return RULES[self.rules].BORROW_TOPIC

    @property
    def protocol(self) -> str:
        return RULES[self.rules].PROTOCOL


class Deployer:
    """Sends the set-up transactions, all of which must succeed."""

    def __init__(self, chain: Chain, artifacts: Artifacts):
        self.chain = chain
        self.artifacts = artifacts
        self.libraries = {}

    def create(self, name: str, *arguments) -> str:
        """Deploy an artifact by name."""
        return self.create_code(self.artifacts[name].creation_code(arguments, self.libraries), name)

    def create_code(self, code: bytes, name: str) -> str:
        outcome = self.chain.transact(ADMIN, None, code)
        if not outcome.ok:
            raise DeploymentFailed(f"creating {name}: {outcome.error} {outcome.output.hex()}")
        return outcome.created

    def send(self, artifact: str, to: str, function: str, *arguments) -> None:
        """Call a function as the market's administrator."""
        data = self.artifacts[artifact].functions[function](*arguments)
        outcome = self.chain.transact(ADMIN, to, data)
        if not outcome.ok:
            raise DeploymentFailed(f"{artifact}.{function}{arguments}: {outcome.error} {outcome.output!r}")

    def read(self, artifact: str, to: str, function: str, *arguments):
        """The result of a view function."""
        target = self.artifacts[artifact].functions[function]
        return target.decode(self.chain.view(to, target(*arguments)).output)


def deploy(chain: Chain, rules: str, specs: list, emodes: list, seed: int = 1) -> Market:
    """A market of this rule set with these reserves and categories, ready for users."""
    steps, deployer = RULES[rules], Deployer(chain, Artifacts(rules))
    chain.flush()
    addresses = steps.core(deployer, seed) if rules == "2.0" else _core(deployer, steps)
    market = Market(rules, addresses, _user_functions(deployer, steps), addresses.pop("block"))
    implementations = steps.implementations(deployer, addresses)
    if rules == "2.0":
        market.dollar = steps.dollar(addresses)
    for index, spec in enumerate(specs):
        if rules == "2.0":
            market.reserves.append(_list_old_reserve(deployer, market, implementations, index, spec, spec is specs[-1]))
            continue
        market.reserves.append(_list_reserve(deployer, steps, market, implementations, index, spec))
    for category in emodes:
        _add_emode(deployer, steps, market, category)
    chain.flush()
    market.ready_block = chain.head.number
    return market


def _core(deployer: Deployer, steps) -> dict:
    """Provider, access control, pool, configurator and oracle."""
    provider = deployer.create("PoolAddressesProvider", "Plimsoll DevChain", ADMIN)
    block = deployer.chain.head.number + 1
    deployer.send("PoolAddressesProvider", provider, "setACLAdmin", ADMIN)
    acl = deployer.create("ACLManager", provider)
    deployer.send("PoolAddressesProvider", provider, "setACLManager", acl)
    for role in ("addPoolAdmin", "addRiskAdmin", "addEmergencyAdmin", "addAssetListingAdmin"):
        deployer.send("ACLManager", acl, role, ADMIN)
    for library in LIBRARIES:
        deployer.libraries[library] = deployer.create(library)
    deployer.send("PoolAddressesProvider", provider, "setPoolImpl", deployer.create(steps.POOL, provider))
    deployer.send("PoolAddressesProvider", provider, "setPoolConfiguratorImpl", deployer.create(steps.CONFIGURATOR))
    pool = deployer.read("PoolAddressesProvider", provider, "getPool")
    configurator = deployer.read("PoolAddressesProvider", provider, "getPoolConfigurator")
    oracle = deployer.create("AaveOracle", provider, [], [], ZERO_ADDRESS, ZERO_ADDRESS, 10**8)
    deployer.send("PoolAddressesProvider", provider, "setPriceOracle", oracle)
    data = deployer.create("AaveProtocolDataProvider", provider)
    deployer.send("PoolAddressesProvider", provider, "setPoolDataProvider", data)
    return {"poolAddressesProvider": provider, "pool": pool, "poolConfigurator": configurator, "oracle": oracle,
            "aclManager": acl, "protocolDataProvider": data, "block": block}


def _list_reserve(deployer: Deployer, steps, market: Market, implementations: dict, index: int, spec: ReserveSpec) -> Reserve:
    """Create the token and its feed, list it, and set its risk parameters."""
    addresses, configurator = market.addresses, market.addresses["poolConfigurator"]
    asset = deployer.create("MintableERC20", f"DevChain {spec.symbol}", spec.symbol, spec.decimals)
    feed = new_feed(deployer, spec.price)
    deployer.send("AaveOracle", addresses["oracle"], "setAssetSources", [asset], [feed])
    steps.list_reserve(deployer, addresses, implementations, spec, asset)

    def configure(function, *arguments):
        deployer.send(steps.CONFIGURATOR, configurator, function, asset, *arguments)

    if spec.threshold:
        configure("configureReserveAsCollateral", spec.ltv, spec.threshold, spec.bonus)
    if spec.borrowable:
        configure("setReserveBorrowing", True)
    configure("setReserveFactor", spec.factor)
    configure("setReserveFlashLoaning", True)
    if spec.protocol_fee:
        configure("setLiquidationProtocolFee", spec.protocol_fee)
    if spec.debt_ceiling:
        configure("setDebtCeiling", spec.debt_ceiling)
    if spec.isolated_borrow:
        configure("setBorrowableInIsolation", True)
    steps.finish_reserve(configure, spec)
    data = deployer.read(steps.POOL, market.pool, "getReserveData", asset)
    return Reserve(index, spec, asset, feed, data[8], data[10], data[9], spec.price)


def _list_old_reserve(
    deployer: Deployer, market: Market, implementations: dict, index: int, spec: ReserveSpec, is_last: bool
) -> Reserve:
    """The same for v2."""
    addresses, steps = market.addresses, rules20
    asset, price = steps.token(deployer, addresses, spec, is_last), steps.price(addresses, spec)
    feed = new_feed(deployer, price)
    deployer.send("AaveOracle", addresses["oracle"], "setAssetSources", [asset], [feed])
    steps.list_reserve(deployer, addresses, implementations, spec, asset)
    steps.configure(lambda function, *arguments: deployer.send(
        steps.CONFIGURATOR, addresses["poolConfigurator"], function, asset, *arguments), spec)
    a_token, variable_debt, stable_debt = steps.tokens(deployer.read(steps.POOL, market.pool, "getReserveData", asset))
    return Reserve(index, spec, asset, feed, a_token, variable_debt, stable_debt, price, asset == addresses["baseCurrency"])


def _add_emode(deployer: Deployer, steps, market: Market, category: EModeSpec) -> None:
    price_asset = ZERO_ADDRESS
    if category.own_price and steps.EMODE_PRICES:
        # 3.0 asks the oracle for the price of a stand-in asset, in place of every member's own.
        price_asset = address_of(keccak(f"emode price {category.id}".encode()))
        price = market.reserves[category.members[0]].price
        feed = new_feed(deployer, price)
        deployer.send("AaveOracle", market.addresses["oracle"], "setAssetSources", [price_asset], [feed])
        market.extra_feeds[price_asset] = [feed, price]
    members = [market.reserves[i].asset for i in category.members]
    steps.add_emode(deployer, market.addresses["poolConfigurator"], category, members, price_asset)
    market.emodes.append(category)


def new_feed(deployer: Deployer, price: int) -> str:
    """A feed contract that answers `price`."""
    feed = deployer.create_code(assembly.feed_creation_code(), "price feed")
    outcome = deployer.chain.transact(ADMIN, feed, assembly.POST + price.to_bytes(32, "big"), gas=200_000)
    if not outcome.ok:
        raise DeploymentFailed(f"posting a price: {outcome.error}")
    return feed


def _user_functions(deployer: Deployer, steps) -> dict:
    """What users call, by contract."""
    found = {"pool": deployer.artifacts[steps.POOL].functions, "erc20": deployer.artifacts["MintableERC20"].functions,
             "debt": deployer.artifacts[steps.VARIABLE_DEBT].functions, "a_token": deployer.artifacts[steps.A_TOKEN].functions,
             "configurator": deployer.artifacts[steps.CONFIGURATOR].functions, "oracle": deployer.artifacts["AaveOracle"].functions}
    if steps is rules20:
        found["pool"] = found["pool"] | {"supply": found["pool"]["deposit"]}
    return found
