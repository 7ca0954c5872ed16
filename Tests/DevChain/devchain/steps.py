"""Life after the population: random actions of existing and new accounts, prices, time, keepers."""

from collections import Counter

from .actions import FAUCET, STABLE, VARIABLE
from .market import MAX
from .population import PROFILES, Population

WEIGHTS = {
    "supply": 14, "borrow": 16, "repay": 14, "withdraw": 10, "open": 10, "price": 14, "liquidate": 12, "time": 4,
    "transfer": 3, "flag": 2, "swap": 3, "emode": 3, "treasury": 1, "govern": 2,
}


class Steps:
    """Runs random actions on a population."""

    def __init__(self, population: Population):
        self.population = population
        self.actions = population.actions
        self.rng = population.rng

    def run(self, count: int) -> dict:
        """`count` actions, then the block is sealed; returns how many of each kind succeeded."""
        done = Counter()
        self.population.chain.flush()
        for _ in range(count):
            name = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            done[name] += bool(getattr(self, "_" + name)())
        self.population.chain.flush()
        return dict(done)

    def open_borrowers(self, count: int) -> None:
        """Positions until `count` new accounts have debt, as far as the market lets them."""
        for _ in range(4 * count):
            if count <= 0:
                break
            count -= bool(self.population.open_position("plain").borrowed)
        self.population.chain.flush()

    def spread(self, blocks: int, count: int, borrowers: int) -> dict:
        """At least `blocks` blocks with `count` actions and `borrowers` new borrowers spread evenly over them."""
        done, chain = Counter(), self.population.chain
        for i in range(blocks):
            before = chain.head.number
            share, opened = (total * (i + 1) // blocks - total * i // blocks for total in (count, borrowers))
            done.update(self.run(share))
            self.open_borrowers(opened)
            if chain.head.number == before:
                chain.close()
        return dict(done)

    def _user(self):
        return self.rng.choice(self.actions.users)

    def _supply(self):
        reserve = self.rng.choice(self.population.collaterals)
        return self.actions.supply(self._user(), reserve, self.actions.amount(reserve, 10 ** self.rng.uniform(1, 4)))

    def _borrow(self):
        user, reserve = self._user(), self.rng.choice(self.population.borrowables)
        amount = self.actions.account(user.address)[2] * reserve.unit // reserve.price
        return amount > 10 and self.actions.borrow(user, reserve, int(amount * self.rng.uniform(0.1, 0.999)))

    def _borrower(self):
        borrowers = [u for u in self.rng.sample(self.actions.users, min(40, len(self.actions.users))) if u.borrowed]
        return borrowers[0] if borrowers else None

    def _repay(self):
        user = self._borrower()
        if not user:
            return False
        index, mode = self.rng.choice(sorted(user.borrowed))
        reserve = self.population.reserves[index]
        owed = self.actions.debt(user, reserve, mode)
        if not owed:
            return False
        if index in user.supplied and self.rng.random() < 0.3:
            return self.actions.repay_with_a_tokens(user, reserve, mode, MAX if self.rng.random() < 0.3 else owed // 2 + 1)
        return self.actions.repay(user, reserve, mode, MAX if self.rng.random() < 0.4 else max(1, int(owed * self.rng.random())))

    def _withdraw(self):
        user = self._user()
        if not user.supplied:
            return False
        reserve = self.population.reserves[self.rng.choice(sorted(user.supplied))]
        held = self.actions.balance(reserve.a_token, user.address)
        return held > 1 and self.actions.withdraw(user, reserve, max(1, int(held * self.rng.uniform(0.01, 0.5))))

    def _open(self):
        return self.population.open_position(self.rng.choice(sorted(PROFILES)))

    def _price(self):
        reserve = self.rng.choice(self.population.reserves)
        calm = 0.1 if reserve.spec.kind == "usd" else 1.0
        self.actions.post_price(reserve, max(1, round(reserve.price * (1 + calm * self.rng.gauss(0, 0.02)))))
        return True

    def _liquidate(self):
        return self.population.keepers(20)

    def _time(self):
        self.population.chain.flush()
        self.population.chain.time_offset += self.rng.randrange(60, 3 * 86400)
        if self.population.market.is_v2 and self.rng.random() < 0.1:
            self.population.chain.time_offset += self.rng.randrange(30, 500) * 86400
        return True

    def _transfer(self):
        user, other = self._user(), self._user()
        if not user.supplied or user is other:
            return False
        index = self.rng.choice(sorted(user.supplied))
        reserve = self.population.reserves[index]
        amount = self.actions.balance(reserve.a_token, user.address) // 100
        if not amount or not self.actions.transfer_a_token(user, reserve, other.address, amount):
            return False
        other.supplied.add(index)
        return True

    def _flag(self):
        user = self._user()
        if not user.supplied:
            return False
        reserve = self.population.reserves[self.rng.choice(sorted(user.supplied))]
        return self.actions.use_as_collateral(user, reserve, self.rng.random() < 0.5)

    def _emode(self):
        """Someone enters or leaves a category, positions and all; without categories a stable rate is set anew."""
        if self.population.market.is_v2:
            user = self._borrower()
            return bool(user) and self.actions.rebalance(user, self.population.reserves[min(user.borrowed)[0]])
        return self.actions.set_emode(self._user(), self.rng.choice([0, *(c.id for c in self.population.market.emodes)]))

    def _treasury(self):
        if self.population.market.is_v2:
            reserve = self.rng.choice(self.population.reserves)
            return self.actions.donate(reserve, self.actions.amount(reserve, 10 ** self.rng.uniform(1, 5)))
        assets = [r.asset for r in self.population.reserves]
        return self.actions.send(FAUCET, self.population.market.pool, "pool", "mintToTreasury", assets)

    def _govern(self):
        """One decision that touches many positions at once, or none."""
        reserve = self.rng.choice(self.population.collaterals)
        what = self.rng.choice(("threshold", "feed", "factor", "fee"))
        if what == "feed":
            return self.actions.replace_feed(reserve)
        if what == "threshold":
            spec = reserve.spec
            spec.threshold = max(spec.ltv, min(9200, spec.threshold + self.rng.choice((-50, 50))))
            return self.actions.configure("configureReserveAsCollateral", reserve.asset, spec.ltv, spec.threshold, spec.bonus)
        if what == "factor":
            return self.actions.configure("setReserveFactor", reserve.asset, self.rng.randrange(0, 4000))
        if self.population.market.is_v2:
            return self.actions.configure(self.rng.choice(("freezeReserve", "unfreezeReserve")), reserve.asset)
        return self.actions.configure("setLiquidationProtocolFee", reserve.asset, self.rng.randrange(0, 3000))

    def _swap(self):
        user = self._borrower() if self.population.market.has_stable_debt else None
        if not user:
            return False
        index, mode = self.rng.choice(sorted(user.borrowed))
        return mode in (STABLE, VARIABLE) and self.actions.swap_rate_mode(user, self.population.reserves[index], mode)
