"""A Morpho Blue with random markets: tokens of 2 to 27 decimals, oracles of three makes, rate models of three."""

import random
from dataclasses import dataclass, field

from devchain import abi
from devchain.chain import Chain
from devchain.hashing import ZERO_ADDRESS, keccak
from devchain.market import ADMIN, DeploymentFailed

from . import contracts

WAD = 10**18
RECIPIENT = "0xfee0000000000000000000000000000000000001"
PARAMS = ["address", "address", "address", "address", "uint256"]
LINES = (385, 500, 625, 770, 770, 860, 860, 860, 915, 945, 965, 980)
NAMES = ("Morpho", "AdaptiveCurveIrm", "FixedRateIrm", "Token", "Source", "ChainlinkOracle", "PreLiquidation", "Factory")


@dataclass
class Token:
    """A token."""

    symbol: str
    decimals: int
    address: str

    @property
    def unit(self) -> int:
        return 10**self.decimals


@dataclass
class Market:
    """One isolated market, and where its price is posted."""

    loan: Token
    collateral: Token
    params: tuple
    price: float
    poster: str
    factor: float
    pre: str | None = None
    terms: tuple | None = None
    users: list = field(default_factory=list)

    @property
    def id(self) -> bytes:
        return keccak(abi.encode(PARAMS, self.params))

    @property
    def lltv(self) -> int:
        return self.params[4]


@dataclass
class Deployment:
    """Where everything is."""

    morpho: str
    factory: str
    markets: list
    functions: dict
    deploy_block: int
    ready_block: int = 0


class Builder:
    """Sends the set-up transactions, all of which must succeed."""

    def __init__(self, chain: Chain, seed: int, wrong_scale: bool = False):
        self.chain, self.rng, self.wrong_scale = chain, random.Random(f"morpho {seed}"), wrong_scale
        self.made = {name: contracts.load(name) for name in NAMES}
        self.functions = {name: made.functions for name, made in self.made.items()}

    def create(self, name: str, *arguments) -> str:
        return self.create_code(self.made[name].creation_code(arguments), name)

    def create_code(self, code: bytes, name: str) -> str:
        outcome = self.chain.transact(ADMIN, None, code, gas=30_000_000)
        if not outcome.ok:
            raise DeploymentFailed(f"creating {name}: {outcome.error} {outcome.output.hex()}")
        return outcome.created

    def send(self, to: str, name: str, function: str, *arguments) -> None:
        outcome = self.chain.transact(ADMIN, to, self.functions[name][function](*arguments), gas=3_000_000)
        if not outcome.ok:
            raise DeploymentFailed(f"{name}.{function}{arguments}: {outcome.error} {outcome.output!r}")

    def oracle(self, loan: Token, collateral: Token, price: float, factory: str) -> tuple:
        """(oracle, where its price is posted, what a price is multiplied with there)."""
        plain = 36 + loan.decimals - collateral.decimals
        feeds, dq = [ZERO_ADDRESS] * 4, 0
        quote = self.rng.random() < 0.5
        exponent = plain - 8 + (8 if quote else 0)
        if self.rng.random() < 0.4 or not 20 <= exponent <= 45:
            source = self.create("Source", int(price * 10**plain), 0)
            return source, source, 10.0**plain
        factor = 10.0**8
        if quote:
            worth = self.rng.uniform(0.5, 2)
            feeds[2] = self.create("Source", int(worth * 10**8), 8)
            factor *= worth
        vaults, samples, scale = [ZERO_ADDRESS] * 2, [1, 1], 10**exponent
        if self.rng.random() < 0.4:
            rate = self.rng.uniform(1, 1.3)
            vaults[0], samples[0] = self.create("Source", int(rate * WAD), 18), 10**6
            scale //= 10**6
            factor /= rate
        feeds[0] = self.create("Source", int(price * factor), 8)
        if self.wrong_scale and vaults[0] == ZERO_ADDRESS:
            # As of a PAXG market in 2024: the places of one token were counted twice.
            scale, self.wrong_scale = scale * 10**3, False
        made = self.create("ChainlinkOracle", vaults, samples, feeds, scale)
        if self.rng.random() < 0.7:
            self.send(factory, "Factory", "add", made)
        return made, feeds[0], factor

    def build(self, count: int, plain: bool) -> Deployment:
        """Tokens, models, markets and pre-liquidation contracts."""
        rng = self.rng
        block = self.chain.head.number + 1
        library = self.create_code(contracts.library_creation_code(), "library")
        factory = self.create("Factory")
        morpho = self.create("Morpho", library, ADMIN, RECIPIENT)
        curve = self.create("AdaptiveCurveIrm", library, morpho)
        fixed = self.create("FixedRateIrm", int(rng.uniform(0.01, 0.3) * WAD) // 31_536_000)
        loans = [self.token(f"L{d}", d) for d in (6, 18, rng.randint(2, 27))]
        result = Deployment(morpho, factory, [], self.functions, block)
        for i in range(count):
            loan, decimals = rng.choice(loans), rng.choice((6, 8, 18, rng.randint(2, 27), rng.randint(2, 27)))
            collateral, price = self.token(f"C{i}D{decimals}", decimals), 10 ** rng.uniform(-3, 5)
            oracle, poster, factor = self.oracle(loan, collateral, price, factory)
            model = rng.choices((curve, ZERO_ADDRESS, fixed), (75, 10, 15))[0]
            params = (loan.address, collateral.address, oracle, model, rng.choice(LINES) * 10**15)
            market = Market(loan, collateral, params, price, poster, factor)
            self.send(morpho, "Morpho", "createMarket", params)
            if rng.random() < 0.5:
                self.send(morpho, "Morpho", "setFee", params, rng.choice((10**15, 10**17, 25 * 10**16)))
            if rng.random() < 0.6 and not plain:
                self.pre_liquidation(result, market)
            result.markets.append(market)
        self.chain.flush()
        result.ready_block = self.chain.head.number
        return result

    def token(self, symbol: str, decimals: int) -> Token:
        return Token(symbol, decimals, self.create("Token", symbol, decimals))

    def pre_liquidation(self, deployment: Deployment, market: Market) -> None:
        rng, lltv = self.rng, market.lltv
        most = min(WAD * WAD // lltv, 115 * 10**16)
        first = rng.randint(WAD, most)
        low = rng.randint(0, WAD // 2)
        terms = (int(lltv * rng.uniform(0.8, 0.99)), low, rng.randint(low, 12 * WAD // 10), first, rng.randint(first, most),
                 market.params[2])
        market.pre = self.create("PreLiquidation", deployment.morpho, market.params, terms)
        market.terms = terms
        self.send(deployment.factory, "Factory", "tell", market.pre, market.id, terms)
