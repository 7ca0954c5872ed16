"""What users and keepers of the market can do, as transactions on the chain."""

import random
from dataclasses import dataclass, field

from . import assembly
from .chain import Chain
from .hashing import address_of, keccak
from .market import ADMIN, MAX, Market, Reserve

FAUCET = "0xfa0ce70000000000000000000000000000000001"
LIQUIDATOR = "0x11900000000000000000000000000000000000aa"
VARIABLE, STABLE = 2, 1
# Scaled balances are 128-bit; this leaves room for interest and for products with a ray.
LARGEST_AMOUNT = 10**35


@dataclass
class User:
    """What the driver remembers of an account, so that it need not ask the chain."""

    address: str
    profile: str
    supplied: set = field(default_factory=set)
    borrowed: set = field(default_factory=set)
    emode: int = 0
    born: int = 0


class Actions:
    """Transactions by name. Each returns whether it succeeded: a refused one stays in the chain as a failed receipt."""

    def __init__(self, chain: Chain, market: Market, rng: random.Random):
        self.chain = chain
        self.market = market
        self.rng = rng
        self.users: list[User] = []
        self.refused = 0
        self._approved: set = set()
        self._functions = market.functions
        self._data = market.functions["pool"]["getUserAccountData"]

    def send(self, sender: str, to: str, contract: str, function: str, *arguments, gas: int = 2_000_000) -> bool:
        outcome = self.chain.transact(sender, to, self._functions[contract][function](*arguments), gas=gas)
        self.refused += not outcome.ok
        return outcome.ok

    def new_user(self, profile: str) -> User:
        address = address_of(keccak(b"user %d %d" % (len(self.users), self.rng.getrandbits(64))))
        user = User(address, profile, born=self.chain.head.number + 1)
        self.users.append(user)
        return user

    def resync(self, number: int) -> None:
        """Blocks after `number` were taken back: forget their accounts, ask the feeds for the prices again, approve anew."""
        self.users = [user for user in self.users if user.born <= number]
        source = self._functions["oracle"]["getSourceOfAsset"]
        for reserve in self.market.reserves:
            if reserve.fixed:
                continue
            reserve.feed = source.decode(self.chain.view(self.market.addresses["oracle"], source(reserve.asset)).output)
            answer = self.chain.view(reserve.feed, assembly.selector("latestAnswer()")).output
            reserve.price = int.from_bytes(answer, "big")
        self._approved.clear()

    # Money

    def amount(self, reserve: Reserve, usd: float) -> int:
        """Token units worth `usd` dollars at the present price, at least one."""
        return max(1, min(int(usd * self.market.dollar) * reserve.unit // reserve.price, LARGEST_AMOUNT))

    def fund(self, address: str, reserve: Reserve, amount: int) -> None:
        """Mint tokens to an account and let the pool take them."""
        self.chain.transact(FAUCET, reserve.asset, self._functions["erc20"]["mint(address,uint256)"](address, amount), gas=200_000)
        if (address, reserve.index) not in self._approved:
            self._approved.add((address, reserve.index))
            allowance = MAX if self.rng.random() < 0.8 else 2**200
            self.send(address, reserve.asset, "erc20", "approve", self.market.pool, allowance, gas=200_000)

    # Users

    def supply(self, user: User, reserve: Reserve, amount: int) -> bool:
        self.fund(user.address, reserve, amount)
        done = self.send(user.address, self.market.pool, "pool", "supply", reserve.asset, amount, user.address, 0)
        if done:
            user.supplied.add(reserve.index)
        return done

    def borrow(self, user: User, reserve: Reserve, amount: int, mode: int = VARIABLE, caller: str | None = None) -> bool:
        """Borrow; with a `caller`, that account borrows on behalf of `user`, who delegates the credit first."""
        if caller:
            token = reserve.variable_debt if mode == VARIABLE else reserve.stable_debt
            self.send(user.address, token, "debt", "approveDelegation", caller, amount * 2, gas=300_000)
        done = self.send(caller or user.address, self.market.pool, "pool", "borrow", reserve.asset, amount, mode, 0, user.address)
        if done:
            user.borrowed.add((reserve.index, mode))
        return done

    def repay(self, user: User, reserve: Reserve, mode: int, amount: int) -> bool:
        """Repay; `MAX` repays everything and needs a little more than the debt in hand."""
        self.fund(user.address, reserve, self.debt(user, reserve, mode) + 10 if amount == MAX else amount)
        done = self.send(user.address, self.market.pool, "pool", "repay", reserve.asset, amount, mode, user.address)
        if done and amount == MAX:
            user.borrowed.discard((reserve.index, mode))
        return done

    def repay_with_a_tokens(self, user: User, reserve: Reserve, mode: int, amount: int) -> bool:
        if self.market.is_v2:
            return self.repay(user, reserve, mode, amount)
        return self.send(user.address, self.market.pool, "pool", "repayWithATokens", reserve.asset, amount, mode)

    def withdraw(self, user: User, reserve: Reserve, amount: int) -> bool:
        return self.send(user.address, self.market.pool, "pool", "withdraw", reserve.asset, amount, user.address)

    def use_as_collateral(self, user: User, reserve: Reserve, on: bool) -> bool:
        return self.send(user.address, self.market.pool, "pool", "setUserUseReserveAsCollateral", reserve.asset, on)

    def set_emode(self, user: User, category: int) -> bool:
        if self.market.is_v2:
            return False
        done = self.send(user.address, self.market.pool, "pool", "setUserEMode", category)
        if done:
            user.emode = category
        return done

    def transfer_a_token(self, user: User, reserve: Reserve, to: str, amount: int) -> bool:
        return self.send(user.address, reserve.a_token, "a_token", "transfer", to, amount)

    def swap_rate_mode(self, user: User, reserve: Reserve, mode: int) -> bool:
        """Between stable and variable debt (2.0 and 3.0)."""
        done = self.send(user.address, self.market.pool, "pool", "swapBorrowRateMode", reserve.asset, mode)
        if done:
            user.borrowed.discard((reserve.index, mode))
            user.borrowed.add((reserve.index, 3 - mode))
        return done

    def liquidate(self, user: User, collateral: Reserve, debt: Reserve, receive_a_token: bool, share: float = 1.0) -> bool:
        owed = self.debt(user, debt, VARIABLE) + (self.debt(user, debt, STABLE) if self.market.has_stable_debt else 0)
        cover = MAX if share >= 1 else max(1, int(owed * share))
        self.fund(LIQUIDATOR, debt, owed + 10)
        return self.send(LIQUIDATOR, self.market.pool, "pool", "liquidationCall", collateral.asset, debt.asset, user.address,
                         cover, receive_a_token)

    # The outside world

    def post_price(self, reserve: Reserve, price: int) -> None:
        """A new answer on the reserve's feed."""
        if reserve.fixed:
            return
        reserve.price = price
        self.chain.transact(ADMIN, reserve.feed, assembly.POST + reserve.price.to_bytes(32, "big"), gas=200_000)

    def post_extra_price(self, asset: str, factor: float) -> None:
        """Multiply the price of an eMode's stand-in asset."""
        feed, price = self.market.extra_feeds[asset]
        self.market.extra_feeds[asset][1] = price = max(1, round(price * factor))
        self.chain.transact(ADMIN, feed, assembly.POST + price.to_bytes(32, "big"), gas=200_000)

    def replace_feed(self, reserve: Reserve) -> bool:
        """Give the oracle a new feed for the reserve, with the price of the old one."""
        created = self.chain.transact(ADMIN, None, assembly.feed_creation_code())
        reserve.feed = created.created
        self.post_price(reserve, reserve.price)
        return self.send(ADMIN, self.market.addresses["oracle"], "oracle", "setAssetSources", [reserve.asset], [reserve.feed])

    def donate(self, reserve: Reserve, amount: int) -> bool:
        """Tokens to the aToken that nobody asked for: liquidity that nobody supplied."""
        return self.send(FAUCET, reserve.asset, "erc20", "mint(address,uint256)", reserve.a_token, amount, gas=200_000)

    def rebalance(self, user: User, reserve: Reserve) -> bool:
        """Anybody may set a stable rate anew where the reserve is drained (2.0 only)."""
        return self.send(FAUCET, self.market.pool, "pool", "rebalanceStableBorrowRate", reserve.asset, user.address)

    def configure(self, function: str, *arguments) -> bool:
        return self.send(ADMIN, self.market.addresses["poolConfigurator"], "configurator", function, *arguments)

    # Questions

    def account(self, address: str) -> tuple:
        """The pool's own six numbers at this moment."""
        return self._data.decode(self.chain.view(self.market.pool, self._data(address)).output)

    def balance(self, token: str, address: str) -> int:
        function = self._functions["erc20"]["balanceOf"]
        return function.decode(self.chain.view(token, function(address)).output)

    def debt(self, user: User, reserve: Reserve, mode: int) -> int:
        return self.balance(reserve.variable_debt if mode == VARIABLE else reserve.stable_debt, user.address)
