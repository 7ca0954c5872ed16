"""Puts chain, market, population and server together."""

import json
from dataclasses import dataclass
from pathlib import Path

from . import artifacts, market, spec
from .cache import Cache
from .chain import GENESIS_TIME, Chain
from .control import Control
from .dispatch import Dispatcher
from .faults import Faults
from .hashing import keccak
from .methods import Methods
from .population import Population, population
from .steps import Steps
from .world import Account

MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"


@dataclass
class Options:
    """What a chain is made from. The same options give the same chain, block hash by block hash."""

    rules: str = "3.2"
    seed: int = 1
    borrowers: int = 200
    reserves: int = 6
    emodes: int = 2
    chain_id: int = 31337
    fork: str = "cancun"
    history: int = 128
    steps: int = 0
    wild: bool = False
    multicall: bool = True
    call_gas_cap: int = 50_000_000
    genesis_time: int = GENESIS_TIME


class Node:
    """A populated chain and everything that answers for it."""

    MULTICALL3 = MULTICALL3

    def __init__(self, options: Options):
        self.options = options
        self.chain = Chain(options.chain_id, options.fork, options.history)
        self.methods = Methods(self.chain, options.call_gas_cap)
        self.faults = Faults(self)
        self.dispatcher = Dispatcher(self.methods, self.faults)
        self.market: market.Market | None = None
        self.population: Population | None = None
        self.control: Control | None = None
        self.url = None
        self.network_path = None

    def build(self, cache: Cache | None = None) -> bool:
        """Make the chain, or take it from the cache; says whether it was there."""
        built = cache.load(self.options) if cache else None
        if built:
            chain, self.market, self.population = built
            self.chain.__dict__.update(chain.__dict__)
            self.population.chain = self.population.actions.chain = self.chain
        else:
            self._make()
            if cache:
                self.chain.pace = None
                cache.save(self.options, (self.chain, self.market, self.population))
        self.chain.pace = self.population.pace
        self.control = Control(self)
        return bool(built)

    def _make(self) -> None:
        """Genesis, deployment, population, then the extra steps asked for."""
        options = self.options
        alloc = {market.ADMIN: Account(balance=10**24)}
        for i in range(10):
            alloc["0x" + keccak(b"dev account %d" % i)[-20:].hex()] = Account(balance=10**22)
        if options.multicall:
            alloc[MULTICALL3] = Account(nonce=1, code=artifacts.multicall3_code())
        self.chain.genesis(alloc, options.genesis_time)
        self.chain.mine(3)
        specs = spec.reserves(options.reserves, options.seed, options.rules, options.wild)
        self.market = market.deploy(self.chain, options.rules, specs, spec.emodes(options.emodes, specs, options.rules))
        self.population = population(self.chain, self.market, options.seed)
        self.chain.pace = self.population.pace
        self.population.fill(options.borrowers)
        if options.steps:
            Steps(self.population).run(options.steps)

    def info(self) -> dict:
        """The start-up line."""
        addresses = self.market.addresses
        return {
            "rpc": self.url, "chainId": self.options.chain_id, "network": self.network_path, "seed": self.options.seed,
            "rules": self.options.rules, "head": self.chain.head.number, "pool": addresses["pool"],
            "poolAddressesProvider": addresses["poolAddressesProvider"], "oracle": addresses["oracle"],
            "multicall3": self.multicall3, "borrowers": len(self.control.borrowers(self.chain.head)),
            "deployBlock": self.market.deploy_block,
        }

    @property
    def multicall3(self) -> str | None:
        return MULTICALL3 if self.options.multicall else None

    def network(self) -> dict:
        """The network file that points a scanner here."""
        return {
            "name": "devchain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH", "rpc": [self.url],
            "multicall3": self.multicall3,
            "markets": [{"id": "core", "protocol": "aave-v3", "deployBlock": self.market.deploy_block,
                         "contracts": {"poolAddressesProvider": self.market.addresses["poolAddressesProvider"]}}],
        }

    def publish(self, url: str, path: str) -> None:
        """Write the network file, now that the address is known."""
        self.url, self.network_path = url, str(Path(path).resolve())
        target = Path(self.network_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(self.network(), indent=2) + "\n")
