"""A Comet with random parameters: base assets of 6 to 18 decimals, collateral of 2 to 20, in dollars or in itself."""

import random
from dataclasses import dataclass, field

from devchain.chain import Chain
from devchain.market import ADMIN, DeploymentFailed

from . import contracts

YEAR = 31_536_000
MOST_ASSETS = {0: 15, 1: 24, 2: 24}


@dataclass
class Asset:
    """One token with its feed and what the Comet was told of it."""

    symbol: str
    decimals: int
    price: int
    token: str = ""
    feed: str = ""
    borrow: int = 0
    liquidate: int = 0
    liquidation: int = 0

    @property
    def unit(self) -> int:
        return 10**self.decimals

    @property
    def scale(self) -> int:
        # The contract casts without a check.
        return self.unit % 2**64


@dataclass
class Market:
    """Where everything is."""

    generation: int
    comet: str
    base: Asset
    assets: list
    functions: dict
    deploy_block: int
    borrow_min: int
    addresses: dict = field(default_factory=dict)


def deploy(chain: Chain, generation: int, seed: int, count: int | None, minimum: int | None) -> Market:
    """Tokens, feeds and the Comet."""
    rng = random.Random(f"comet {generation} {seed}")
    made = {name: contracts.load(name) for name in ("DevToken", "DevFeed", "DevComet")}
    chain.flush()

    def create(name: str, *arguments) -> str:
        outcome = chain.transact(ADMIN, None, made[name].creation_code(arguments), gas=30_000_000)
        if not outcome.ok:
            raise DeploymentFailed(f"creating {name}: {outcome.error} {outcome.output.hex()}")
        return outcome.created

    own = rng.random() < 0.35  # the base asset is the currency
    base = Asset("BASE", rng.choice((6, 6, 8, 12, 18, 18)), 10**8 if own else round(10**8 * rng.uniform(0.97, 1.03)))
    assets = []
    for i in range(count or rng.randint(3, MOST_ASSETS[generation])):
        decimals = rng.choice((2, 6, 8, 8, 18, 18, 18, 19, 20)) if rng.random() < 0.5 else rng.randint(2, 20)
        low, high = (6.5, 9.5) if own else (5, 13)
        asset = Asset(f"C{i}D{decimals}", decimals, round(10 ** rng.uniform(low, high)))
        asset.liquidate = rng.randrange(5000, 9850) * 10**14
        asset.borrow = asset.liquidate - rng.randrange(1, 1500) * 10**14
        asset.liquidation = rng.randrange(7000, 10_001) * 10**14
        if generation == 2 and i and rng.random() < 0.12:
            asset.borrow = asset.liquidate = 0
            asset.liquidation = rng.choice((0, 9 * 10**17))
        assets.append(asset)
    for asset in [base, *assets]:
        asset.token = create("DevToken", asset.symbol, asset.decimals)
        text = "Constant price feed" if own and asset is base else f"{asset.symbol} / {'BASE' if own else 'USD'}"
        asset.feed = create("DevFeed", text, asset.price, own and asset is base)
    minimum = base.unit // rng.choice((1, 10, 1000)) if minimum is None else minimum

    def yearly(most: float) -> int:
        return int(rng.uniform(0, most) * 10**18) // YEAR

    kink = rng.randrange(50, 95) * 10**16
    configuration = (
        base.token, base.feed, base.unit, minimum, rng.choice((0, base.unit * 10**6, base.unit * 10**12)),
        rng.choice((0, 5 * 10**17, 8 * 10**17, 10**18)),
        kink, yearly(0.05), yearly(0.6), yearly(0.01), kink, yearly(0.06), yearly(0.8), yearly(0.03),
        10**15, 10**10, 2 * 10**10, base.unit)
    infos = [(i, a.token, a.feed, a.scale, a.borrow, a.liquidate, a.liquidation, 2**127) for i, a in enumerate(assets)]
    block = chain.head.number + 1
    comet = create("DevComet", generation, configuration, infos)
    chain.flush()
    functions = {"comet": made["DevComet"].functions, "token": made["DevToken"].functions, "feed": made["DevFeed"].functions}
    return Market(generation, comet, base, assets, functions, block, minimum,
                  {"comet": comet, "baseToken": base.token})
