"""Random life of pools, step by step: what a test replays with arithmetic of its own."""

import random

from .errors import RpcError
from .uniswap import HIGHEST_RATIO, LOWEST_RATIO, Pool, Uniswap, near_ratio

FEES = (100, 500, 3000, 10000)
# Within this many ticks of the start; prices beyond are reached by swaps that run out of liquidity.
REACH = 4000


class PoolWalk:
    """Makes pools and acts on them; every step tells what was done and what the contract then says."""

    def __init__(self, uniswap: Uniswap, seed):
        self.uniswap = uniswap
        self.rng = random.Random(f"pools {seed}")
        self.positions: dict[str, list] = {}
        self.middles: dict[str, int] = {}

    def pool(self, kind: str) -> dict:
        """A new pool with liquidity around a random price, and the steps that made it."""
        rng = self.rng
        if kind == "v2":
            amounts = {f"amount{i}": int(10 ** rng.uniform(6, 30)) for i in (0, 1)}
            pool = self.uniswap.deploy({"kind": "v2"} | amounts)
            return pool.described() | {"steps": [self._told(pool, {"action": "start"})]}
        fee = rng.choice(FEES)
        middle = rng.choice((0, rng.randrange(-200_000, 200_000), rng.randrange(-850_000, 850_000)))
        ratio = near_ratio(middle) + rng.randrange(1 << 16)
        cardinality = rng.choice((1, 2, 5, 40))
        pool = self.uniswap.deploy({"fee": fee, "sqrtPriceX96": ratio, "cardinality": cardinality})
        self.positions[pool.address] = []
        self.middles[pool.address] = middle
        born = self.uniswap.read(pool, "observations", 0)[0]
        steps = [self._told(pool, {"action": "start", "born": born})]
        steps += [self._mint(pool, middle) for _ in range(rng.randrange(1, 8))]
        return pool.described() | {"cardinality": cardinality, "steps": steps}

    def step(self, pool: Pool) -> dict:
        """One random action."""
        rng = self.rng
        if rng.random() < 0.3:
            self.uniswap.chain.flush()
            self.uniswap.chain.time_offset += rng.choice((0, 1, 12, 300, rng.randrange(1, 100_000), 2**31))
        if pool.kind == "v2":
            return self._trade_pair(pool)
        kind = rng.choices(("in", "out", "limit", "mint", "burn", "look"), (30, 15, 35, 8, 6, 6))[0]
        if kind == "look":
            return self._told(pool, {"action": "look"})
        if kind == "mint":
            return self._mint(pool, self.middles[pool.address])
        if kind == "burn":
            return self._burn(pool)
        return self._swap(pool, kind)

    def _mint(self, pool: Pool, middle: int) -> dict:
        rng, spacing = self.rng, pool.spacing
        most = 887272 // spacing
        width = max(spacing, int(REACH ** rng.random()))
        at = max(-most, min(most - 1, (middle + rng.randrange(-REACH, REACH)) // spacing if rng.random() < 0.6
                            else (middle - width // 2) // spacing))
        lower, upper = at * spacing, min(most, at + max(1, width // spacing)) * spacing
        liquidity = int(10 ** rng.uniform(3, 24))
        options = {"tickLower": lower, "tickUpper": upper, "liquidity": liquidity}
        return self._tried(pool, {"action": "mint"} | options, lambda: self.uniswap.mint(pool, options),
                           lambda: self.positions[pool.address].append((lower, upper, liquidity)))

    def _burn(self, pool: Pool) -> dict:
        held = self.positions[pool.address]
        if len(held) < 2:
            return self._told(pool, {"action": "look"})
        lower, upper, liquidity = held.pop(self.rng.randrange(len(held)))
        options = {"tickLower": lower, "tickUpper": upper, "liquidity": -liquidity}
        return self._tried(pool, {"action": "mint"} | options, lambda: self.uniswap.mint(pool, options))

    def _swap(self, pool: Pool, kind: str) -> dict:
        rng, (price, tick, *_), middle = self.rng, self.uniswap.read(pool, "slot0"), self.middles[pool.address]
        first, lost = rng.random() < 0.5, abs(tick - middle) > 2 * REACH
        if lost and rng.random() < 0.8:
            first = tick > middle
        if price <= LOWEST_RATIO + 1 or price >= HIGHEST_RATIO - 2:
            first = price >= HIGHEST_RATIO - 2
        options = {"direction": "0to1" if first else "1to0", "amount": int(10 ** rng.uniform(0, 26))}
        if kind == "out":
            options["amount"] = -options["amount"]
        # A swap over all words of a bitmap with spacing 1 takes more gas than a block has.
        if kind == "limit" or pool.spacing == 1 or rng.random() < 0.9:
            span = abs(tick - middle) + rng.randrange(-100, 100) if lost else int(REACH ** rng.random())
            if pool.spacing > 1 and rng.random() < 0.02:
                span = 1_000_000
            aim = near_ratio(max(-887271, min(887271, tick + (-span if first else span)))) + rng.randrange(-500, 500)
            low, high = (LOWEST_RATIO + 1, price - 1) if first else (price + 1, HIGHEST_RATIO - 1)
            options["limit"] = max(low, min(high, aim))
            if kind == "limit":
                options["amount"] = 2**200
        told = {k: str(v) for k, v in options.items()}
        return self._tried(pool, {"action": "swap"} | told, lambda: self.uniswap.swap(pool, options))

    def _trade_pair(self, pool: Pool) -> dict:
        rng, reserves = self.rng, self.uniswap.read(pool, "getReserves")
        first = rng.random() < 0.5
        amount = min(2**110 - 1, int(reserves[0 if first else 1] * 10 ** rng.uniform(-8, 0.5)) + 1)
        options = {"direction": "0to1" if first else "1to0", "amount": amount}
        told = {k: str(v) for k, v in options.items()}
        return self._tried(pool, {"action": "swap"} | told, lambda: self.uniswap.swap(pool, options))

    def _tried(self, pool: Pool, told: dict, act, after=lambda: None) -> dict:
        try:
            amounts = act()
            after()
            return self._told(pool, told | {"amounts": [str(a) for a in amounts if a is not None]})
        except RpcError as refusal:
            return self._told(pool, told | {"refused": str(refusal)})

    def _told(self, pool: Pool, told: dict) -> dict:
        """The step, with the pool's state after it and the time of its block."""
        chain = self.uniswap.chain
        header = chain._pending_header if chain._mark is not None else chain.head.header
        found = told | {"time": header.timestamp, "state": self.uniswap.state(pool)}
        return found | {"observe": self._observed(pool)} if pool.kind == "v3" else found

    def _observed(self, pool: Pool) -> dict | None:
        """`observe` of a few random ages, or what it says in refusal."""
        rng = self.rng
        ages = [0, *(int(10 ** rng.uniform(0, 6)) for _ in range(2))]
        try:
            ticks, seconds = self.uniswap.read(pool, "observe", ages)
        except RpcError:
            return {"ages": ages}
        return {"ages": ages, "ticks": [str(t) for t in ticks], "secondsPerLiquidity": [str(s) for s in seconds]}
