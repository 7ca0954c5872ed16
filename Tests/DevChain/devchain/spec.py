"""What market to build: reserves and eModes, drawn from a seed."""

import random
from dataclasses import dataclass, field


@dataclass
class ReserveSpec:
    """One asset and its risk parameters (basis points), price in 1e8 USD."""

    symbol: str
    decimals: int
    price: int
    ltv: int
    threshold: int
    bonus: int
    factor: int = 1000
    protocol_fee: int = 1000
    borrowable: bool = True
    stable: bool = False
    debt_ceiling: int = 0
    isolated_borrow: bool = False
    kind: str = "volatile"


@dataclass
class EModeSpec:
    """One category: parameters, members, and for 3.0 whether it replaces its members' prices."""

    id: int
    label: str
    ltv: int
    threshold: int
    bonus: int
    kind: str
    own_price: bool = False
    members: list = field(default_factory=list)


_KNOWN = [
    ReserveSpec("WETH", 18, 2345_67891234, 8050, 8300, 10500, stable=True, kind="eth"),
    ReserveSpec("USDC", 6, 99987654, 7700, 8000, 10450, stable=True, isolated_borrow=True, kind="usd"),
    ReserveSpec("WBTC", 8, 61234_56789012, 7000, 7500, 10625, factor=2000, kind="btc"),
    ReserveSpec("DAI", 18, 1_00012345, 7500, 7800, 10400, stable=True, isolated_borrow=True, kind="usd"),
    ReserveSpec("WSTETH", 18, 2765_43210987, 7850, 8100, 10600, factor=1500, kind="eth"),
    ReserveSpec("GOV", 18, 13_57924680, 4500, 5500, 10800, borrowable=False, debt_ceiling=50_000_000_00, kind="iso"),
    ReserveSpec("USDT", 6, 1_00000000, 0, 0, 0, factor=1000, isolated_borrow=True, kind="usd"),
    ReserveSpec("LST8", 8, 2412_00000000, 7000, 7600, 10700, kind="eth"),
]


def reserves(count: int, seed: int, rules: str, wild: bool) -> list:
    """`count` reserves: first the familiar ones, then invented ones; all invented when `wild`."""
    rng = random.Random(f"reserves {seed}")
    if not wild:
        chosen = [ReserveSpec(**vars(s)) for s in _KNOWN[:count]]
        if rules == "2.0":
            for spec in chosen:
                spec.debt_ceiling, spec.stable = 0, spec.borrowable
        for i in range(len(chosen), count):
            chosen.append(_invented(rng, i, rng.choice((6, 8, 18)), round(10 ** rng.uniform(5, 12))))
        return chosen
    # v3.2's configurator refuses tokens with fewer than 6 decimals; 27 keeps products well inside 256 bits.
    lowest = {"2.0": 2, "3.0": 0}.get(rules, 6)
    chosen = []
    for i in range(count):
        decimals = rng.randint(lowest, 27)
        price = 1 if i == count - 1 else round(10 ** rng.uniform(0, 20))
        chosen.append(_invented(rng, i, decimals, price))
    return chosen


def _invented(rng: random.Random, index: int, decimals: int, price: int) -> ReserveSpec:
    threshold = rng.randrange(5000, 8700)
    return ReserveSpec(
        f"T{index}D{decimals}", decimals, price, threshold - rng.randrange(100, 900), threshold, rng.randrange(10300, 11000),
        factor=rng.randrange(0, 3500), protocol_fee=rng.choice((0, 500, 1000, 2000)), stable=rng.random() < 0.5,
        kind=rng.choice(("eth", "usd", "volatile")))


def emodes(count: int, specs: list, rules: str) -> list:
    """Up to `count` categories over the reserves of the same kind; none in v2."""
    if rules == "2.0":
        return []
    wanted = [
        EModeSpec(1, "Ether correlated", 9000, 9300, 10200, "eth"),
        EModeSpec(2, "Stablecoins", 9300, 9500, 10100, "usd", own_price=True),
        EModeSpec(3, "Ether, cautious", 8800, 9100, 10300, "eth"),
        EModeSpec(4, "Dollars, cautious", 9000, 9200, 10200, "usd"),
    ]
    made = []
    for category in wanted[:count]:
        category.members = [i for i, s in enumerate(specs) if s.kind == category.kind]
        if rules == "3.0" and count > 2:
            # There a reserve belongs to one category only: two of a kind share them.
            category.members = category.members[category.id > 2::2]
        if category.members:
            made.append(category)
    return made
