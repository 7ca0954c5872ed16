"""Fills a market with random accounts whose positions differ in every way the protocol allows."""

import random

from .actions import LARGEST_AMOUNT, STABLE, VARIABLE, Actions, User
from .market import MAX, Reserve

# Profile → weight. All but "supplier" end up as `onBehalfOf` of a Borrow.
PROFILES = {
    "plain": 58, "emode": 13, "delegated": 7, "repaid": 6, "dust": 5, "isolated": 4, "transfer": 4, "flag": 3,
}


class Population:
    """Opens positions, moves time and prices, and lets keepers work."""

    def __init__(self, actions: Actions):
        self.actions = actions
        self.chain = actions.chain
        self.rng = actions.rng
        self.market = actions.market
        self.reserves = actions.market.reserves
        self.collaterals = [r for r in self.reserves if r.spec.ltv and not r.spec.debt_ceiling]
        self.borrowables = [r for r in self.reserves if r.spec.borrowable]
        self.isolated = [r for r in self.reserves if r.spec.debt_ceiling]

    def pace(self) -> int:
        """Seconds to the next block: mostly a slot, sometimes an outage of the story's attention."""
        draw = self.rng.random()
        if draw < 0.90:
            return 12
        if draw < 0.97:
            return self.rng.randrange(13, 7200)
        if draw < 0.995:
            return self.rng.randrange(7200, 7 * 86400)
        return self.rng.randrange(7, 60) * 86400

    def fill(self, borrowers: int) -> None:
        """Liquidity, then `borrowers` accounts with debt, suppliers among them, while prices and time move."""
        self.seed_liquidity(borrowers)
        names, weights = zip(*PROFILES.items())
        for i in range(borrowers):
            self.open_position(self.rng.choices(names, weights)[0])
            if self.rng.random() < 0.06:
                self.open_position("supplier")
            if i % 60 == 59:
                self.move_prices(0.012)
            if i % 100 == 99:
                self.keepers(30)
        self.disturb()

    def seed_liquidity(self, borrowers: int) -> None:
        """One large supplier per reserve."""
        for reserve in self.reserves:
            whale = self.actions.new_user("whale")
            self.actions.supply(whale, reserve, min(self.actions.amount(reserve, 4e6 + 60_000 * borrowers), LARGEST_AMOUNT))

    def open_position(self, profile: str) -> User:
        """One account of this profile."""
        user = self.actions.new_user(profile)
        getattr(self, f"_{profile}")(user)
        return user

    # Profiles

    def _dollars(self) -> float:
        return 10 ** self.rng.uniform(2.3, 5.3)

    def _supply_some(self, user: User, among: list, most: int = 4) -> None:
        for reserve in self.rng.sample(among, min(len(among), self.rng.choice((1, 1, 1, 2, 2, 3, most)))):
            self.actions.supply(user, reserve, self.actions.amount(reserve, self._dollars()))

    def _fraction(self) -> float:
        """How much of the limit to use: more than half of all borrow nearly all of it."""
        return self.rng.uniform(0.97, 0.9999) if self.rng.random() < 0.55 else self.rng.uniform(0.1, 0.97)

    def _borrow_some(self, user: User, among: list, fraction: float | None = None, caller: str | None = None) -> None:
        chosen = self.rng.sample(among, min(len(among), self.rng.choice((1, 1, 1, 2, 2, 3))))
        fraction = fraction or self._fraction()
        target = self.actions.account(user.address)[2] * fraction
        for position, reserve in enumerate(chosen):
            share = 1.0 if position == len(chosen) - 1 else self.rng.uniform(0.2, 0.7)
            part = int(target * share)
            target -= part
            amount = part * reserve.unit // reserve.price
            if not amount:
                continue
            mode = VARIABLE
            if self.market.has_stable_debt and reserve.spec.stable and not caller and self.rng.random() < 0.35:
                mode = STABLE
            if not self.actions.borrow(user, reserve, amount, mode, caller) and mode == STABLE:
                self.actions.borrow(user, reserve, amount, VARIABLE, caller)

    def _plain(self, user: User) -> None:
        self._supply_some(user, self.collaterals)
        self._borrow_some(user, self.borrowables)

    def _supplier(self, user: User) -> None:
        self._supply_some(user, self.reserves)

    def _emode(self, user: User) -> None:
        if not self.market.emodes:
            return self._plain(user)
        category = self.rng.choice(self.market.emodes)
        members = [self.reserves[i] for i in category.members]
        supplied = [r for r in members if r.spec.ltv]
        if not supplied:
            return self._plain(user)
        self._supply_some(user, supplied)
        if self.rng.random() < 0.25:
            self._supply_some(user, self.collaterals, 1)
        self.actions.set_emode(user, category.id)
        self._borrow_some(user, [r for r in members if r.spec.borrowable] or self.borrowables)
        if not user.borrowed:
            self._borrow_some(user, self.borrowables)

    def _delegated(self, user: User) -> None:
        self._supply_some(user, self.collaterals)
        helper = self.actions.new_user("delegatee")
        self._borrow_some(user, self.borrowables, caller=helper.address)

    def _repaid(self, user: User) -> None:
        self._plain(user)
        for index, mode in sorted(user.borrowed):
            self.actions.repay(user, self.reserves[index], mode, MAX)

    def _dust(self, user: User) -> None:
        """Debts of a few units, below any price's resolution."""
        self._supply_some(user, self.collaterals, 1)
        for reserve in self.rng.sample(self.borrowables, min(2, len(self.borrowables))):
            self.actions.borrow(user, reserve, self.rng.randrange(1, 1000))

    def _isolated(self, user: User) -> None:
        if not self.isolated:
            return self._plain(user)
        reserve = self.rng.choice(self.isolated)
        self.actions.supply(user, reserve, self.actions.amount(reserve, self._dollars()))
        self.actions.use_as_collateral(user, reserve, True)
        self._borrow_some(user, [r for r in self.borrowables if r.spec.isolated_borrow] or self.borrowables)

    def _transfer(self, user: User) -> None:
        """Collateral received and sent as aTokens."""
        self._plain(user)
        other = self.rng.choice(self.actions.users)
        for index in sorted(user.supplied):
            reserve = self.reserves[index]
            held = self.actions.balance(reserve.a_token, user.address)
            if self.actions.transfer_a_token(user, reserve, other.address, max(1, held // self.rng.randrange(50, 500))):
                other.supplied.add(index)

    def _flag(self, user: User) -> None:
        """One of several supplied assets does not count as collateral."""
        self._supply_some(user, self.collaterals)
        if len(user.supplied) > 1:
            self.actions.use_as_collateral(user, self.reserves[min(user.supplied)], False)
        self._borrow_some(user, self.borrowables)

    # The world

    def move_prices(self, spread: float, drift: float = 0.0) -> None:
        """A log-normal step of every feed; dollars hardly move."""
        for reserve in self.reserves:
            calm = 0.1 if reserve.spec.kind == "usd" else 1.0
            factor = 1 + calm * (drift + self.rng.gauss(0, spread))
            self.actions.post_price(reserve, max(1, round(reserve.price * max(factor, 0.5))))
        for asset in self.market.extra_feeds:
            self.actions.post_extra_price(asset, 1 + self.rng.gauss(0, spread / 10))

    def keepers(self, looks: int) -> int:
        """Look at random accounts and liquidate some that are liquidatable."""
        done = 0
        for user in self.rng.sample(self.actions.users, min(looks, len(self.actions.users))):
            done += self.liquidate(user)
        return done

    def liquidate(self, user: User) -> bool:
        if not user.borrowed or not user.supplied or self.actions.account(user.address)[5] >= 10**18:
            return False
        debt = self.reserves[self.rng.choice(sorted(user.borrowed))[0]]
        collateral = self.reserves[self.rng.choice(sorted(user.supplied))]
        return self.actions.liquidate(user, collateral, debt, self.rng.random() < 0.4, self.rng.choice((1.0, 1.0, 0.3, 0.05)))

    def disturb(self) -> None:
        """The end of the story: time, a fall of the volatile assets, keepers, then a frozen and a paused reserve."""
        self.chain.flush()
        self.chain.time_offset = self.rng.randrange(3, 20) * 86400
        for _ in range(3):
            self.move_prices(0.045, drift=-0.008)
            self.keepers(max(20, len(self.actions.users) // 4))
        self.lean(0.06)
        if len(self.reserves) >= 5:
            frozen, paused = self._last(self.reserves, 2)
            if self.market.is_v2:
                self.actions.configure("freezeReserve", frozen.asset)
            else:
                self.actions.configure("setReserveFreeze", frozen.asset, True)
                self.actions.configure("setReservePause(address,bool)", paused.asset, True)
        self.chain.flush()

    def lean(self, share: float) -> None:
        """Let the volatile assets fall by small steps until about `share` of the debtors can be liquidated."""
        for _ in range(8):
            sample = self.rng.sample(self.actions.users, min(400, len(self.actions.users)))
            accounts = [a for a in (self.actions.account(u.address) for u in sample) if a[1]]
            if sum(a[5] < 10**18 for a in accounts) >= share * len(accounts):
                return
            self.move_prices(0.004, drift=-0.013)

    @staticmethod
    def _last(reserves: list, count: int) -> list[Reserve]:
        return reserves[-count:]

    def top_up(self, reserve: Reserve) -> None:
        """More liquidity in a reserve, from a new large supplier."""
        self.actions.supply(self.actions.new_user("whale"), reserve, self.actions.amount(reserve, 1e6))


def population(chain, market, seed: int) -> Population:
    """The driver of a market, its randomness from `seed`."""
    return Population(Actions(chain, market, random.Random(f"population {seed}")))
