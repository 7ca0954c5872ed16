"""The node of the development chain with a Comet in place of Aave."""

from devchain import artifacts, blockref
from devchain.artifacts import MULTICALL3
from devchain.control import Control
from devchain.errors import INVALID_PARAMS, RpcError
from devchain.hashing import ZERO_ADDRESS, keccak
from devchain.market import ADMIN
from devchain.node import Node
from devchain.world import Account

from . import market
from .population import Population


class CometControl(Control):
    """The control methods that know what is on the chain."""

    def info(self) -> dict:
        found = self.node.market
        return self.node.info() | {
            "addresses": found.addresses,
            "assets": [{"symbol": a.symbol, "asset": a.token, "feed": a.feed, "decimals": a.decimals, "price": str(a.price)}
                       for a in [found.base, *found.assets]],
            "oldestState": self.node.chain.oldest_state}

    def borrowers(self, block) -> list:
        return self.population.users

    def truth(self, ref="latest") -> dict:
        """What the Comet says of everybody who owes: principal, isLiquidatable, borrowBalanceOf, and whether absorb works.

        `sales` has getCollateralReserves of every asset that the Comet owns some of, and what 1 whole base buys.
        """
        chain, found = self.node.chain, self.node.market
        block = blockref.state(chain, ref)
        world = self.node.methods.caller.enter(block)
        functions = found.functions["comet"]

        def ask(name, *arguments):
            outcome = world.message(ZERO_ADDRESS, found.comet, functions[name](*arguments), 0, 30_000_000)
            return functions[name].decode(outcome.output) if outcome.ok else None

        accounts = {}
        mark = world.begin()
        for user in self.population.users:
            principal = ask("userBasic", user)[0]
            if principal < 0:
                accounts[user] = [str(principal), ask("isLiquidatable", user), str(ask("borrowBalanceOf", user))]
        sales = {}
        for asset in found.assets:
            left = ask("getCollateralReserves", asset.token)
            if left:
                quote = ask("quoteCollateral", asset.token, found.base.unit)
                sales[asset.token] = [str(left), None if quote is None else str(quote)]
        reserves = str(ask("getReserves"))
        world.discard(mark)
        for user, facts in accounts.items():
            outcome = world.call(ZERO_ADDRESS, found.comet, functions["absorb"](ZERO_ADDRESS, [user]), 0, 30_000_000)
            facts.append(True if outcome.ok else False if b"NotLiquidatable" in outcome.output else None)
        return {"block": block.number, "timestamp": block.header.timestamp, "accounts": accounts, "sales": sales,
                "reserves": reserves}

    def step(self, options=None) -> dict:
        options = options or {}
        if "seed" in options:
            self._draw_from(f"comet step {options['seed']}")
        return {"actions": self.population.run(int(options.get("n", 1))), "head": self.node.chain.head.number}

    def setPrice(self, options: dict) -> dict:
        """Post a price by symbol or address; `broken` makes the feed revert."""
        for asset in [self.node.market.base, *self.node.market.assets]:
            if options["asset"] in (asset.symbol, asset.token):
                self.node.chain.flush()
                self.population.post(asset, int(options["price"]), bool(options.get("broken")))
                self.node.chain.close()
                return {"head": self.node.chain.head.number}
        raise RpcError(INVALID_PARAMS, f"no asset {options['asset']}")


class CometNode(Node):
    """A populated chain with one Comet."""

    def __init__(self, options, endpoints: int, generation: int, assets: int | None, minimum: int | None):
        super().__init__(options, endpoints)
        self.generation, self.assets, self.minimum = generation, assets, minimum

    def build(self, cache=None) -> bool:
        self._make()
        self.chain.listeners = [endpoint.hub for endpoint in self.endpoints]
        self.control = CometControl(self)
        return False

    def _make(self) -> None:
        options = self.options
        alloc = {ADMIN: Account(balance=10**24)}
        for i in range(10):
            alloc["0x" + keccak(b"dev account %d" % i)[-20:].hex()] = Account(balance=10**22)
        if options.multicall:
            alloc[MULTICALL3] = Account(nonce=1, code=artifacts.multicall3_code())
        self.chain.genesis(alloc, options.genesis_time)
        self.chain.mine(3)
        self.market = market.deploy(self.chain, self.generation, options.seed, self.assets, self.minimum)
        self.population = Population(self.chain, self.market, options.seed)
        self.chain.pace = self.population.pace
        self.population.fill(options.borrowers)
        if options.steps:
            self.population.run(options.steps)

    def info(self) -> dict:
        return {
            "rpc": self.url, "endpoints": [e.url for e in self.endpoints], "chainId": self.options.chain_id,
            "network": self.network_path, "seed": self.options.seed, "generation": self.generation,
            "head": self.chain.head.number, "comet": self.market.comet, "multicall3": self.multicall3,
            "deployBlock": self.market.deploy_block}

    def network(self) -> dict:
        return {
            "name": "cometchain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH",
            "rpc": [e.url for e in self.endpoints], "multicall3": self.multicall3,
            "markets": [{"id": "base", "protocol": "compound-v3", "deployBlock": self.market.deploy_block,
                         "contracts": {"comet": self.market.comet}}]}
