"""Random accounts of a spoke: what users, keepers and the administrator do, as transactions."""

import random
from collections import Counter
from dataclasses import dataclass, field

from .. import assembly
from ..actions import FAUCET, LIQUIDATOR
from ..hashing import address_of, keccak
from ..market import ADMIN, MAX
from .market import BORROWABLE, SHARES, Market, Reserve, terms

WAD = 10**18
GAS = 4_000_000
WEIGHTS = {"supply": 12, "borrow": 16, "repay": 14, "withdraw": 8, "open": 8, "price": 12, "liquidate": 14, "time": 4,
           "key": 5, "rewrite": 4, "renew": 4, "risk": 5, "flag": 3, "fees": 2, "sweep": 1, "rates": 2}


@dataclass
class User:
    """What the driver remembers of an account."""

    address: str
    supplied: set = field(default_factory=set)
    borrowed: set = field(default_factory=set)


class Population:
    """Opens positions and lets life go on."""

    def __init__(self, chain, market: Market, seed: int):
        self.chain, self.market = chain, market
        self.rng = random.Random(f"v4 population {seed}")
        self.users: list[User] = []
        self.done = Counter()
        self._approved: set = set()
        self._functions = market.functions

    def pace(self) -> int:
        draw = self.rng.random()
        if draw < 0.95:
            return 12
        return self.rng.randrange(13, 7200) if draw < 0.995 else self.rng.randrange(1, 40) * 86400

    # Transactions

    def send(self, sender: str, name: str, *arguments) -> bool:
        outcome = self.chain.transact(sender, self.market.pool, self._functions["pool"][name](*arguments), gas=GAS)
        self.done[name if outcome.ok else "refused " + name] += 1
        return outcome.ok

    def hub(self, reserve: Reserve, name: str, *arguments) -> bool:
        return self.chain.transact(ADMIN, reserve.hub, self._functions["hub"][name](*arguments), gas=GAS).ok

    def view(self, name: str, *arguments):
        function = self._functions["pool"][name]
        return function.decode(self.chain.view(self.market.pool, function(*arguments)).output)

    def account(self, user: User) -> tuple:
        return self.view("getUserAccountData", user.address)

    def fund(self, address: str, reserve: Reserve, amount: int) -> None:
        erc20 = self._functions["erc20"]
        self.chain.transact(FAUCET, reserve.asset, erc20["mint(address,uint256)"](address, amount), gas=200_000)
        if (address, reserve.id) not in self._approved:
            self._approved.add((address, reserve.id))
            self.chain.transact(address, reserve.asset, erc20["approve"](self.market.pool, MAX), gas=200_000)

    def post(self, reserve: Reserve, price: int) -> None:
        price = max(1, price)
        for other in self.market.reserves:
            if other.asset == reserve.asset:
                other.price = price
                self.chain.transact(ADMIN, other.feed, assembly.POST + price.to_bytes(32, "big"), gas=200_000)

    # Accounts

    def new_user(self) -> User:
        user = User(address_of(keccak(b"v4 user %d %d" % (len(self.users), self.rng.getrandbits(64)))))
        self.users.append(user)
        return user

    def amount(self, reserve: Reserve, usd: float) -> int:
        return max(1, int(usd * 10**6) * 10**20 // reserve.scale)

    def supply(self, user: User, reserve: Reserve, usd: float, secures: bool = True) -> bool:
        amount = self.amount(reserve, usd)
        if amount > 2**100:
            return False
        caller = user.address
        if self.rng.random() < 0.05:
            caller = "0x11900000000000000000000000000000000000bb"
            self.send(user.address, "setUserPositionManager", caller, True)
        self.fund(caller, reserve, amount)
        done = self.send(caller, "supply", reserve.id, amount, user.address)
        if done:
            user.supplied.add(reserve.id)
            if secures:
                self.send(caller, "setUsingAsCollateral", reserve.id, True, user.address)
        return done

    def borrow(self, user: User, reserve: Reserve, fraction: float) -> bool:
        data = self.account(user)
        room = data[1] * data[3] // WAD - data[4] // 10**27
        amount = int(room * fraction) // reserve.scale
        if amount <= 0 or amount > 2**100:
            return False
        caller = user.address
        if self.rng.random() < 0.05:
            caller = "0x11900000000000000000000000000000000000cc"
            self.send(user.address, "setUserPositionManager", caller, True)
        done = self.send(caller, "borrow", reserve.id, amount, user.address)
        if done:
            user.borrowed.add(reserve.id)
        return done

    def open(self) -> User:
        user, rng = self.new_user(), self.rng
        reserves = self.market.reserves
        for reserve in rng.sample(reserves, min(len(reserves), rng.choice((1, 1, 2, 2, 3, 4)))):
            self.supply(user, reserve, 10 ** rng.uniform(1, 5.5), rng.random() < 0.95)
        fraction = rng.uniform(0.97, 0.99999) if rng.random() < 0.6 else rng.uniform(0.1, 0.97)
        chosen = rng.sample(reserves, min(len(reserves), rng.choice((1, 1, 1, 2, 3))))
        for place, reserve in enumerate(chosen):
            self.borrow(user, reserve, fraction if place == len(chosen) - 1 else rng.uniform(0.1, 0.6))
        if rng.random() < 0.04:
            for id in sorted(user.borrowed):
                self.repay(user, self.market.reserves[id], MAX)
        return user

    def repay(self, user: User, reserve: Reserve, amount: int) -> bool:
        self.fund(user.address, reserve, 2**100)
        return self.send(user.address, "repay", reserve.id, amount, user.address)

    def liquidate(self, looks: int) -> int:
        done = 0
        for user in self.rng.sample(self.users, min(looks, len(self.users))):
            if user.borrowed and user.supplied and self._health(user) < WAD:
                debt = self.market.reserves[self.rng.choice(sorted(user.borrowed))]
                seized = self.market.reserves[self.rng.choice(sorted(user.supplied))]
                self.fund(LIQUIDATOR, debt, 2**105)
                cover = MAX if self.rng.random() < 0.7 else self.amount(debt, 10 ** self.rng.uniform(0, 4))
                done += self.send(LIQUIDATOR, "liquidationCall", seized.id, debt.id, user.address, cover,
                                  self.rng.random() < 0.4)
        return done

    def _health(self, user: User) -> int:
        return self.account(user)[2]

    # The story

    def fill(self, borrowers: int) -> None:
        whale = self.new_user()
        for reserve in self.market.reserves:
            self.supply(whale, reserve, 2e6 + 8_000 * borrowers, False)
        for i in range(borrowers):
            self.open()
            if i % 50 == 49:
                self.prices(0.012)
                self.steps(6)
            if i % 100 == 99:
                self.liquidate(30)
        self.chain.flush()
        self.chain.time_offset += self.rng.randrange(20, 500) * 86400
        for _ in range(4):
            self.prices(0.02, -0.01)
            self.liquidate(max(20, len(self.users) // 10))
        self.steps(20)
        self.chain.flush()

    def prices(self, spread: float, drift: float = 0.0) -> None:
        seen = set()
        for reserve in self.market.reserves:
            if reserve.asset not in seen:
                seen.add(reserve.asset)
                factor = 1 + (0.1 if reserve.calm else 1.0) * (drift + self.rng.gauss(0, spread))
                self.post(reserve, round(reserve.price * max(factor, 0.3)))

    def steps(self, count: int) -> dict:
        done = Counter()
        for _ in range(count):
            name = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            done[name] += bool(getattr(self, "_" + name)())
        self.chain.flush()
        return dict(done)

    def _some(self) -> User:
        return self.rng.choice(self.users)

    def _one(self) -> Reserve:
        return self.rng.choice(self.market.reserves)

    def _supply(self):
        return self.supply(self._some(), self._one(), 10 ** self.rng.uniform(0, 4), self.rng.random() < 0.7)

    def _borrow(self):
        return self.borrow(self._some(), self._one(), self.rng.uniform(0.05, 0.9999))

    def _repay(self):
        user = self._some()
        if not user.borrowed:
            return False
        reserve = self.market.reserves[self.rng.choice(sorted(user.borrowed))]
        amount = MAX if self.rng.random() < 0.3 else self.amount(reserve, 10 ** self.rng.uniform(-2, 4))
        return self.repay(user, reserve, amount)

    def _withdraw(self):
        user = self._some()
        if not user.supplied:
            return False
        reserve = self.market.reserves[self.rng.choice(sorted(user.supplied))]
        return self.send(user.address, "withdraw", reserve.id, self.amount(reserve, 10 ** self.rng.uniform(0, 4)),
                         user.address)

    def _open(self):
        return self.open()

    def _price(self):
        reserve = self._one()
        self.post(reserve, round(reserve.price * (1 + (0.1 if reserve.calm else 1) * self.rng.gauss(0, 0.02))))
        return True

    def _liquidate(self):
        return self.liquidate(25)

    def _time(self):
        self.chain.flush()
        self.chain.time_offset += self.rng.choice((3600, 86400, 30 * 86400, 200 * 86400))
        return True

    def _key(self):
        reserve = self._one()
        reserve.keys += 1
        made = terms(self.rng, reserve.calm)
        if self.rng.random() < 0.1:
            made = (0,) + made[1:]
        return self.send(ADMIN, "addDynamicReserveConfig", reserve.id, made)

    def _rewrite(self):
        reserve = self._one()
        return self.send(ADMIN, "updateDynamicReserveConfig", reserve.id, self.rng.randrange(reserve.keys),
                         terms(self.rng, reserve.calm))

    def _renew(self):
        return self.send(ADMIN, "updateUserDynamicConfig", self._some().address)

    def _risk(self):
        return self.send(ADMIN, "updateUserRiskPremium", self._some().address)

    def _flag(self):
        reserve = self._one()
        reserve.flags = BORROWABLE | SHARES | self.rng.choice((0, 0, 0, 1, 2))
        self.send(ADMIN, "updateReserveConfig", reserve.id, self.rng.choice((0, 500, 3000, 100_000)), reserve.flags)
        return self.hub(reserve, "updateSpokeConfig", reserve.asset_id, self.market.pool, True, self.rng.random() < 0.1)

    def _fees(self):
        reserve = self._one()
        return self.hub(reserve, "mintFeeShares", reserve.asset_id)

    def _sweep(self):
        reserve = self._one()
        return self.hub(reserve, "sweep", reserve.asset_id, self.amount(reserve, 1000.0))

    def _rates(self):
        reserve = self._one()
        rates = (self.rng.randrange(4000, 9500), self.rng.randrange(0, 900), self.rng.randrange(100, 3000),
                 self.rng.randrange(1000, 30_000))
        return self.hub(reserve, "updateAsset", reserve.asset_id, self.rng.choice((0, 1000, 10_000)), rates)
