"""The node of a Compound chain: the one of the other chains, with another market behind it."""

import random
from dataclasses import dataclass, field

from .. import artifacts, blockref
from ..control import TOGETHER, Control
from ..errors import INVALID_PARAMS, RpcError
from ..hashing import ZERO_ADDRESS, address_of, keccak
from ..market import ADMIN
from ..node import MULTICALL3, Node, Options
from ..world import Account
from .compiler import digest
from .deployment import FORKS, Deployer
from .population import Population

BORROW = keccak(b"Borrow(address,uint256,uint256,uint256)")
LENDER = "0x5000000000000000000000000000000000000006"
MINT_VAI = keccak(b"MintVAI(address,uint256)")


@dataclass
class CompoundOptions(Options):
    """What a chain is made from; the sources count, since built chains are kept."""

    kind: str = "truncating"
    early: bool = False
    time_based: bool = False
    alone: bool = False
    sources: str = field(default_factory=digest)


class CompoundNode(Node):
    """A populated chain with one comptroller."""

    def build(self, cache=None) -> bool:
        cached = super().build(cache)
        self.control = CompoundControl(self)
        return cached

    def _make(self) -> None:
        options = self.options
        alloc = {ADMIN: Account(balance=10**24)}
        if options.multicall:
            alloc[MULTICALL3] = Account(nonce=1, code=artifacts.multicall3_code())
        self.chain.genesis(alloc, options.genesis_time)
        self.chain.mine(3)
        self.market = Deployer(self.chain, options.seed, options.kind, options.early, options.time_based, options.alone).deploy(options.reserves)
        self.population = Population(self.chain, self.market, options.seed)
        self.chain.pace = self.population.pace
        self.population.fill(options.borrowers)
        if self.market.liquidator:
            for user in self.population.users[::7]:
                self.population.send(ADMIN, "Liquidator", self.market.liquidator, "restrict", user)
            self.chain.flush()
        if options.steps:
            self.population.run(options.steps)

    def info(self) -> dict:
        return {"rpc": self.url, "endpoints": [e.url for e in self.endpoints], "chainId": self.options.chain_id,
                "network": self.network_path, "seed": self.options.seed, "kind": self.options.kind,
                "head": self.chain.head.number, "multicall3": self.multicall3, **self.market.addresses,
                "borrowers": len(self.control.borrowers(self.chain.head)), "deployBlock": self.market.deploy_block}

    def network(self) -> dict:
        market = {"id": "core", "protocol": "compound-v2", "deployBlock": self.market.deploy_block,
                  "contracts": {"comptroller": self.market.comptroller}}
        if self.options.kind in FORKS:
            market["fork"] = FORKS[self.options.kind]
        return {"name": "devchain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH",
                "rpc": [e.url for e in self.endpoints], "multicall3": self.multicall3, "markets": [market]}


class CompoundControl(Control):
    """What tests use to look behind a Compound chain and to move it."""

    def __init__(self, node):
        super().__init__(node)
        for endpoint in node.endpoints:
            endpoint.methods.extra |= {"dev_set": self.set}

    def info(self) -> dict:
        return self.node.info()

    def borrowers(self, block) -> list:
        market = self.node.market
        end = block.first_log + sum(len(r.logs) for r in block.receipts)
        emitters = {m.address for m in market.markets} | ({market.vai} if market.vai else set())
        logs = self.node.chain.logs.find(0, end, emitters, [{BORROW, MINT_VAI}])
        return list(dict.fromkeys(address_of(log.data[:32]) for log in logs))

    def truth(self, ref="latest") -> dict:
        """The comptroller's own answer about every account that ever borrowed, as stored and with all interest accrued."""
        chain, market = self.node.chain, self.node.market
        block = blockref.state(chain, ref)
        world = self.node.methods.caller.enter(block)
        ask, accrue = market.functions["Comptroller"]["getAccountLiquidity"], market.functions["CToken"]["accrueInterest"]
        found: dict = {}
        accounts, gas = self.borrowers(block), self.node.options.call_gas_cap
        for accrued in (False, True):
            for at in range(0, len(accounts), TOGETHER):
                mark = world.begin()
                if accrued:
                    for own in market.markets:
                        world.message(ZERO_ADDRESS, own.address, accrue(), 0, gas)
                for account in accounts[at:at + TOGETHER]:
                    outcome = world.message(ZERO_ADDRESS, market.comptroller, ask(account), 0, gas)
                    found.setdefault(account, []).append(
                        [str(n) for n in ask.decode(outcome.output)] if outcome.ok else None)
                world.discard(mark)
        return {"block": block.number, "accounts": found}

    def step(self, options=None) -> dict:
        options = options or {}
        population = self.node.population
        if "seed" in options:
            population.rng = random.Random(f"step {options['seed']}")
        done = population.run(int(options.get("n", 1)))
        return {"head": self.node.chain.head.number, "actions": done}

    def reorg(self, options=None) -> dict:
        """Take back `depth` blocks and build one more of others, with `n` random actions from `seed` spread over them."""
        options = options or {}
        chain, depth = self.node.chain, int(options.get("depth", 1))
        chain.flush()
        old = chain.head
        if old.number - depth < self.node.market.ready_block:
            raise RpcError(INVALID_PARAMS, f"cannot take back {depth} blocks")
        chain.drop(depth)
        self.node.population.rng = random.Random(f"reorg {options.get('seed', 1)} {old.hash.hex()}")
        for _ in range(depth + 1):
            self.node.population.run(int(options.get("n", 3 * depth)) // (depth + 1))
            chain.mine(1)
        return {"head": chain.head.number}

    def set(self, options: dict) -> dict:
        """One act of an administrator: the price of a market, all cash lent out, a paused borrow, a reserve factor, a broken rate model."""
        population, market = self.node.population, self.node.market.markets[int(options["market"])]
        population.chain.flush()
        if "factor" in options:
            # A thousandth of the price that it was deployed with.
            options = options | {"price": max(1, market.price * int(options["factor"]) // 1000)}
        if "price" in options:
            population.send(ADMIN, "Oracle", population.market.oracle, "post", market.address, int(options["price"]))
        if options.get("drain"):
            population.send(ADMIN, "CToken", market.address, "lendAll", LENDER)
        if "broken" in options:
            population.send(ADMIN, "RateModel", market.model, "setBroken", bool(options["broken"]))
        if options.get("deprecated"):
            population.comptroller(ADMIN, "pauseBorrow", market.address, True)
            population.comptroller(ADMIN, "support", market.address, 0, 0, 10**18)
            population.send(ADMIN, "CToken", market.address, "setReserveFactor", 10**18)
        population.chain.flush()
        return {"head": population.chain.head.number, "market": market.address}
