"""A comptroller with its markets: drawn from a seed, deployed, listed."""

import random
from dataclasses import dataclass, field

from ..chain import Chain
from ..market import ADMIN, DeploymentFailed
from .compiler import compiled

E18 = 10**18
KINDS = {"truncating": 0, "half-up": 1, "isolated": 2, "venus": 3}
FORKS = {"isolated": "venus-isolated", "venus": "venus"}


@dataclass
class CToken:
    """One market and what the driver knows of it."""

    index: int
    address: str
    token: str
    model: str
    symbol: str
    decimals: int
    price: int
    factor: int
    threshold: int
    native: bool

    def units(self, dollars: float) -> int:
        """Smallest units worth so many dollars."""
        return max(1, int(dollars * E18) * E18 // self.price)


@dataclass
class Deployment:
    """What stands on the chain."""

    kind: str
    late: bool
    time_based: bool
    comptroller: str
    oracle: str
    deploy_block: int
    vai: str | None = None
    liquidator: str | None = None
    ready_block: int = 0
    markets: list = field(default_factory=list)
    functions: dict = field(default_factory=dict)

    @property
    def addresses(self) -> dict:
        return {"comptroller": self.comptroller, "oracle": self.oracle,
                "markets": [m.address for m in self.markets], "vaiController": self.vai}


class Deployer:
    """Sends the set-up transactions, all of which must succeed."""

    def __init__(self, chain: Chain, seed: int, kind: str, early: bool, time_based: bool, alone: bool = False):
        self.chain, self.kind, self.early, self.time_based = chain, kind, early, time_based
        self.alone = alone
        self.rng = random.Random(f"compound {seed} {kind}")
        self.names = {n: compiled(n) for n in ("Token", "Oracle", "Comptroller", "CToken", "VAIController", "Liquidator")}
        self.names["RateModel"] = compiled("IsolatedRateModel" if kind == "isolated" else "RateModel")

    def create(self, name: str, *arguments) -> str:
        outcome = self.chain.transact(ADMIN, None, self.names[name].creation_code(*arguments))
        if not outcome.ok:
            raise DeploymentFailed(f"creating {name}: {outcome.error} {outcome.output!r}")
        return outcome.created

    def send(self, name: str, to: str, function: str, *arguments) -> None:
        outcome = self.chain.transact(ADMIN, to, self.names[name].functions[function](*arguments))
        if not outcome.ok:
            raise DeploymentFailed(f"{name}.{function}{arguments}: {outcome.error} {outcome.output!r}")

    def deploy(self, count: int) -> Deployment:
        """A comptroller with `count` markets."""
        self.chain.flush()
        start = self.chain.head.number + 1
        oracle = self.create("Oracle")
        minimum = 100 * E18
        comptroller = self.create("Comptroller", oracle, KINDS[self.kind], not self.early, E18 // 2, 108 * E18 // 100, minimum)
        made = Deployment(self.kind, not self.early, self.time_based, comptroller, oracle, start)
        made.functions = {name: contract.functions for name, contract in self.names.items()}
        for index in range(count):
            made.markets.append(self._list(made, index))
        if self.kind == "venus":
            self._pools(made)
        self.chain.flush()
        made.ready_block = self.chain.head.number
        return made

    def _list(self, made: Deployment, index: int) -> CToken:
        rng = self.rng
        decimals = (18, 6, 8, 18, 2, 27)[index] if index < 6 else rng.randint(2, 27)
        native = index == 0
        symbol = f"T{index}D{decimals}"
        token = self.create("Token", symbol, decimals)
        # Blocks pass slower than seconds here: their rates are ten times what they would be, so that interest matters.
        slots = 31_536_000 if self.time_based else 262_800
        base, slope, jump = (int(rng.uniform(*r) * E18) // slots for r in ((0, .05), (.05, .4), (.2, 1.2)))
        model = self.create("RateModel", base, slope, jump, int(rng.uniform(.6, .9) * E18), self.early)
        initial = 2 * 10**(decimals + 8) if decimals > 2 else 2 * 10**10 + 12345
        # Neither the first markets nor Venus' keep a share of what is seized.
        share = 0 if self.early or self.kind == "venus" else 28 * E18 // 1000
        cToken = self.create("CToken", token, made.comptroller, model, f"c{symbol}", initial, int(rng.uniform(.05, .3) * E18),
                             share, self.time_based, self.kind == "isolated", native, self.early)
        # The oracle's unit: dollars · 10^(36 − decimals) for a whole token.
        dollars = 10 ** rng.uniform(-3, 4.7)
        price = max(1, int(dollars * 10**9) * 10**27 // 10**decimals)
        self.send("Oracle", made.oracle, "post", cToken, price)
        factor = int(rng.uniform(.4, .85) * E18) if index != 4 else 0
        threshold = min(92 * E18 // 100, factor + rng.randrange(5 * 10**16)) if factor else 0
        self.send("Comptroller", made.comptroller, "support", cToken, factor, threshold, int(rng.uniform(1.05, 1.15) * E18))
        return CToken(index, cToken, token, model, symbol, decimals, price, factor, threshold, native)

    def _pools(self, made: Deployment) -> None:
        """Three pools: one that falls back on the core parameters, one that does not, one that is off."""
        made.vai = self.create("VAIController", self.create("Token", "VAI", 18))
        self.send("Comptroller", made.comptroller, "setVAI", made.vai)
        if self.alone:
            made.liquidator = self.create("Liquidator", made.comptroller, made.vai, 3 * 10**17, 100 * E18)
            self.send("Comptroller", made.comptroller, "setLiquidator", made.liquidator)
        for number, (active, fallback) in enumerate(((True, True), (True, False), (False, True)), 1):
            self.send("Comptroller", made.comptroller, "setPool", number, active, fallback)
            for market in made.markets[:3]:
                self.send("Comptroller", made.comptroller, "setPoolMarket", number, market.address,
                          95 * E18 // 100 + number, 104 * E18 // 100)
