"""Deploys two hubs, a spoke and its oracle, and lists reserves of random decimals, prices and risk."""

import random
from dataclasses import dataclass, field

from .. import assembly
from ..artifacts import Artifacts
from ..chain import Chain
from ..market import ADMIN, DeploymentFailed
from .compiled import artifact

TREASURY = "0x7ea5000000000000000000000000000000000004"
BORROWABLE, SHARES = 4, 8


@dataclass
class Reserve:
    """One reserve of the spoke."""

    id: int
    symbol: str
    decimals: int
    asset: str
    hub: str
    asset_id: int
    feed: str
    price: int
    keys: int = 1
    flags: int = BORROWABLE | SHARES
    calm: bool = False

    @property
    def scale(self) -> int:
        """Values (10^26 a dollar) in one unit of the token."""
        return self.price * 10 ** (18 - self.decimals)


@dataclass
class Market:
    """A deployed spoke with its hubs."""

    addresses: dict
    functions: dict
    deploy_block: int
    reserves: list = field(default_factory=list)
    ready_block: int = 0

    @property
    def pool(self) -> str:
        return self.addresses["spoke"]


class Deployer:
    """Sends transactions that must succeed."""

    def __init__(self, chain: Chain):
        self.chain = chain

    def create(self, made, *arguments) -> str:
        return self.sent(self.chain.transact(ADMIN, None, made.creation_code(arguments)), made.name).created

    def send(self, to: str, data: bytes, what: str = "a call"):
        return self.sent(self.chain.transact(ADMIN, to, data), what)

    @staticmethod
    def sent(outcome, what: str):
        if not outcome.ok:
            raise DeploymentFailed(f"{what}: {outcome.error} {outcome.output.hex()}")
        return outcome


def terms(rng: random.Random, calm: bool) -> tuple:
    """Collateral factor, largest bonus and fee that a spoke accepts together."""
    factor = rng.randrange(7500, 9300) if calm else rng.randrange(5000, 8600)
    bonus = rng.randrange(10_000, min(12_000, 99_000_000 // factor // 1))
    return (factor, bonus, rng.choice((0, 500, 1000, 2500)))


def deploy(chain: Chain, count: int, seed: int, revision: int = 1, storage: int = 0) -> Market:
    """A spoke with `count` reserves, spread over two hubs; the first two have one token."""
    rng, deployer = random.Random(f"v4 market {seed}"), Deployer(chain)
    chain.flush()
    hub, spoke, oracle = artifact("Hub"), artifact("Spoke"), artifact("Oracle")
    token = Artifacts("3.2")["MintableERC20"]
    hubs = [deployer.create(hub), deployer.create(hub)]
    oracle_at = deployer.create(oracle)
    chain.flush()
    spoke_at = deployer.create(spoke, oracle_at, revision, storage)
    chain.flush()
    market = Market({"spoke": spoke_at, "oracle": oracle_at, "hubs": hubs},
                    {"pool": spoke.functions, "hub": hub.functions, "erc20": token.functions}, chain.head.number)
    deployer.send(oracle_at, oracle.functions["setSpoke"](spoke_at), "setSpoke")
    target, line = rng.choice(((10**18, 8 * 10**17), (105 * 10**16, 9 * 10**17), (124 * 10**16, 0)))
    deployer.send(spoke_at, spoke.functions["updateLiquidationConfig"]((target, line, rng.randrange(0, 10_001))),
                  "updateLiquidationConfig")
    assets = [0, 0]
    for i in range(count):
        shared = i == 1
        at = 1 if shared else rng.randrange(2) if i else 0
        calm = i % 3 == 2
        if shared:
            first = market.reserves[0]
            symbol, decimals, asset, price = first.symbol, first.decimals, first.asset, first.price
        else:
            decimals = (18, 6, 8, 18)[i] if i < 4 else rng.randint(6, 18)
            symbol = f"V{i}D{decimals}"
            asset = deployer.create(token, f"DevChain {symbol}", symbol, decimals)
            price = round(10**8 * rng.uniform(0.99, 1.01)) if calm else round(10 ** rng.uniform(5, 13))
        fee = rng.choice((0, 500, 1000, 2000))
        rates = (rng.randrange(4000, 9500), rng.randrange(0, 500), rng.randrange(100, 2000), rng.randrange(1000, 20_000))
        deployer.send(hubs[at], hub.functions["addAsset"](asset, decimals, fee, TREASURY, rates), "addAsset")
        deployer.send(hubs[at], hub.functions["addSpoke"](assets[at], spoke_at), "addSpoke")
        feed = deployer.sent(chain.transact(ADMIN, None, assembly.feed_creation_code()), "feed").created
        deployer.send(feed, assembly.POST + price.to_bytes(32, "big"), "post")
        risk = rng.choice((0, 0, 500, 1500, 20_000, 100_000))
        deployer.send(spoke_at, spoke.functions["addReserve"](
            hubs[at], assets[at], feed, risk, BORROWABLE | SHARES, terms(rng, calm)), "addReserve")
        market.reserves.append(Reserve(i, symbol, decimals, asset, hubs[at], assets[at], feed, price, calm=calm))
        assets[at] += 1
    chain.flush()
    market.ready_block = chain.head.number
    return market
