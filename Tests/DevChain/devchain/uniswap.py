"""Pools of Uniswap V2 and V3 from their real bytecode, for tests of anything that prices by them.

`web3-ethereum-defi` ships Uniswap V3's factory, pools and quoter, and SushiSwap's build of Uniswap V2. Nothing is
deployed until a pool is asked for: a chain without pools is what it was.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from . import payer
from .artifacts import Artifacts
from .errors import INVALID_PARAMS, SERVER, RpcError, of_outcome
from .hashing import parse_address
from .market import ADMIN, Deployer

SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}
LOWEST_RATIO, HIGHEST_RATIO = 4295128739, 1461446703485210103287273052203988822378723970342
TRADE_GAS = 25_000_000


@dataclass
class Pool:
    """One pool or pair. Prices are token1 per token0; tokens are in the pool's own order."""

    kind: str
    address: str
    token0: str
    token1: str
    fee: int
    spacing: int = 0

    def described(self) -> dict:
        return {"kind": self.kind, "pool": self.address, "token0": self.token0, "token1": self.token1, "fee": self.fee,
                "tickSpacing": self.spacing}


class Uniswap:
    """Everything about pools of one chain."""

    def __init__(self, node):
        self.chain = node.chain
        self.market = node.market
        self.v2 = Deployer(self.chain, Artifacts("uniswap-v2"))
        self.v3 = Deployer(self.chain, Artifacts("uniswap-v3"))
        # Tokens of a market of ours carry no rules of Aave's: any version's mock token will do.
        self.erc20 = Deployer(self.chain, Artifacts(getattr(self.market, "rules", "3.2")))
        self.pools: dict[str, Pool] = {}
        self.addresses: dict[str, str] = {}

    # Deployment

    def infrastructure(self) -> dict:
        """Factories, quoter, router and payer; deployed once, and again where a reorganisation took them back."""
        self.chain.flush()
        self.chain.move_to(self.chain.head.number)
        if not self.addresses or not self.chain.world.account(self.addresses["payer"]).code:
            self.pools = {}
            weth = self.v2.create("WETH9Mock")
            v2 = self.v2.create("UniswapV2Factory", ADMIN)
            v3 = self.v3.create("UniswapV3Factory")
            self.v3.send("UniswapV3Factory", v3, "enableFeeAmount", 100, 1)
            self.addresses = {
                "v2Factory": v2, "v2Router": self.v2.create("UniswapV2Router02", v2, weth), "v3Factory": v3,
                "v3Quoter": self.v3.create("QuoterV2", v3, weth), "v3TickLens": self.v3.create("TickLens"),
                "payer": self.v3.create_code(payer.payer_creation_code(), "payer")}
            self.chain.flush()
        return self.addresses

    def token(self, wanted, decimals: int = 18) -> str:
        """A token by the symbol of a reserve or by address, or a new one."""
        if wanted is None:
            return self.erc20.create("MintableERC20", "Pool token", "POOL", decimals)
        for reserve in self.market.reserves:
            if wanted == reserve.spec.symbol:
                return reserve.asset
        return parse_address(wanted)

    def deploy(self, options: dict) -> Pool:
        """A pool or pair with a price; the tokens are put into the pool's order."""
        kind = options.get("kind", "v3")
        self.infrastructure()
        pair = sorted(self.token(options.get(f"token{i}"), int(options.get(f"decimals{i}", 18))) for i in (0, 1))
        if kind == "v2":
            pool = self._pair(pair)
        elif kind == "v3":
            pool = self._pool(pair, options)
        else:
            raise RpcError(INVALID_PARAMS, f"no pools of kind {kind}: v2 or v3")
        self.pools[pool.address] = pool
        if kind == "v2" and "amount0" in options:
            self.mint(pool, options)
        for lower, upper, liquidity in options.get("positions", ()):
            self.mint(pool, {"tickLower": lower, "tickUpper": upper, "liquidity": liquidity})
        self.chain.flush()
        return pool

    def _pair(self, tokens: list) -> Pool:
        factory = self.addresses["v2Factory"]
        self.v2.send("UniswapV2Factory", factory, "createPair", *tokens)
        return Pool("v2", self.v2.read("UniswapV2Factory", factory, "getPair", *tokens), *tokens, 3000)

    def _pool(self, tokens: list, options: dict) -> Pool:
        fee, factory = int(options.get("fee", 3000)), self.addresses["v3Factory"]
        self.v3.send("UniswapV3Factory", factory, "createPool", *tokens, fee)
        address = self.v3.read("UniswapV3Factory", factory, "getPool", *tokens, fee)
        price = int(options["sqrtPriceX96"]) if "sqrtPriceX96" in options else near_ratio(int(options.get("tick", 0)))
        self.v3.send("UniswapV3Pool", address, "initialize", price)
        if "cardinality" in options:
            self.v3.send("UniswapV3Pool", address, "increaseObservationCardinalityNext", int(options["cardinality"]))
        return Pool("v3", address, *tokens, fee, SPACINGS[fee])

    # Use

    def find(self, options: dict) -> Pool:
        found = self.pools.get(parse_address(options["pool"]))
        if found is None:
            raise RpcError(INVALID_PARAMS, f"no pool {options['pool']}")
        return found

    def mint(self, pool: Pool, options: dict) -> list:
        """Liquidity: a range and `liquidity` of V3 (below zero: taken out), or `amount0` and `amount1` of V2."""
        if pool.kind == "v2":
            self._fund(pool, int(options["amount0"]), int(options["amount1"]))
            return [self._send(pool, "mint", self.addresses["payer"])]
        lower, upper, liquidity = (int(options[k]) for k in ("tickLower", "tickUpper", "liquidity"))
        if liquidity < 0:
            return list(self._send(pool, "burn", lower, upper, -liquidity))
        return list(self._send(pool, "mint", self.addresses["payer"], lower, upper, liquidity,
                               payer.tokens(pool.token0, pool.token1)))

    def swap(self, pool: Pool, options: dict) -> list:
        """The signed amounts of token0 and token1 that the pool received.

        `direction` is `0to1` or `1to0`; `amount` goes in, or below zero comes out (V3 only); `limit` is a
        sqrtPriceX96 at which a V3 swap ends.
        """
        amount, first = int(options["amount"]), {"0to1": True, "1to0": False}[options["direction"]]
        if pool.kind == "v2":
            return self._swap_pair(pool, amount, first)
        limit = int(options.get("limit", LOWEST_RATIO + 1 if first else HIGHEST_RATIO - 1))
        return list(self._send(pool, "swap", self.addresses["payer"], first, amount, limit,
                               payer.tokens(pool.token0, pool.token1)))

    def round_trip(self, pool: Pool, options: dict) -> list:
        """A swap of V3 and another that ends at the price before it, in the open block; the amounts of the first."""
        before = self.read(pool, "slot0")[0]
        there = self.swap(pool, options)
        back = {"0to1": "1to0", "1to0": "0to1"}[options["direction"]]
        self.swap(pool, {"amount": 2**200, "direction": back, "limit": before})
        if self.read(pool, "slot0")[0] != before:
            raise RpcError(INVALID_PARAMS, "the pool does not trade back to where it stood")
        return there

    def _swap_pair(self, pool: Pool, amount: int, first: bool) -> list:
        reserves = self.read(pool, "getReserves")
        there, here = (reserves[0], reserves[1]) if first else (reserves[1], reserves[0])
        out = self.v2.read("UniswapV2Router02", self.addresses["v2Router"], "getAmountOut", amount, there, here)
        if not out or here + amount >= 2**112:
            raise RpcError(INVALID_PARAMS, "the pair gives nothing for it" if not out else "the pair cannot hold it")
        self._fund(pool, amount if first else 0, 0 if first else amount)
        self._send(pool, "swap", 0 if first else out, out if first else 0, self.addresses["payer"], b"")
        return [amount, -out] if first else [-out, amount]

    def _fund(self, pool: Pool, amount0: int, amount1: int) -> None:
        for token, amount in ((pool.token0, amount0), (pool.token1, amount1)):
            if amount:
                self.erc20.send("MintableERC20", token, "mint(address,uint256)", pool.address, amount)

    def _artifact(self, pool: Pool):
        return self.v2.artifacts["UniswapV2Pair"] if pool.kind == "v2" else self.v3.artifacts["UniswapV3Pool"]

    def _send(self, pool: Pool, name: str, *arguments):
        """A call of the pool by the payer, and its result."""
        function = self._artifact(pool).functions[name]
        data = payer.forwarded(pool.address, function(*arguments))
        outcome = self.chain.transact(ADMIN, self.addresses["payer"], data, gas=TRADE_GAS)
        if not outcome.ok:
            raise of_outcome(outcome, TRADE_GAS)
        return function.decode(outcome.output) if function.outputs else None

    def read(self, pool: Pool, name: str, *arguments):
        """A view of the pool, in the open block or at the head."""
        function = self._artifact(pool).functions[name]
        outcome = self.chain.view(pool.address, function(*arguments))
        if not outcome.ok:
            raise RpcError(SERVER, f"{name}: {outcome.error}")
        return function.decode(outcome.output)

    def state(self, pool: Pool) -> dict:
        """Where the pool stands."""
        if pool.kind == "v2":
            names = ("reserve0", "reserve1", "blockTimestampLast")
            found = dict(zip(names, map(str, self.read(pool, "getReserves")), strict=True))
            return found | {n: str(self.read(pool, n)) for n in ("price0CumulativeLast", "price1CumulativeLast")}
        slot0 = self.read(pool, "slot0")
        return {"sqrtPriceX96": str(slot0[0]), "tick": slot0[1], "observationIndex": slot0[2],
                "observationCardinality": slot0[3], "liquidity": str(self.read(pool, "liquidity"))}


def near_ratio(tick: int) -> int:
    """√1.0001^tick · 2^96, within a few units of what the contract computes."""
    with localcontext() as context:
        context.prec = 80
        return min(HIGHEST_RATIO - 1, max(LOWEST_RATIO, int((Decimal("1.0001")**tick).sqrt() * 2**96)))
