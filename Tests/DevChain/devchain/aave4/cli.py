"""The command line: a spoke with random accounts, served as the other chains are."""

import argparse
import asyncio
import gc

from .. import artifacts, blockref
from ..artifacts import MULTICALL3
from ..assembly import POST
from ..chain import GENESIS_TIME
from ..cli import serve
from ..control import TOGETHER, Control
from ..errors import INVALID_PARAMS, RpcError
from ..hashing import ZERO_ADDRESS, address_of, keccak
from ..market import ADMIN
from ..node import Node, Options
from ..world import Account
from .market import deploy
from .population import Population

BORROW = keccak(b"Borrow(uint256,address,address,uint256,uint256)")
FIELDS = ("riskPremium", "avgCollateralFactor", "healthFactor", "totalCollateralValue", "totalDebtValueRay",
          "activeCollateralCount", "borrowCount")


class V4Control(Control):
    """The control methods that make sense here."""

    def info(self) -> dict:
        return self.node.info() | {
            "addresses": self.node.market.addresses, "done": dict(self.population.done),
            "reserves": [{"id": r.id, "symbol": r.symbol, "asset": r.asset, "decimals": r.decimals, "feed": r.feed,
                          "price": str(r.price), "hub": r.hub} for r in self.node.market.reserves]}

    def truth(self, ref="latest") -> dict:
        chain, market = self.node.chain, self.node.market
        block = blockref.state(chain, ref)
        world = self.node.methods.caller.enter(block)
        function = market.functions["pool"]["getUserAccountData"]
        found, accounts = {}, self.borrowers(block)
        for at in range(0, len(accounts), TOGETHER):
            mark = world.begin()
            for account in accounts[at:at + TOGETHER]:
                outcome = world.message(ZERO_ADDRESS, market.pool, function(account), 0, self.node.options.call_gas_cap)
                words = [outcome.output[i:i + 32] for i in range(0, 224, 32)]
                found[account] = [str(int.from_bytes(w, "big")) for w in words] if outcome.ok else None
            world.discard(mark)
        return {"block": block.number, "hash": "0x" + block.hash.hex(), "fields": FIELDS, "accounts": found}

    def borrowers(self, block) -> list:
        end = block.first_log + sum(len(r.logs) for r in block.receipts)
        borrows = self.node.chain.logs.find(0, end, {self.node.market.pool}, [{BORROW}])
        return list(dict.fromkeys(address_of(log.topics[3]) for log in borrows))

    def step(self, options=None) -> dict:
        options = options or {}
        if "seed" in options:
            self.population.rng.seed(f"step {options['seed']}")
        done = self.population.steps(int(options.get("n", 1)))
        return {"head": self.node.chain.head.number, "actions": done}

    def setPrice(self, options: dict) -> dict:
        """Post a price on a reserve's feed, by the reserve's number; zero and less make the oracle revert."""
        reserve = self.node.market.reserves[int(options["reserve"])]
        self.node.chain.flush()
        price = int(options["price"])
        self.node.chain.transact(ADMIN, reserve.feed, POST + price.to_bytes(32, "big", signed=True), gas=200_000)
        self.node.chain.close()
        return {"head": self.node.chain.head.number}

    def reorg(self, options=None) -> dict:
        raise RpcError(INVALID_PARAMS, "this chain takes no blocks back")


class V4Node(Node):
    """A populated spoke and everything that answers for it."""

    def __init__(self, options: Options, revision: int, storage: int = 0):
        super().__init__(options)
        self.revision, self.storage = revision, storage

    def build(self, cache=None) -> bool:
        gc.disable()
        try:
            alloc = {ADMIN: Account(balance=10**24), MULTICALL3: Account(nonce=1, code=artifacts.multicall3_code())}
            self.chain.genesis(alloc, self.options.genesis_time)
            self.chain.mine(3)
            self.market = deploy(self.chain, self.options.reserves, self.options.seed, self.revision, self.storage)
            self.population = Population(self.chain, self.market, self.options.seed)
            self.chain.pace = self.population.pace
            self.population.fill(self.options.borrowers)
        finally:
            gc.enable()
        self.chain.listeners = [endpoint.hub for endpoint in self.endpoints]
        self.control = V4Control(self)
        return False

    def info(self) -> dict:
        return {"rpc": self.url, "endpoints": [e.url for e in self.endpoints], "chainId": self.options.chain_id,
                "network": self.network_path, "seed": self.options.seed, "rules": f"v4.{self.revision}",
                "head": self.chain.head.number, "spoke": self.market.pool, "multicall3": self.multicall3,
                "deployBlock": self.market.deploy_block,
                "borrowers": len(self.control.borrowers(self.chain.head))}

    def network(self) -> dict:
        made = {
            "name": "devchain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH",
            "rpc": [e.url for e in self.endpoints], "multicall3": self.multicall3}
        return made | {"markets": [{"id": "main", "protocol": "aave-v4", "deployBlock": self.market.deploy_block,
                                    "contracts": {"spoke": self.market.pool}}]}


def main(arguments=None) -> None:
    """Run the program."""
    made = argparse.ArgumentParser(prog="devchain.aave4", description=__doc__)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--borrowers", type=int, default=100)
    made.add_argument("--reserves", type=int, default=6)
    made.add_argument("--revision", type=int, default=1, help="what SPOKE_REVISION answers")
    made.add_argument("--storage", type=int, default=0, choices=(0, 1, 2), help="1 tells no slots, 2 wrong ones")
    made.add_argument("--network-out")
    made.add_argument("--exit-with-stdin", action="store_true")
    made.add_argument("--quiet", action="store_true")
    given = made.parse_args(arguments)
    given.host, given.port, given.live = "127.0.0.1", 0, None
    options = Options(rules="v4", seed=given.seed, borrowers=given.borrowers, reserves=given.reserves,
                      genesis_time=GENESIS_TIME)
    node = V4Node(options, given.revision, given.storage)
    node.build()
    gc.freeze()
    asyncio.run(serve(node, given))
