"""Random accounts of a Comet: debts that events name and debts that none does, operators, keepers, time, prices."""

import random

from devchain.chain import Chain
from devchain.hashing import address_of, keccak
from devchain.market import ADMIN, MAX

from .market import Asset, Market

KEEPER = "0x11900000000000000000000000000000000000cc"
PROFILES = {"plain": 55, "silent": 12, "operated": 7, "received": 7, "repaid": 6, "dust": 6, "lender": 4, "mover": 3}
STEPS = {"open": 30, "price": 12, "time": 5, "absorb": 14, "buy": 8, "repay": 10, "move": 6, "transfer": 8, "zero": 3,
         "withdraw": 4}


class Population:
    """What users and keepers do, as transactions; a refused one stays in the chain as a failed receipt."""

    def __init__(self, chain: Chain, market: Market, seed: int):
        self.chain, self.market = chain, market
        self.rng = random.Random(f"comet population {seed}")
        self.users: list[str] = []
        self.power: dict[str, int] = {}
        self.actions = self

    def pace(self) -> int:
        """Seconds to the next block: mostly a slot, sometimes hours."""
        draw = self.rng.random()
        if draw < 0.95:
            return 12
        return self.rng.randrange(13, 7200) if draw < 0.99 else self.rng.randrange(7200, 3 * 86400)

    def send(self, sender: str, function: str, *arguments) -> bool:
        data = self.market.functions["comet"][function](*arguments)
        return self.chain.transact(sender, self.market.comet, data, gas=4_000_000).ok

    def view(self, function: str, *arguments, to: str | None = None, contract: str = "comet"):
        target = self.market.functions[contract][function]
        outcome = self.chain.view(to or self.market.comet, target(*arguments))
        return target.decode(outcome.output) if outcome.ok else None

    def fill(self, count: int) -> None:
        """Liquidity, then accounts of all profiles while prices and time move."""
        whale = self.new_user()
        base = self.market.base
        self.send(whale, "supplyFrom", whale, whale, base.token, base.unit * max(10**7, 40_000 * count))
        names, weights = zip(*PROFILES.items())
        for i in range(count):
            getattr(self, "_" + self.rng.choices(names, weights)[0])()
            if i % 97 == 96:
                self.move_prices(0.01)
            if i % 301 == 300:
                self._absorb()
                self._buy()
        self.chain.flush()
        self.chain.time_offset = self.rng.choice((0, 86_400, 40 * 86_400, 2 * 31_536_000))
        for _ in range(3):
            self.move_prices(0.04)
            for _ in range(max(3, count // 100)):
                self._absorb()
        self.move_prices(0.03)
        self._buy()
        # Interest that no action has brought up to date: what the view says is not what absorb finds.
        self.chain.mine(1, self.rng.choice((12, 12, 3 * 86_400, 60 * 86_400, 3 * 31_536_000)))

    def run(self, count: int) -> dict:
        """Random actions."""
        done = dict.fromkeys(STEPS, 0)
        self.chain.flush()
        for _ in range(count):
            name = self.rng.choices(list(STEPS), list(STEPS.values()))[0]
            done[name] += bool(getattr(self, "_step_" + name, getattr(self, "_" + name, None))())
        self.chain.flush()
        return done

    # Pieces

    def new_user(self) -> str:
        user = address_of(keccak(b"comet user %d %d" % (len(self.users), self.rng.getrandbits(64))))
        self.users.append(user)
        return user

    def amount(self, asset: Asset, worth: float) -> int:
        """Token units worth this much of the currency."""
        return max(1, min(int(worth * 10**8) * asset.unit // asset.price, 10**36))

    def collateral(self, user: str, sender: str | None = None) -> int:
        """Supply some assets; returns what may be borrowed against them, 1e8."""
        sender, power = sender or user, 0
        for asset in self.rng.sample(self.market.assets, min(len(self.market.assets), self.rng.choice((1, 1, 2, 2, 3, 5, 9)))):
            amount = self.amount(asset, 10 ** self.rng.uniform(2, 5))
            if self.send(sender, "supplyFrom", sender, user, asset.token, amount):
                power += amount * asset.price // asset.scale * asset.borrow // 10**18
        self.power[user] = self.power.get(user, 0) + power
        return power

    def share(self, power: int) -> int:
        """Base for a part of that power: more than half of all take nearly all of it."""
        part = self.rng.uniform(0.97, 0.99999) if self.rng.random() < 0.6 else self.rng.uniform(0.05, 0.97)
        return int(power * part) * self.market.base.unit // self.market.base.price

    def borrow(self, user: str, amount: int, caller: str | None = None) -> bool:
        return self.send(caller or user, "withdrawFrom", user, user, self.market.base.token, amount)

    # Profiles

    def _plain(self) -> bool:
        user = self.new_user()
        return self.borrow(user, self.share(self.collateral(user)))

    def _silent(self) -> bool:
        """A debt made by a base transfer: without any event where the receiver owes more than it gets."""
        user = self.new_user()
        other = self.rng.choice(self.users[:-1])
        return self.send(user, "transferAssetFrom", user, other, self.market.base.token, self.share(self.collateral(user)))

    def _operated(self) -> bool:
        user, operator = self.new_user(), self.new_user()
        power = self.collateral(user, sender=self.rng.choice((user, operator)))
        self.send(user, "allow", operator, True)
        return self.borrow(user, self.share(power), caller=operator)

    def _received(self) -> bool:
        """Collateral that came by transfer alone."""
        giver, user = self.new_user(), self.new_user()
        asset = self.rng.choice(self.market.assets)
        amount = self.amount(asset, 10 ** self.rng.uniform(2, 5))
        self.send(giver, "supplyFrom", giver, giver, asset.token, amount)
        self.send(giver, "transferAssetFrom", giver, user, asset.token, amount)
        power = amount * asset.price // asset.scale * asset.borrow // 10**18
        if self.rng.random() < 0.5:
            other = self.rng.choice(self.users[:-1])
            return self.send(user, "transferAssetFrom", user, other, self.market.base.token, self.share(power))
        return self.borrow(user, self.share(power))

    def _repaid(self) -> bool:
        self._plain()
        user, base = self.users[-1], self.market.base.token
        return self.send(user, "supplyFrom", user, user, base, self.rng.choice((MAX, 1, self.market.base.unit)))

    def _dust(self) -> bool:
        user = self.new_user()
        self.collateral(user)
        return self.borrow(user, self.market.borrow_min + self.rng.randrange(0, 3))

    def _lender(self) -> bool:
        user = self.new_user()
        return self.send(user, "supplyFrom", user, user, self.market.base.token, self.rng.randrange(1, 10**4 * self.market.base.unit))

    def _mover(self) -> bool:
        """Supplies base and then owes: the principal changes its sign."""
        user = self.new_user()
        base = self.market.base
        self.send(user, "supplyFrom", user, user, base.token, base.unit * self.rng.randrange(1, 100))
        return self.borrow(user, base.unit * 100 + self.share(self.collateral(user)) // 2)

    # The world

    def move_prices(self, spread: float) -> None:
        for asset in [self.market.base, *self.market.assets]:
            if asset is self.market.base and asset.price == 10**8:
                continue
            calm = 0.02 if asset is self.market.base else 1.0
            self.post(asset, max(1, round(asset.price * max(0.4, 1 + calm * self.rng.gauss(0, spread)))))

    def post(self, asset: Asset, price: int, broken: bool = False) -> None:
        data = self.market.functions["feed"]["post"](price, broken)
        if not self.chain.transact(ADMIN, asset.feed, data, gas=300_000).ok:
            raise AssertionError("a price could not be posted")
        asset.price = price if price > 0 else asset.price

    def _absorb(self) -> bool:
        for user in self.rng.sample(self.users, min(25, len(self.users))):
            if self.view("isLiquidatable", user):
                return self.send(KEEPER, "absorb", KEEPER, [user])
        return False

    def _buy(self) -> bool:
        done = False
        for asset in self.rng.sample(self.market.assets, min(3, len(self.market.assets))):
            left = self.view("getCollateralReserves", asset.token)
            if left:
                worth = left * asset.price // asset.scale * self.rng.randrange(1, 90) // 100
                paid = worth * self.market.base.unit // self.market.base.price
                done |= self.send(KEEPER, "buyCollateral", asset.token, 0, paid, KEEPER)
        return done

    # Steps

    def _step_open(self) -> bool:
        names, weights = zip(*PROFILES.items())
        return getattr(self, "_" + self.rng.choices(names, weights)[0])()

    def _step_price(self) -> bool:
        self.move_prices(0.02)
        return True

    def _step_time(self) -> bool:
        self.chain.flush()
        self.chain.time_offset += self.rng.choice((3_600, 86_400, 20 * 86_400))
        return True

    def _step_repay(self) -> bool:
        user = self.rng.choice(self.users)
        owed = self.view("borrowBalanceOf", user) or 0
        return bool(owed) and self.send(
            user, "supplyFrom", user, user, self.market.base.token, self.rng.choice((MAX, max(1, owed // 3), owed + 5)))

    def _step_move(self) -> bool:
        """Collateral to somebody else, as far as the debt allows."""
        user, other, asset = self.rng.choice(self.users), self.rng.choice(self.users), self.rng.choice(self.market.assets)
        held = self.view("userCollateral", user, asset.token)[0]
        return bool(held) and self.send(user, "transferAssetFrom", user, other, asset.token, max(1, held // self.rng.randrange(1, 30)))

    def _step_transfer(self) -> bool:
        user, other = self.rng.choice(self.users), self.rng.choice(self.users)
        amount = self.share(self.power.get(user, 0) // 20) or 1
        return self.send(user, "transferAssetFrom", user, other, self.market.base.token, amount)

    def _step_zero(self) -> bool:
        user = self.rng.choice(self.users)
        return self.send(user, "withdrawFrom", user, user, self.market.base.token, 0)

    def _step_withdraw(self) -> bool:
        user, asset = self.rng.choice(self.users), self.rng.choice(self.market.assets)
        held = self.view("userCollateral", user, asset.token)[0]
        return bool(held) and self.send(user, "withdrawFrom", user, user, asset.token, self.rng.choice((held, held // 9 + 1)))
