"""Puts chain, market, population and server together."""

import gc
import json
from dataclasses import dataclass
from pathlib import Path

from . import artifacts, market, spec
from .artifacts import MULTICALL3
from .cache import Cache
from .chain import GENESIS_TIME, Chain
from .control import Control
from .endpoint import Endpoint
from .errors import INVALID_PARAMS, RpcError
from .hashing import keccak
from .methods import Methods
from .population import Population, population
from .steps import Steps
from .world import Account


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

    def __init__(self, options: Options, endpoints: int = 1):
        self.options = options
        self.chain = Chain(options.chain_id, options.fork, options.history)
        # For the control methods, which no fault touches.
        self.methods = Methods(self.chain, options.call_gas_cap)
        self.endpoints = [Endpoint(self, i) for i in range(endpoints)]
        self.market: market.Market | None = None
        self.population: Population | None = None
        self.control: Control | None = None
        self.network_path = None

    def build(self, cache: Cache | None = None) -> bool:
        """Make the chain, or take it from the cache; says whether it was there."""
        built = cache.load(self.options) if cache else None
        if built:
            chain, self.market, self.population = built
            self.chain.__dict__.update(chain.__dict__)
            self.population.chain = self.population.actions.chain = self.chain
        else:
            gc.disable()  # a million small objects and no garbage among them
            try:
                self._make()
            finally:
                gc.enable()
            if cache:
                self.chain.pace = None
                cache.save(self.options, (self.chain, self.market, self.population))
        self.chain.pace = self.population.pace
        self.chain.listeners = [endpoint.hub for endpoint in self.endpoints]
        self.control = Control(self)
        return bool(built)

    def endpoint(self, index) -> Endpoint:
        """One endpoint by number."""
        if type(index) is not int or not 0 <= index < len(self.endpoints):
            raise RpcError(INVALID_PARAMS, f"no endpoint {index}: there are {len(self.endpoints)}, counted from 0")
        return self.endpoints[index]

    def set_faults(self, faults: dict) -> dict:
        """Switch faults on at all endpoints, or at the one that `endpoint` names; returns what is on there."""
        faults = dict(faults)
        index = faults.pop("endpoint", None)
        for endpoint in self.endpoints if index is None else [self.endpoint(index)]:
            endpoint.faults.set(faults)
        return self.endpoints[index or 0].faults.active

    @property
    def dispatcher(self):
        """What answers at the first endpoint."""
        return self.endpoints[0].dispatcher

    @property
    def url(self) -> str | None:
        return self.endpoints[0].url

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
        self.market = market.deploy(self.chain, options.rules, specs, spec.emodes(options.emodes, specs, options.rules), options.seed)
        self.population = population(self.chain, self.market, options.seed)
        self.chain.pace = self.population.pace
        self.population.fill(options.borrowers)
        if options.steps:
            Steps(self.population).run(options.steps)

    def info(self) -> dict:
        """The start-up line."""
        addresses = self.market.addresses
        return {
            "rpc": self.url, "endpoints": [e.url for e in self.endpoints], "chainId": self.options.chain_id,
            "network": self.network_path, "seed": self.options.seed,
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
            "name": "devchain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH",
            "rpc": [e.url for e in self.endpoints],
            "multicall3": self.multicall3,
            "markets": [{"id": "core", "protocol": self.market.protocol, "deployBlock": self.market.deploy_block,
                         "contracts": {"poolAddressesProvider": self.market.addresses["poolAddressesProvider"]}}],
        }

    def publish(self, urls: list, path: str) -> None:
        """Write the network file, now that the addresses are known."""
        self.network_path = str(Path(path).resolve())
        for endpoint, url in zip(self.endpoints, urls, strict=True):
            endpoint.url = url
        target = Path(self.network_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(self.network(), indent=2) + "\n")
