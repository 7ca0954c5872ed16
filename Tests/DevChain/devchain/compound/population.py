"""Random accounts of a Compound market, and what happens to them."""

import random
from collections import Counter

from ..chain import Chain
from ..hashing import keccak
from ..market import ADMIN
from .deployment import E18, CToken, Deployment

LIQUIDATOR = "0x11900000000000000000000000000000000000aa"
SUPPLIER = "0x5000000000000000000000000000000000000005"
WEIGHTS = {"open": 12, "mint": 8, "borrow": 10, "repay": 14, "redeem": 7, "transfer": 5, "exit": 5, "price": 14, "liquidate": 14,
           "gift": 4, "accrue": 5, "time": 3, "years": 1, "govern": 2}
MAX = 2**256 - 1


class Population:
    """Drives the market; the same seed does the same."""

    def __init__(self, chain: Chain, market: Deployment, seed: int):
        self.chain, self.market = chain, market
        self.actions = self  # the node rebinds the chain of both
        self.rng = random.Random(f"population {seed}")
        self.users: list = []
        self.born = 0

    def resync(self, number: int) -> None:
        """After a reorganisation: what accounts hold is asked of the chain, so nothing is to be forgotten."""

    def pace(self) -> int:
        return self.rng.choice((12, 12, 12, 12, 24, 600))

    # Transactions and questions

    def send(self, sender: str, name: str, to: str, function: str, *arguments) -> bool:
        return self.chain.transact(sender, to, self.market.functions[name][function](*arguments)).ok

    def ask(self, name: str, to: str, function: str, *arguments):
        target = self.market.functions[name][function]
        outcome = self.chain.view(to, target(*arguments))
        return target.decode(outcome.output) if outcome.ok else None

    def comptroller(self, sender: str, function: str, *arguments) -> bool:
        return self.send(sender, "Comptroller", self.market.comptroller, function, *arguments)

    def fund(self, account: str, market: CToken, amount: int) -> None:
        self.send(ADMIN, "Token", market.token, "mint", account, amount)

    def mint(self, account: str, market: CToken, amount: int) -> bool:
        self.fund(account, market, amount)
        return self.send(account, "CToken", market.address, "mint", amount)

    def liquidity(self, account: str):
        return self.ask("Comptroller", self.market.comptroller, "getAccountLiquidity", account)

    def held(self, account: str, market: CToken) -> int:
        return self.ask("CToken", market.address, "balanceOf", account)

    def owed(self, account: str, market: CToken) -> int:
        return self.ask("CToken", market.address, "borrowBalanceStored", account)

    # The population

    def fill(self, count: int) -> None:
        """Liquidity in every market, then accounts until `count` of them owe something."""
        for market in self.market.markets:
            self.mint(SUPPLIER, market, market.units(10 ** self.rng.uniform(7, 9)))
        made = 0
        for _ in range(count * 3):
            if made >= count:
                break
            made += bool(self.open())
            if self.rng.random() < 0.02:
                self._price()
            if self.rng.random() < 0.01:
                self._gift()
        self.chain.flush()

    def open(self) -> bool:
        """A new account: supplies, enters markets, borrows."""
        rng, markets = self.rng, self.market.markets
        self.born += 1
        account = "0x" + keccak(f"compound user {self.born} {rng.random()}".encode())[-20:].hex()
        self.users.append(account)
        supplied = rng.sample(markets, rng.choice((1, 1, 1, 2, 2, 3)))
        size = 10 ** rng.uniform(0, 6)
        for market in supplied:
            self.mint(account, market, market.units(size * rng.uniform(.2, 1)))
        entered = [m for m in supplied if rng.random() < .92]
        if rng.random() < .1:
            entered.append(rng.choice(markets))
        if self.market.kind == "venus" and rng.random() < .4:
            self.comptroller(account, "enterPool", rng.randint(1, 3))
        if entered:
            self.comptroller(account, "enterMarkets", list(dict.fromkeys(m.address for m in entered)))
        opened = self._borrow(account)
        if rng.random() < .4:
            opened |= self._borrow(account)
        if self.market.vai and rng.random() < .2:
            answer = self.liquidity(account)
            if answer and answer[1] > 10:
                opened |= self.send(account, "VAIController", self.market.vai, "mintVAI", int(answer[1] * rng.uniform(.1, .999)))
        return opened

    def _borrow(self, account: str) -> bool:
        answer = self.liquidity(account)
        if not answer or answer[1] < 100:
            return False
        market = self.rng.choice(self.market.markets)
        share = self.rng.choice((self.rng.uniform(.05, .9), self.rng.uniform(.97, 1)))
        amount = int(answer[1] * share) * E18 // market.price
        return amount > 0 and self.send(account, "CToken", market.address, "borrow", amount)

    # Life

    def run(self, count: int) -> dict:
        """`count` random actions, then the block is sealed."""
        done = Counter()
        self.chain.flush()
        for _ in range(count):
            name = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            done[name] += bool(getattr(self, "open" if name == "open" else "_act_borrow" if name == "borrow" else "_" + name)())
        self.chain.flush()
        return dict(done)

    def _user(self) -> str:
        return self.rng.choice(self.users)

    def _some(self) -> CToken:
        return self.rng.choice(self.market.markets)

    def _act_borrow(self):
        return self._borrow(self._user())

    def _mint(self):
        market = self._some()
        return self.mint(self._user(), market, market.units(10 ** self.rng.uniform(0, 5)))

    def _debtor(self):
        for account in self.rng.sample(self.users, min(30, len(self.users))):
            debts = [m for m in self.market.markets if self.owed(account, m)]
            if debts:
                return account, self.rng.choice(debts)
        return None, None

    def _repay(self):
        account, market = self._debtor()
        if not account:
            return False
        amount = self.owed(account, market)
        payer = account if self.rng.random() < .6 else LIQUIDATOR
        self.fund(payer, market, 2 * amount + 10)
        return self.send(payer, "CToken", market.address, "repayBorrowBehalf", account,
                         MAX if self.rng.random() < .3 else max(1, int(amount * self.rng.random())))

    def _redeem(self):
        account, market = self._user(), self._some()
        held = self.held(account, market)
        return held > 1 and self.send(account, "CToken", market.address, "redeem", max(1, int(held * self.rng.uniform(.01, .9))))

    def _transfer(self):
        account, other, market = self._user(), self._user(), self._some()
        held = self.held(account, market)
        return held > 1 and self.send(account, "CToken", market.address, "transfer", other, max(1, int(held * self.rng.uniform(.01, .5))))

    def _exit(self):
        return self.comptroller(self._user(), "exitMarket", self._some().address)

    def post(self, market: CToken, price: int) -> None:
        """A new price on the oracle."""
        market.price = max(1, price)
        self.send(ADMIN, "Oracle", self.market.oracle, "post", market.address, market.price)

    def _price(self):
        market = self._some()
        self.post(market, round(market.price * (1 + self.rng.gauss(0, .04))))
        return True

    def _liquidate(self):
        """Looks at some accounts as a keeper does, and takes half of a debt of the first that is short."""
        for account in self.rng.sample(self.users, min(40, len(self.users))):
            answer = self.liquidity(account)
            if not answer or answer[0] or not answer[2]:
                continue
            debts = [m for m in self.market.markets if self.owed(account, m)]
            seized = [m for m in self.market.markets if self.held(account, m)]
            if not debts or not seized:
                continue
            market, collateral = self.rng.choice(debts), self.rng.choice(seized)
            amount = int(self.owed(account, market) * self.rng.uniform(.05, .5))
            self.fund(LIQUIDATOR, market, amount + 1)
            if amount and self.send(LIQUIDATOR, "CToken", market.address, "liquidateBorrow", account, amount, collateral.address):
                return True
        return False

    def _gift(self):
        """Tokens sent to a market: every holder's exchange rate rises, and no event names one."""
        market = self._some()
        cash = self.ask("CToken", market.address, "getCash")
        self.fund(market.address, market, max(1, int(cash * self.rng.random() * .01)))
        return True

    def _accrue(self):
        return self.send(LIQUIDATOR, "CToken", self._some().address, "accrueInterest")

    def _time(self):
        self.chain.flush()
        self.chain.time_offset += self.rng.randrange(60, 20 * 86400)
        if not self.market.time_based:
            self.chain.mine(self.rng.randrange(1, 20))
        return True

    def _years(self):
        self.chain.flush()
        self.chain.time_offset += self.rng.randrange(100, 500) * 86400
        return True

    def _govern(self):
        market = self._some()
        what = self.rng.choice(("factor", "reserve", "pool", "vai", "bad"))
        if what == "factor" and market.factor:
            market.factor = max(3 * E18 // 10, market.factor + self.rng.randrange(-10**16, 10**16))
            return self.comptroller(ADMIN, "support", market.address, market.factor, max(market.factor, market.threshold),
                                    int(self.rng.uniform(1.05, 1.15) * E18))
        if what == "reserve":
            return self.send(ADMIN, "CToken", market.address, "setReserveFactor", int(self.rng.uniform(.05, .4) * E18))
        if what == "pool" and self.market.kind == "venus":
            return self.comptroller(ADMIN, "setPool", self.rng.randint(1, 3), self.rng.random() < .7, self.rng.random() < .5)
        if what == "vai" and self.market.vai:
            return self.send(ADMIN, "VAIController", self.market.vai, "accrue", self.rng.randrange(10**15))
        if what == "bad" and self.market.kind == "isolated":
            return self.send(ADMIN, "CToken", market.address, "giveUp", market.units(self.rng.uniform(1, 1000)))
        return False
