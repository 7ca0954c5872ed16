"""Random accounts of a Morpho Blue: debts on behalf of others, repayments by shares and by assets, bad debts, time."""

import random

from devchain.chain import Chain
from devchain.hashing import address_of, keccak
from devchain.market import ADMIN

from .market import Deployment, Market

KEEPER = "0x11900000000000000000000000000000000000cc"
WHALE = "0x3a1e000000000000000000000000000000000001"
STEPS = {"open": 30, "price": 14, "time": 5, "liquidate": 16, "repay": 12, "withdraw": 7, "lend": 6, "authorize": 5, "pre": 5}
MOST = 10**28
PAUSES = (12, 12, 3_600, 3 * 86_400, 60 * 86_400, 365 * 86_400, 3 * 365 * 86_400)


class Population:
    """What users and keepers do, as transactions; a refused one stays in the chain as a failed receipt."""

    def __init__(self, chain: Chain, deployment: Deployment, seed: int):
        self.chain, self.deployment = chain, deployment
        self.rng = random.Random(f"morpho population {seed}")
        self.count = 0
        self.actions = self

    def pace(self) -> int:
        """Seconds to the next block: mostly a slot, sometimes hours."""
        draw = self.rng.random()
        if draw < 0.95:
            return 12
        return self.rng.randrange(13, 7200) if draw < 0.99 else self.rng.randrange(7200, 3 * 86400)

    # Calls

    def send(self, sender: str, function: str, *arguments, to: str | None = None, contract: str = "Morpho") -> bool:
        data = self.deployment.functions[contract][function](*arguments)
        return self.chain.transact(sender, to or self.deployment.morpho, data, gas=4_000_000).ok

    def view(self, function: str, *arguments, to: str | None = None, contract: str = "Morpho"):
        target = self.deployment.functions[contract][function]
        outcome = self.chain.view(to or self.deployment.morpho, target(*arguments))
        return target.decode(outcome.output) if outcome.ok else None

    def mint(self, token, to: str, amount: int) -> None:
        self.send(ADMIN, "mint", to, amount, to=token.address, contract="Token")

    def post(self, market: Market, price: float, broken: bool = False) -> None:
        market.price = price
        self.send(ADMIN, "post", int(price * market.factor), broken, to=market.poster, contract="Source")

    # Building

    def fill(self, count: int, pause: int | None) -> None:
        """Liquidity, then borrowers of all kinds while prices and time move."""
        for market in self.deployment.markets:
            self.lend(market, market.loan.unit * 1_000)
        for i in range(count):
            self.open(self.rng.choice(self.deployment.markets))
            if i % 61 == 60:
                self.move_prices(0.02)
                self._liquidate()
            if i % 20 == 19:
                self._repay()
        self.chain.flush()
        self.chain.time_offset = self.rng.choice((0, 86_400, 40 * 86_400))
        for _ in range(2):
            self.move_prices(0.05)
            for _ in range(max(3, count // 60)):
                self._liquidate()
                self._repay()
                self._pre()
        self.move_prices(0.03)
        for market in self.deployment.markets:
            if self.rng.random() < 0.5:
                self.drain(market)
        # Interest that no action has brought up to date.
        self.chain.mine(1, self.rng.choice(PAUSES) if pause is None else pause)

    def run(self, count: int) -> dict:
        """Random actions."""
        done = dict.fromkeys(STEPS, 0)
        self.chain.flush()
        for _ in range(count):
            name = self.rng.choices(list(STEPS), list(STEPS.values()))[0]
            done[name] += bool(getattr(self, "_" + name)())
        self.chain.flush()
        return done

    def new_user(self) -> str:
        self.count += 1
        return address_of(keccak(b"morpho user %d %d" % (self.count, self.rng.getrandbits(64))))

    def lend(self, market: Market, amount: int) -> bool:
        amount = max(1, min(amount, MOST))
        self.mint(market.loan, WHALE, amount)
        return self.send(WHALE, "supply", market.params, amount, 0, WHALE, b"")

    def drain(self, market: Market) -> bool:
        """Takes out what nobody borrowed, or most of it: utilization near one."""
        totals = self.view("market", market.id)
        free = totals[0] - totals[2]
        part = self.rng.choice((1.0, 0.9, 0.5))
        return free > 2 and self.send(WHALE, "withdraw", market.params, int(free * part) - 1, 0, WHALE, WHALE)

    def open(self, market: Market, user: str | None = None) -> bool:
        """Collateral, then a debt that more than half of all take nearly to the line."""
        rng = self.rng
        if user is None:
            user = rng.choice(market.users) if market.users and rng.random() < 0.05 else self.new_user()
        # Some have debts in several markets.
        if rng.random() < 0.15:
            other = rng.choice(self.deployment.markets)
            if other.users:
                user = rng.choice(other.users)
        worth = 10 ** rng.uniform(0, 5)
        amount = max(1, min(int(worth / market.price * market.collateral.unit), MOST))
        self.mint(market.collateral, user, amount)
        if not self.send(user, "supplyCollateral", market.params, amount, user, b""):
            return False
        if market.pre and rng.random() < 0.6:
            self.send(user, "setAuthorization", market.pre, True)
        price = self.view("price", to=market.params[2], contract="Source") or 0
        most = amount * price // 10**36 * market.lltv // 10**18
        part = rng.uniform(0.96, 0.99999) if rng.random() < 0.6 else rng.uniform(0.05, 0.97)
        debt = max(1, min(int(most * part), MOST))
        totals = self.view("market", market.id)
        if totals[2] + debt > totals[0] * 9 // 10:
            self.lend(market, int(debt * rng.uniform(1.02, 3)) + 2)
        if rng.random() < 0.1:
            operator = self.new_user()
            self.send(user, "setAuthorization", operator, True)
            done = self.send(operator, "borrow", market.params, debt, 0, user, operator)
        elif rng.random() < 0.1 and totals[3]:
            done = self.send(user, "borrow", market.params, 0, max(1, debt * totals[3] // max(1, totals[2])), user, user)
        else:
            done = self.send(user, "borrow", market.params, debt, 0, user, user)
        if done and user not in market.users:
            market.users.append(user)
        return done

    def move_prices(self, spread: float) -> None:
        for market in self.deployment.markets:
            self.post(market, market.price * max(0.4, 1 + self.rng.gauss(0, spread)))

    # Steps

    def some(self) -> tuple:
        market = self.rng.choice(self.deployment.markets)
        return (market, self.rng.choice(market.users)) if market.users else (market, None)

    def _open(self) -> bool:
        return self.open(self.rng.choice(self.deployment.markets))

    def _price(self) -> bool:
        self.move_prices(0.02)
        return True

    def _time(self) -> bool:
        self.chain.flush()
        self.chain.time_offset += self.rng.choice((3_600, 86_400, 20 * 86_400))
        return True

    def _lend(self) -> bool:
        market, _ = self.some()
        return self.lend(market, int(market.loan.unit * 10 ** self.rng.uniform(0, 4)))

    def _liquidate(self) -> bool:
        done = False
        for _ in range(12):
            market, user = self.some()
            if user is None:
                continue
            _, shares, collateral = self.view("position", market.id, user)
            if not shares:
                continue
            self.mint(market.loan, KEEPER, MOST)
            if self.rng.random() < 0.3:
                done |= self.send(KEEPER, "liquidate", market.params, user, 0, max(1, shares // self.rng.randrange(2, 9)), b"")
            elif not self.send(KEEPER, "liquidate", market.params, user, 0, shares, b""):
                left = collateral if self.rng.random() < 0.7 else max(1, collateral - 1)
                done |= self.send(KEEPER, "liquidate", market.params, user, left, 0, b"")
            else:
                done = True
        return done

    def _repay(self) -> bool:
        market, user = self.some()
        if user is None:
            return False
        shares = self.view("position", market.id, user)[1]
        totals = self.view("market", market.id)
        if not shares:
            return False
        payer = user if self.rng.random() < 0.7 else KEEPER
        self.mint(market.loan, payer, MOST)
        if self.rng.random() < 0.5:
            return self.send(payer, "repay", market.params, 0, shares if self.rng.random() < 0.4 else max(1, shares // 3), user, b"")
        assets = shares * totals[2] // max(1, totals[3])
        return self.send(payer, "repay", market.params, max(1, assets // self.rng.randrange(1, 20)), 0, user, b"")

    def _withdraw(self) -> bool:
        market, user = self.some()
        if user is None:
            return False
        collateral = self.view("position", market.id, user)[2]
        return collateral > 0 and self.send(
            user, "withdrawCollateral", market.params, self.rng.choice((collateral, collateral // 50 + 1)), user, user)

    def _authorize(self) -> bool:
        market, user = self.some()
        return bool(user and market.pre) and self.send(user, "setAuthorization", market.pre, self.rng.random() < 0.5)

    def _pre(self) -> bool:
        market, user = self.some()
        if not user or not market.pre:
            return False
        shares = self.view("position", market.id, user)[1]
        self.mint(market.loan, KEEPER, MOST)
        return shares > 0 and self.send(
            KEEPER, "preLiquidate", user, 0, max(1, shares // self.rng.randrange(3, 40)), b"", to=market.pre, contract="PreLiquidation")
